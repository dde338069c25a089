import { isCallName, ruleOf } from '../versions/calls.ts';
import { isResourceType, resourceRule } from '../versions/resources.ts';
import type { TalosError } from './talos-error.ts';

/** One sentence or two for a person: what failed, where, and what to look at. No default case: the compiler finds gaps. */
export function describeTalosError({ code, node, source, text }: TalosError): string {
  switch (code) {
    case 'connection_refused':
      return `${node} refuses connections to its Talos API: the host is up, apid does not listen. It may be booting or shutting down.`;
    case 'connection_timeout':
      return `${node} does not answer on its Talos API port. Check power, cable and firewall.`;
    case 'connection_reset':
      return `${node} closed the connection. It may be rebooting, or a load balancer stands in front of it.`;
    case 'no_route':
      return `No route to ${node}. Check power, and the network between here and the node.`;
    case 'handshake_timeout':
      return `${node} accepts connections but does not shake hands. It may be stuck or out of memory.`;
    case 'not_tls':
      return `Something at the address of ${node} answers, but not in TLS. Check the address, and what stands in front of the node.`;
    case 'unreachable':
      return `${node} cannot be reached: ${text || 'no reason given'}.`;
    case 'deadline_exceeded':
      return `${node} did not answer ${source} in time. It may be overloaded or stuck.`;
    case 'unknown_authority':
      return `The certificate of ${node} is not from this cluster's CA: maintenance mode, a node of another cluster, or a rotated CA.`;
    case 'server_certificate_expired':
      return `The certificate of ${node} is outside of its validity. Check the clocks of the node and of this machine.`;
    case 'wrong_server_name':
      return `The certificate of ${node} does not name its address. Add the address to machine.certSANs.`;
    case 'client_certificate_required':
      return `${node} demands a client certificate, and none was sent. A running node of another cluster does this.`;
    case 'client_certificate_refused':
      return `${node} refuses our client certificate. Check that it is from the node's cluster and meant for clients.`;
    case 'client_certificate_expired':
      return `Our client certificate for ${node} has expired. Issue a new talosconfig.`;
    case 'spki_changed':
      return `${node} has another key than the one that was approved: it rebooted, or it is another machine. Nothing was sent.`;
    case 'permission_denied':
      return `${node} does not allow ${source} to our certificate${neededFor(source)}. ${text ? `It says: ${text}.` : ''}`.trim();
    case 'no_forwarding':
      return `${node} does not forward calls. Only control planes do.`;
    case 'not_supported_by_version':
      return `The Talos version of ${node} does not know ${source}.`;
    case 'control_plane_only':
      return `${source} exists on control planes only, and ${node} is none.`;
    case 'not_found':
      return `${node} has nothing at ${source}.`;
    case 'in_maintenance':
      return `${node} is in maintenance mode, where ${source} is not offered.`;
    case 'invalid_config':
      return `${node} refuses the config: ${text || 'no reason given'}.`;
    case 'config_not_known':
      return `The Talos that runs on ${node} does not know ${unknownParts(text)} of this config, and took nothing of it. Take that out, or upgrade ${node} first.`;
    case 'needs_reboot':
      return `${node} does not take this change while it runs: ${text || 'no reason given'}. Apply it with a reboot, or staged.`;
    case 'invalid_request':
      return `${node} refuses ${source} as it was asked: ${text || 'no reason given'}.`;
    case 'install_failed':
      return `The installer failed on ${node}: ${text}. The running system is as it was.`;
    case 'version_not_known':
      return `Medic does not change ${node}: ${text}. It still reads it.`;
    case 'not_offered':
      return `${node} does not offer this: ${text || source}.`;
    case 'not_installed':
      return `Talos is not installed on ${node}, or its system disk is not there.`;
    case 'image_unavailable':
      return `${node} cannot get the installer image: ${text || 'no reason given'}. Check its name and the way to the registry.`;
    case 'etcd_not_ready':
      return `etcd does not allow it now: ${text || 'no reason given'}. All members must run and be healthy first.`;
    case 'busy':
      return `${node} is busy with another change: ${text || 'no reason given'}.`;
    case 'malformed_reply':
      return `${node} answered ${source} in a shape that we do not know: ${text || 'no detail'}.`;
    case 'too_large':
      return `The answer of ${node} to ${source} is larger than we read.`;
    case 'cancelled':
      return `${source} to ${node} was cancelled.`;
    case 'address_not_allowed':
      return `${node} is not dialled: ${text}. Check the inventory and nodeCidrs.`;
    case 'failed':
      return `${source} failed on ${node}: ${text || 'no reason given'}.`;
  }
}

/** Names alone: behind an unknown key anything may stand, also a secret. */
function unknownParts(text: string): string {
  const kinds = [...text.matchAll(/"([A-Za-z]\w{1,60})" "[\w./-]{1,60}": not registered/g)].map(([, kind]) => kind);
  if (kinds.length > 0) return `the kind of document ${kinds.slice(0, MAX_NAMES).join(', ')}`;
  const [, after = ''] = text.split('unknown keys found during decoding');
  const keys = [...after.matchAll(/(?<![\w"'.-])([A-Za-z]\w{1,60}):(?=\s|$)/g)].map(([, key]) => key);
  return keys.length === 0 ? 'some keys' : `the keys ${keys.slice(0, MAX_NAMES).join(' > ')}`;
}
const MAX_NAMES = 6;

/** The role that a call or a resource needs, where it is known. */
function neededFor(source: string): string {
  const [name = ''] = source.split(' ');
  if (isCallName(name)) return `: it needs ${ruleOf(name).role}`;
  return isResourceType(name) && resourceRule(name).sensitiveSince !== undefined ? ': it needs os:admin' : '';
}
