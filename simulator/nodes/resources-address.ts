import { activeConfigOf } from './active-config.ts';
import { linkAddresses } from './link-addresses.ts';
import { hasNetwork } from './node-time.ts';
import { podCidrOf } from './pod-network.ts';
import { bootOf } from './record.ts';
import { one, type ResourceSource } from './resource.ts';
import type { NodeState } from './state.ts';
import { minorOf } from './version.ts';

/** Every node is in a /24; the pods' bridge is there while the kubelet runs. */
const own = (node: NodeState): readonly string[] => linkAddresses(node).map(({ address }) => address);

function ofPods(node: NodeState): readonly string[] {
  if (bootOf(node).services['kubelet']?.state !== 'Running') return [];
  const [network = ''] = podCidrOf(node).split('/');
  return [`${network}/32`, `${network.replace(/\.0$/, '.1')}/24`];
}

/** `default` is the first address only; the filters of Kubernetes are there once there is a config. */
const nodeAddresses: ResourceSource = ({ node }) => {
  const sorted = minorOf(node.physical.version) >= 9 ? { sortAlgorithm: 'v1' } : {};
  const ids = ['current', 'accumulative', 'routed'];
  const all = [
    ['default', own(node).slice(0, 1)] as const,
    ...ids.map((id) => [id, [...own(node), ...ofPods(node)]] as const),
    ...(activeConfigOf(node) === undefined ? [] : ids).flatMap((id) => [
      [`${id}-no-k8s`, own(node)] as const,
      [`${id}-only-k8s`, ofPods(node)] as const,
    ]),
  ];
  return all.map(([id, addresses]) => one('network', id, { addresses, ...sorted }));
};

const addressStatuses: ResourceSource = ({ node }) => {
  const pods = ofPods(node).map((address, n) => ({
    linkName: n === 0 ? 'flannel.1' : 'cni0',
    linkIndex: 5 + n,
    address,
  }));
  const outside = linkAddresses(node).map(({ link, index, address }) => ({
    linkName: link,
    linkIndex: index,
    address,
  }));
  const priority = minorOf(node.physical.version) >= 10 ? { priority: 0 } : {};
  return [{ linkName: 'lo', linkIndex: 1, address: '127.0.0.1/8' }, ...outside, ...pods].map(
    ({ linkName, linkIndex, address }) => {
      const local = address.slice(0, address.indexOf('/'));
      const scope = linkName === 'lo' ? 'host' : 'global';
      const spec = { address, local, linkIndex, linkName, family: 'inet4', scope, flags: 'permanent', ...priority };
      return one('network', `${linkName}/${address}`, spec);
    },
  );
};

/** What links should have: those that the config names need not be there. */
const addressSpecs: ResourceSource = ({ node }) => {
  const { links } = node.physical.hardware;
  const [uplink] = links;
  const leased = own(node).slice(0, node.boot?.addressLostAt === undefined ? 1 : 0);
  const configured = (activeConfigOf(node)?.interfaces ?? []).flatMap(({ name, hardwareAddress, addresses }) => {
    const link = name ?? links.find(({ mac }) => mac === hardwareAddress)?.name;
    return link === undefined ? [] : addresses.map((address) => ({ address, link, layer: 'configuration' }));
  });
  const specs = [
    { address: '127.0.0.1/8', link: 'lo', layer: 'default' },
    ...leased.map((address) => ({ address, link: uplink?.name ?? 'eth0', layer: 'operator' })),
    ...configured,
  ];
  return specs.map(({ address, link, layer }) => {
    const scope = link === 'lo' ? 'host' : 'global';
    const spec = { address, linkName: link, family: 'inet4', scope, flags: 'permanent', layer };
    return one('network', `${link}/${address}`, spec);
  });
};

/** Source: DefaultPrimaryResolver and DefaultSecondaryResolver in pkg/machinery/constants/constants.go. */
const DEFAULT_NAMESERVERS = ['1.1.1.1', '8.8.8.8'];

const resolvers: ResourceSource = ({ node }) => {
  if (!hasNetwork(node)) return [];
  const configured = activeConfigOf(node)?.nameservers ?? [];
  const dnsServers = configured.length === 0 ? DEFAULT_NAMESERVERS : configured;
  const spec = { dnsServers, ...(minorOf(node.physical.version) >= 9 ? { searchDomains: [] } : {}) };
  return [one('network', 'resolvers', spec, { owner: 'network.ResolverSpecController' })];
};

export const addressResources: Readonly<Record<string, ResourceSource>> = {
  'NodeAddresses.net.talos.dev': nodeAddresses,
  'AddressSpecs.net.talos.dev': addressSpecs,
  'AddressStatuses.net.talos.dev': addressStatuses,
  'ResolverStatuses.net.talos.dev': resolvers,
};
