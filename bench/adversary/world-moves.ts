import { boot, elect, joinEtcd, type Machine, markWorld, newMachine, powerOff } from './machines.ts';
import type { Scene } from './scene.ts';

/** The change, as the world makes it, and what of it nobody at work could have seen before. */
const WORLD: Readonly<Record<string, (scene: Scene, machine: Machine) => string>> = {
  'power off': ({ shared }, machine) => {
    markWorld(shared.cluster, 'etcd', 'boot');
    powerOff(shared.cluster, machine, shared.scheduler.nowMs());
    return `${machine.name} loses power`;
  },
  'power on': ({ shared, random }, machine) => {
    if (machine.power !== 'off') return `${machine.name} has power`;
    markWorld(shared.cluster, 'etcd', 'boot');
    boot(shared.cluster, machine, random, shared.scheduler.nowMs());
    return `${machine.name} boots`;
  },
  reboot: ({ shared, random }, machine) => {
    markWorld(shared.cluster, 'etcd', 'boot');
    boot(shared.cluster, machine, random, shared.scheduler.nowMs());
    return `somebody has rebooted ${machine.name}`;
  },
  'wipe STATE': ({ shared, random }, machine) => {
    markWorld(shared.cluster, 'etcd', 'boot', 'config');
    machine.stateUuid = undefined;
    boot(shared.cluster, machine, random, shared.scheduler.nowMs());
    return `somebody has wiped STATE of ${machine.name}`;
  },
  try: ({ shared }, machine) => {
    if (machine.power !== 'running') return `${machine.name} does not run`;
    markWorld(shared.cluster, 'config');
    const untilMs = shared.scheduler.nowMs() + 600_000;
    machine.tried = { text: `${machine.config}# tried out\n`, by: 'world', untilMs };
    shared.scheduler.later(600_000, () => {
      if (machine.tried?.untilMs === untilMs) machine.tried = undefined;
    });
    return `somebody tries a config out on ${machine.name}`;
  },
  'swap addresses': ({ shared, random }, machine) => {
    const { addresses } = shared.cluster;
    const [from] = [...addresses].find(([, there]) => there === machine) ?? [];
    const to = random.pick([...addresses.keys()]);
    const other = addresses.get(to);
    if (from === undefined || other === undefined) return 'nobody moves';
    markWorld(shared.cluster, 'identity', 'etcd');
    addresses.set(from, other);
    addresses.set(to, machine);
    return `${machine.name} and ${other.name} change their addresses`;
  },
  replace: ({ shared, random }, machine) => {
    const { cluster, scheduler } = shared;
    const address = [...cluster.addresses].find(([, there]) => there === machine)?.[0];
    if (address === undefined) return 'nobody is replaced';
    markWorld(cluster, 'identity', 'etcd', 'boot');
    powerOff(cluster, machine, scheduler.nowMs());
    const fresh = newMachine(random, scheduler.nowMs(), machine.name, machine.role);
    fresh.ailments = [...machine.ailments];
    const as = random.pick(['ours', 'foreign', 'maintenance'] as const);
    if (as === 'foreign') fresh.owner = 'foreign';
    if (as === 'maintenance') Object.assign(fresh, { owner: 'nobody', power: 'maintenance', stateUuid: undefined });
    cluster.machines.push(fresh);
    cluster.addresses.set(address, fresh);
    if (as === 'ours' && fresh.role === 'controlplane') joinEtcd(cluster, fresh);
    elect(cluster, scheduler.nowMs());
    return `another machine (${as}) has the address of ${machine.name}`;
  },
};

/** Others at work, power cuts and new hardware: none of it asks Medic. */
export async function world(scene: Scene): Promise<string> {
  const { shared, random } = scene;
  const machine = random.pick(shared.cluster.machines);
  const what = random.pick([
    'power off',
    'swap addresses',
    'power off',
    'power on',
    'power on',
    'reboot',
    'wipe STATE',
    'try',
    'try',
    'swap addresses',
    'replace',
  ]);
  return WORLD[what]?.(scene, machine) ?? what;
}
