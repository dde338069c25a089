import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import { textDiff } from './text-diff.ts';

/** What may change without a reboot up to 1.13. Source: v1alpha1_runtime.go, CanApplyImmediate. */

type Values = Readonly<Record<string, unknown>>;
const asValues = (value: unknown): Values =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};

const TOP = ['debug', 'cluster'];
const MACHINE =
  'ca acceptedCAs time certSANs install network sysfs sysctls logging controlPlane kubelet kernel registries pods seccompProfiles nodeLabels nodeAnnotations nodeTaints'.split(
    ' ',
  );
const FEATURES = ['kubernetesTalosAPIAccess', 'kubePrism', 'hostDNS'];
const FEATURES_SINCE_1_9 = ['imageCache', 'nodeAddressSortAlgorithm'];

/** `after` with what may differ taken back, in the order of `before`. */
function masked(before: Values, after: Values, keys: readonly string[]): Record<string, unknown> {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const entries = names.map((name): [string, unknown] => [name, (keys.includes(name) ? before : after)[name]]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** The diff of what needs a reboot, undefined where nothing does. Both are v1alpha1 documents. */
export function changeForReboot(before: Values, after: Values, minor: number): string | undefined {
  const fresh = masked(before, after, TOP);
  const [oldMachine, newMachine] = [asValues(before['machine']), asValues(after['machine'])];
  const machine = masked(oldMachine, newMachine, MACHINE);
  if (oldMachine['features'] !== undefined && newMachine['features'] !== undefined) {
    const features = minor >= 9 ? [...FEATURES, ...FEATURES_SINCE_1_9] : FEATURES;
    machine['features'] = masked(asValues(oldMachine['features']), asValues(newMachine['features']), features);
  }
  fresh['machine'] = machine;
  if (isDeepStrictEqual(before, fresh)) return undefined;
  return textDiff(stringify(before, { lineWidth: 0 }), stringify(fresh, { lineWidth: 0 }));
}
