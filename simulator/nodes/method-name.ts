import { imageService, lifecycleService, machineChanges } from '../../lib/talos/changing-methods.ts';
import { cosiState, machineService, storageService, timeService } from '../../lib/talos/methods.ts';

/** Services whose methods share a name with one of the machine service's. */
const QUALIFIED: ReadonlySet<string> = new Set(['machine.ImageService', 'machine.LifecycleService']);

/** What faults, roles and the journal call a method: `Reboot`, but `LifecycleService.Upgrade`. */
export function methodName(path: string): string {
  const [, service = '', method = ''] = path.split('/');
  return QUALIFIED.has(service) ? `${service.slice(service.indexOf('.') + 1)}.${method}` : method;
}

const SERVICES = [
  machineService,
  machineChanges,
  imageService,
  lifecycleService,
  cosiState,
  storageService,
  timeService,
];

/** Everything that a node answers to. */
export const METHOD_NAMES: readonly string[] = [
  ...new Set(SERVICES.flatMap((service) => Object.values(service).map(({ path }) => methodName(path)))),
].sort();
