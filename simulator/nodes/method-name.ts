/** Services whose methods share a name with one of the machine service's. */
const QUALIFIED: ReadonlySet<string> = new Set(['machine.ImageService', 'machine.LifecycleService']);

/** What faults, roles and the journal call a method: `Reboot`, but `LifecycleService.Upgrade`. */
export function methodName(path: string): string {
  const [, service = '', method = ''] = path.split('/');
  return QUALIFIED.has(service) ? `${service.slice(service.indexOf('.') + 1)}.${method}` : method;
}
