import { BlockList, isIP } from 'node:net';
import { err, ok, type Result } from '../result.ts';
import type { ClusterAccess } from './talos.ts';

/** Never a Talos node: this machine, neighbours without a router, the metadata services of clouds, groups. */
const NEVER_IPV4 = blockList([
  '0.0.0.0/8',
  '169.254.0.0/16', // link-local, and the metadata service of most clouds
  '100.100.100.200/32', // metadata: Alibaba Cloud
  '168.63.129.16/32', // wire server: Azure
  '192.0.0.192/32', // metadata: Oracle Cloud
  '224.0.0.0/3', // multicast, reserved, broadcast
]);
/** A list of its own, because Node lets an IPv4 address match the range of its disguises. */
const NEVER_IPV6 = blockList([
  '::/128',
  '::ffff:0:0/96', // IPv4 in disguise
  '64:ff9b::/96', // IPv4 through NAT64
  'fe80::/10',
  'ff00::/8',
  'fd00:ec2::/32', // metadata: AWS
]);
const LOOPBACK = blockList(['127.0.0.0/8', '::1/128']);

/**
 * Whether this address may be dialled at all; the error is one sentence. Addresses come from the inventory or from
 * nodes themselves, both of which somebody may have poisoned. The port is never part of it: it is fixed per cluster.
 */
export function mayDial(
  address: string,
  { nodeCidrs, isSimulated }: Pick<ClusterAccess, 'nodeCidrs' | 'isSimulated'>,
): Result<void, string> {
  const family = familyOf(address);
  if (family === undefined || address.includes('%')) return err(`${address} is not an IP address`);
  if ((family === 'ipv4' ? NEVER_IPV4 : NEVER_IPV6).check(address, family)) {
    return err(`${address} is an address that no node can have`);
  }
  if (LOOPBACK.check(address, family) && !isSimulated) return err(`${address} is this machine itself`);
  if (!blockList(nodeCidrs).check(address, family)) return err(`${address} is outside of the cluster's nodeCidrs`);
  return ok(undefined);
}

/** A CIDR that cannot be read allows nothing. */
function blockList(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [network = '', prefix = '', ...rest] = cidr.split('/');
    const family = familyOf(network);
    const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
    if (family === undefined || rest.length > 0 || !(bits <= (family === 'ipv4' ? 32 : 128))) continue;
    list.addSubnet(network, bits, family);
  }
  return list;
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const family = isIP(address);
  if (family === 0) return undefined;
  return family === 4 ? 'ipv4' : 'ipv6';
}
