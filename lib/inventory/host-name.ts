/** Names that Talos makes up: from the node's identity, or from its address. Source: siderolabs/talos#10105. */
const FROM_IDENTITY = /^talos-[0-9a-z]{3}-[0-9a-z]{3}$/;
const FROM_ADDRESS = /^talos-\d{1,3}-\d{1,3}-\d{1,3}-\d{1,3}$/;
export const isGeneratedName = (name: string): boolean => {
  const short = shortName(name);
  return FROM_IDENTITY.test(short) || FROM_ADDRESS.test(short);
};

/** A short name and an FQDN of the same host are one name. */
export const shortName = (name: string): string => name.toLowerCase().split('.')[0] ?? '';
