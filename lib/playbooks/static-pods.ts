import type { StaticPodReading } from '../evidence/values.ts';

/** `kube-system/kube-apiserver-cp-1`: the only pod that every control plane renders; the other two can be switched off. */
const API_SERVER = /(^|\/)kube-apiserver(-|$)/;
export const isApiServer = ({ id }: Pick<StaticPodReading, 'id'>): boolean => API_SERVER.test(id);

/** Pods that do not run or have a container that is not ready, as the kubelet reports them. */
export const brokenStaticPods = (pods: readonly StaticPodReading[]): readonly StaticPodReading[] =>
  pods.filter(({ phase, containers }) => !FINE.has(phase) || containers.some(({ ready }) => !ready));
/** Empty: the kubelet said none. */
const FINE: ReadonlySet<string> = new Set(['Running', '']);
