/**
 * Extensions whose image is called otherwise than their manifest says, or than they were called before. The factory takes
 * both names. Source: siderolabs/image-factory, internal/profile/profile.go, ExtensionNameAlias.
 */
const NAME_OF_IMAGE: Readonly<Record<string, string>> = {
  'siderolabs/v4l-uvc': 'siderolabs/v4l-uvc-drivers',
  'siderolabs/usb-modem': 'siderolabs/usb-modem-drivers',
  'siderolabs/gasket': 'siderolabs/gasket-driver',
  'siderolabs/talos-vmtoolsd': 'siderolabs/vmtoolsd-guest-agent',
  'siderolabs/xe-guest-utilities': 'siderolabs/xen-guest-agent',
  'siderolabs/nvidia-container-toolkit': 'siderolabs/nvidia-container-toolkit-lts',
  'siderolabs/nvidia-open-gpu-kernel-modules': 'siderolabs/nvidia-open-gpu-kernel-modules-lts',
  'siderolabs/nonfree-kmod-nvidia': 'siderolabs/nonfree-kmod-nvidia-lts',
  'siderolabs/nvidia-fabricmanager': 'siderolabs/nvidia-fabric-manager-lts',
  'siderolabs/i915-ucode': 'siderolabs/i915',
  'siderolabs/amdgpu-firmware': 'siderolabs/amdgpu',
};

/**
 * The name as schematics have it (`siderolabs/iscsi-tools`), of any form in which people and nodes name an extension:
 * `iscsi-tools`, `ghcr.io/siderolabs/iscsi-tools:v0.1.6`, with a digest. The version is not part of a schematic.
 */
export function extensionName(text: string): string {
  const [path = ''] = text.trim().toLowerCase().split('@');
  const parts = path.split('/');
  const isHost = parts.length > 1 && /[.:]/.test(parts[0] ?? '');
  const untagged = (isHost ? parts.slice(1) : parts).join('/').replace(/:[^/]*$/, '');
  return untagged === '' || untagged.includes('/') ? untagged : `siderolabs/${untagged}`;
}

const oneName = (text: string): string => {
  const name = extensionName(text);
  return NAME_OF_IMAGE[name] ?? name;
};

/** Whether two names mean one extension. */
export const isSameExtension = (one: string, other: string): boolean => oneName(one) === oneName(other);

/** Under which name a factory that offers these has an extension; undefined: it has none. */
export function offeredAs(text: string, offered: readonly { readonly name: string }[]): string | undefined {
  const exact = offered.find(({ name }) => name === extensionName(text));
  return (exact ?? offered.find(({ name }) => isSameExtension(name, text)))?.name;
}
