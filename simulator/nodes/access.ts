import { status } from '@grpc/grpc-js';
import type { NodeState } from './state.ts';
import { minorOf } from './version.ts';

/** A call that Talos refuses: gRPC code and its text. */
export type Refusal = { readonly code: number; readonly details: string };
export const refusal = (code: number, details: string): Refusal => ({ code, details });
export const NOT_AUTHORIZED = refusal(status.PERMISSION_DENIED, 'not authorized');

export const [READER, OPERATOR, ADMIN, BACKUP] = ['os:reader', 'os:operator', 'os:admin', 'os:etcd:backup'];
const ANY = [ADMIN, OPERATOR, READER];

/** Roles that may call a method. Source: talos-api 2.1. */
function rolesFor(method: string, minor: number): readonly string[] {
  switch (method) {
    case 'EtcdMemberList':
      return minor >= 9 ? [...ANY, BACKUP] : ANY;
    case 'EtcdStatus':
    case 'EtcdAlarmList':
      return minor >= 9 ? [...ANY, BACKUP] : [ADMIN, OPERATOR];
    case 'Reboot':
      return [ADMIN, OPERATOR];
    case 'ApplyConfiguration':
      return [ADMIN];
    default:
      return ANY;
  }
}

/** Maintenance mode up to 1.12 is a server of its own that offers next to nothing. Source: talos-api 1.6. */
const OFFERED_UP_TO_1_12 = new Set(['ApplyConfiguration', 'Disks', 'Get', 'List']);
const FOR_SIDEROLINK_UP_TO_1_12 = new Set(['Version']);

/** The node's answer to who asks for what, before it looks at the request. */
export function checkAccess(node: NodeState, method: string, roles: readonly string[]): Refusal | undefined {
  const minor = minorOf(node.physical.version);
  if (node.boot?.api === 'maintenance') {
    if (minor >= 13) return method === 'ApplyConfiguration' ? undefined : denyUnless([READER], rolesFor(method, minor));
    if (OFFERED_UP_TO_1_12.has(method)) return undefined;
    const text = FOR_SIDEROLINK_UP_TO_1_12.has(method)
      ? 'API is not implemented in maintenance mode'
      : `method ${method} not implemented`;
    return refusal(status.UNIMPLEMENTED, text);
  }
  return denyUnless(roles, rolesFor(method, minor));
}

const denyUnless = (roles: readonly string[], allowed: readonly string[]): Refusal | undefined =>
  roles.some((role) => allowed.includes(role)) ? undefined : NOT_AUTHORIZED;
