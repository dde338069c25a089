import { status } from '@grpc/grpc-js';
import { methodName } from './method-name.ts';
import type { NodeState } from './state.ts';
import { minorOf } from './version.ts';

/** A call that Talos refuses: gRPC code and its text. */
export type Refusal = { readonly code: number; readonly details: string };
export const refusal = (code: number, details: string): Refusal => ({ code, details });
export const NOT_AUTHORIZED = refusal(status.PERMISSION_DENIED, 'not authorized');

export const [READER, OPERATOR, ADMIN, BACKUP] = ['os:reader', 'os:operator', 'os:admin', 'os:etcd:backup'];
const ANY = [ADMIN, OPERATOR, READER];

/** Roles that may call a method. Source: internal/app/machined/pkg/system/services/machined.go. */
function rolesFor(method: string, minor: number): readonly string[] {
  switch (method) {
    case 'EtcdMemberList':
      return minor >= 9 ? [...ANY, BACKUP] : ANY;
    case 'EtcdStatus':
    case 'EtcdAlarmList':
      return minor >= 9 ? [...ANY, BACKUP] : [ADMIN, OPERATOR];
    case 'Reboot':
    case 'Shutdown':
    case 'ServiceRestart':
    case 'EtcdDefragment':
    case 'EtcdAlarmDisarm':
    case 'ImageService.Pull':
      return [ADMIN, OPERATOR];
    case 'EtcdSnapshot':
      return [ADMIN, OPERATOR, BACKUP];
    case 'ApplyConfiguration':
    case 'Reset':
    case 'Rollback':
    case 'Upgrade':
    case 'EtcdForfeitLeadership':
    case 'EtcdRemoveMemberByID':
    case 'LifecycleService.Upgrade':
      return [ADMIN];
    default:
      return ANY;
  }
}

/**
 * Maintenance mode up to 1.12 is a server of its own that offers next to nothing. By path, because a state and a
 * machine both have a List. Source: internal/app/maintenance/server.go.
 */
const OFFERED_UP_TO_1_12 = new Set([
  '/machine.MachineService/ApplyConfiguration',
  '/storage.StorageService/Disks',
  '/cosi.resource.State/Get',
  '/cosi.resource.State/List',
  '/cosi.resource.State/Watch',
]);
const FOR_SIDEROLINK_UP_TO_1_12 = new Set(
  ['Version', 'Upgrade', 'Reset'].map((method) => `/machine.MachineService/${method}`),
);
const REGISTERED_UP_TO_1_12 = new Set(['machine.MachineService', 'storage.StorageService', 'cosi.resource.State']);

function checkMaintenanceUpTo112(path: string, service: string, method: string): Refusal | undefined {
  if (OFFERED_UP_TO_1_12.has(path)) return undefined;
  if (!REGISTERED_UP_TO_1_12.has(service)) return refusal(status.UNIMPLEMENTED, `unknown service ${service}`);
  const text = FOR_SIDEROLINK_UP_TO_1_12.has(path)
    ? 'API is not implemented in maintenance mode'
    : `method ${method} not implemented`;
  return refusal(status.UNIMPLEMENTED, text);
}

/** Services that came with 1.13. */
const SINCE_1_13 = new Set(['machine.ImageService', 'machine.LifecycleService']);

/** The node's answer to who asks for what (`/machine.MachineService/Version`), before it looks at the request. */
export function checkAccess(node: NodeState, path: string, roles: readonly string[]): Refusal | undefined {
  const minor = minorOf(node.physical.version);
  const [, service = '', method = ''] = path.split('/');
  if (minor <= 12 && SINCE_1_13.has(service)) return refusal(status.UNIMPLEMENTED, `unknown service ${service}`);
  const allowed = rolesFor(methodName(path), minor);
  if (node.boot?.api !== 'maintenance') return denyUnless(roles, allowed);
  if (minor <= 12) return checkMaintenanceUpTo112(path, service, method);
  return method === 'ApplyConfiguration' ? undefined : denyUnless([READER], allowed);
}

const denyUnless = (roles: readonly string[], allowed: readonly string[]): Refusal | undefined =>
  roles.some((role) => allowed.includes(role)) ? undefined : NOT_AUTHORIZED;
