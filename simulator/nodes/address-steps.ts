import { stopServices } from './boot-services.ts';
import { linkAddresses } from './link-addresses.ts';
import { bootOf, controller, service, talos } from './record.ts';
import { beginService } from './service-steps.ts';
import type { NodeState } from './state.ts';
import { after, type Next } from './step.ts';

/** An address that is leased comes, and may go again. */
const KUBELET_UP_MS = 4_000;

export function addressesCome(node: NodeState, at: number): Next[] {
  for (const { link, address } of linkAddresses(node)) {
    talos(node, at, 'assigned address', controller('network.AddressSpecController', { address, link }));
  }
  const { link = '' } = linkAddresses(node)[0] ?? {};
  const route = { destination: 'default', gateway: gatewayOf(node), table: 'main', link };
  talos(node, at, 'created route', controller('network.RouteSpecController', route));
  const { losesAddress } = node.physical.uplink ?? {};
  return losesAddress === undefined ? [] : [after(losesAddress.every, { kind: 'address_is_lost' })];
}

const gatewayOf = ({ address }: NodeState): string => address.replace(/\.\d+$/, '.1');

/** The kubelet is stopped with the address that it was told to use. */
export function addressIsLost(node: NodeState, at: number): Next[] {
  const boot = bootOf(node);
  const { losesAddress } = node.physical.uplink ?? {};
  if (losesAddress === undefined) return [];
  const [lost] = linkAddresses(node);
  boot.addressLostAt = at;
  boot.isNetworkReady = false;
  talos(node, at, 'removed address', controller('network.AddressSpecController', { ...lost }));
  const isBack = after(losesAddress.for, { kind: 'address_is_back' });
  if (boot.services['kubelet']?.state !== 'Running') return [isBack];
  stopServices(node, at, ['kubelet']);
  return [isBack, ...beginService(node, at, 'kubelet', KUBELET_UP_MS)];
}

export function addressIsBack(node: NodeState, at: number): Next[] {
  const boot = bootOf(node);
  delete boot.addressLostAt;
  boot.isNetworkReady = true;
  const next = addressesCome(node, at);
  if (boot.services['kubelet']?.state !== 'Waiting') return next;
  service(node, at, 'kubelet', 'Failed', 'Condition failed: context canceled');
  return [...next, ...beginService(node, at, 'kubelet', KUBELET_UP_MS)];
}
