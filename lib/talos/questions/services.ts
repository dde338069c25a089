import type { Readings } from '../../evidence/evidence.ts';
import type { ServiceReading, StaticPodReading } from '../../evidence/values.ts';
import { readServices } from '../readings/machine.ts';
import { readContainerLog, readLog } from '../readings/text.ts';
import * as k8s from '../resources/kubernetes.ts';
import { resources } from '../sweep.ts';
import { type Asked, always, controlPlanes, type Question, type Take } from './question.ts';

/** What runs on the machine, and the logs of what is in trouble. */
export const services: readonly Question[] = [
  {
    asks: 'Which services run, which wait and for what; and the logs of those in trouble and of extensions?',
    ...always,
    sources: ['machine.MachineService/ServiceList', 'machine.MachineService/Logs'],
    take: readServicesAndLogs,
  },
  {
    asks: 'Do the static pods of the control plane run; and the logs of those that do not?',
    ...controlPlanes,
    sources: [k8s.staticPodStatus.type, 'machine.MachineService/Logs'],
    take: readStaticPodsAndLogs,
  },
];

/** Logs that are read of every node that offers logs, and how many of those in trouble and of extensions are added. */
const ALWAYS_LOGS = ['machined', 'controller-runtime'];
const MAX_TROUBLED = 4;
/** They have no health check: that one which runs does not work is in its log alone. */
const MAX_EXTENSIONS = 4;

/** Five tell of the last two starts: started, ended, started, ended, started. */
const LAST_EVENTS = 5;

const LOGS = 'machine.MachineService/Logs';

/** Which logs are worth reading depends on the services, so those come first; the standing ones do not wait. */
async function readServicesAndLogs(take: Take, { isMaintenance, role }: Asked): Promise<Readings> {
  const readOne = async (id: string) => [id, await take(`${LOGS} ${id}`, readLog(id))] as const;
  const standing = [
    ...ALWAYS_LOGS,
    ...(isMaintenance ? [] : ['kubelet']),
    ...(!isMaintenance && role === 'controlplane' ? ['etcd'] : []),
  ];
  const standingLogs = Promise.all(standing.map(readOne));
  const found = await take('machine.MachineService/ServiceList', readServices);
  const troubled = found.ok
    ? found.value
        .filter((service) => !standing.includes(service.id) && isTroubled(service))
        .filter(({ state }) => !['Finished', 'Skipped', 'Initialized'].includes(state))
        .slice(0, MAX_TROUBLED)
    : [];
  const extensions = found.ok
    ? found.value
        .filter((one) => one.id.startsWith('ext-') && one.state === 'Running' && !troubled.includes(one))
        .slice(0, MAX_EXTENSIONS)
    : [];
  const more = await Promise.all([...troubled, ...extensions].map(({ id }) => readOne(id)));
  return { services: found, logs: Object.fromEntries([...(await standingLogs), ...more]) };
}

/** One that ends again and again runs for a second in between. */
const isTroubled = ({ state, health, events }: ServiceReading): boolean =>
  state !== 'Running' ||
  health === 'unhealthy' ||
  events.slice(-LAST_EVENTS).filter(({ message }) => message.includes('going to restart')).length > 1;

/** Of a container that does not run the log of its last try is read, under the name `pod:container`. */
async function readStaticPodsAndLogs(take: Take): Promise<Readings> {
  const staticPods = await take(k8s.staticPodStatus.type, resources(k8s.staticPodStatus));
  const troubled = staticPods.ok ? staticPods.value.flatMap(containersInTrouble).slice(0, MAX_TROUBLED) : [];
  if (troubled.length === 0) return { staticPods };
  const read = troubled.map(
    async ({ name, logId }) => [name, await take(`${LOGS} ${name}`, readContainerLog(logId))] as const,
  );
  return { staticPods, logs: Object.fromEntries(await Promise.all(read)) };
}

const containersInTrouble = ({ id, containers }: StaticPodReading): readonly { name: string; logId: string }[] =>
  containers.flatMap(({ name, ready, containerId }) =>
    ready || containerId === '' ? [] : [{ name: `${id}:${name}`, logId: `${id}:${name}:${containerId.slice(0, 12)}` }],
  );
