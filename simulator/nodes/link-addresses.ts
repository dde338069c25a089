import { activeConfigOf } from './active-config.ts';
import type { NodeState } from './state.ts';

export type LinkAddress = { readonly link: string; readonly index: number; readonly address: string };

/**
 * What its links have from outside: the address that is leased, on the first one, and those that the machine config
 * gives to links that are there, by their name or by their hardware address.
 */
export function linkAddresses(node: NodeState): readonly LinkAddress[] {
  const { links } = node.physical.hardware;
  const [uplink] = links;
  const leased = { link: uplink?.name ?? 'eth0', index: 2, address: `${node.address}/24` };
  const configured = (activeConfigOf(node)?.interfaces ?? []).flatMap(({ name, hardwareAddress, addresses }) => {
    const at = links.findIndex((link) => link.name === name || link.mac === hardwareAddress);
    const link = links[at];
    return link === undefined ? [] : addresses.map((address) => ({ link: link.name, index: at + 2, address }));
  });
  return [...(node.boot?.addressLostAt === undefined ? [leased] : []), ...configured];
}
