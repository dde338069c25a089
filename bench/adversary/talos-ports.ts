import type { StoredConfigInfo, StoredConfigs } from '../../lib/actions/stored-config.ts';
import type { Evidence } from '../../lib/evidence/evidence.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { RunningConfig, TalosAdmin, TalosOperator } from '../../lib/talos/orders.ts';
import type { resetRequest } from '../../lib/talos/requests.ts';
import type { NodeTarget, TalosReader } from '../../lib/talos/talos.ts';
import type { TalosError, TalosErrorCode } from '../../lib/talos/talos-error.ts';
import { failed } from '../../test/playbooks/build-evidence.ts';
import { askPeer, lookAtNode } from './looks.ts';
import {
  boot,
  CLUSTER,
  type Cluster,
  configOf,
  elect,
  joinEtcd,
  type Machine,
  nextMoment,
  powerOff,
  sha256,
  uuidOf,
} from './machines.ts';
import type { Call, Observer, Task } from './observer.ts';
import type { Random } from './random.ts';
import type { Process, Scheduler } from './scheduler.ts';

export type Wires = {
  readonly cluster: Cluster;
  readonly scheduler: Scheduler;
  readonly observer: Observer;
  readonly random: Random;
  /** How the message of a reset is made. */
  readonly steps: { readonly resetRequest: typeof resetRequest };
  /** Share of requests that get lost, on each way. */
  readonly loss: number;
};
export type Ports = {
  readonly reader: TalosReader;
  readonly operator: TalosOperator;
  readonly admin: TalosAdmin;
  readonly configs: StoredConfigs;
};

type Order = { readonly deadlineMs: number };
type Asked = Omit<Call, 'target' | 'dryRun' | 'stops'> & Partial<Pick<Call, 'dryRun' | 'stops'>>;

/** Every call of one task to the machines of this world: slow, lossy, and answered by whoever has the address. */
export function talosPorts(wires: Wires, process: Process, task: Task): Ports {
  const { cluster, scheduler, observer, random } = wires;
  const error = (code: TalosErrorCode, { name }: NodeTarget): TalosError => ({
    code,
    node: name,
    source: 'synthetic',
    text: code,
  });
  const nowMs = scheduler.nowMs;

  function reachable(target: NodeTarget, spki: string | undefined): Result<Machine, TalosErrorCode> {
    const machine = cluster.addresses.get(target.address);
    if (machine === undefined || machine.power === 'off') return err('connection_timeout');
    if (spki !== undefined) {
      if (machine.power !== 'maintenance') return err('client_certificate_required');
      return machine.spki === spki ? ok(machine) : err('spki_changed');
    }
    return machine.power === 'running' && machine.owner === 'ours' ? ok(machine) : err('unknown_authority');
  }

  /** It arrives, or not, whatever becomes of whoever sent it; never later than its deadline. */
  async function send<T>(
    target: NodeTarget,
    { deadlineMs }: Order,
    asked: Asked,
    happens: (machine: Machine) => Result<T, TalosErrorCode>,
  ): Promise<Result<T, TalosError>> {
    const call: Call = { dryRun: false, stops: 'nothing', ...asked, target };
    observer.onSend(task, call);
    const isLost = random.chance(wires.loss);
    const onTheWayMs = random.chance(0.1) ? random.int(0, deadlineMs) : random.int(0, Math.min(800, deadlineMs));
    const reply: { value: Result<T, TalosErrorCode> } = { value: err('deadline_exceeded') };
    if (!isLost) {
      scheduler.later(onTheWayMs, () => {
        const there = reachable(target, call.spki);
        if (!there.ok) {
          reply.value = there;
          return;
        }
        observer.onArrive(task, call, there.value);
        reply.value = happens(there.value);
        elect(cluster, nowMs());
      });
    }
    await scheduler.sleep(process, isLost ? deadlineMs : onTheWayMs + 1);
    if (!isLost && random.chance(wires.loss)) return err(error('connection_reset', target));
    return reply.value.ok ? reply.value : err(error(reply.value.error, target));
  }

  const order = (machine: Machine, sequence: string): { readonly actorId: string } => {
    const actorId = `actor-${random.hex(6)}`;
    const id = `${nowMs()}-${machine.sequences.length}`;
    machine.sequences.push({ id, actorId, sequence, action: 'START' });
    return { actorId };
  };
  const restart = (machine: Machine): void => {
    const before = machine.boot;
    powerOff(cluster, machine, nowMs());
    scheduler.later(random.int(20_000, 120_000), () => {
      if (machine.boot !== before || machine.power !== 'off') return;
      boot(cluster, machine, random, nowMs());
    });
  };
  const heal = (machine: Machine, share: number): void => {
    if (random.chance(share)) machine.ailments = [];
  };

  const reader: TalosReader = {
    async collect(target, { peers }) {
      task.lookFrom = nextMoment(cluster);
      const at = scheduler.clockOf(process)().toISOString();
      await scheduler.sleep(process, random.chance(0.05) ? random.int(0, 20_000) : random.int(0, 600));
      const seen = lookAtNode(cluster, target, at, nowMs());
      await scheduler.sleep(process, random.int(0, 600));
      const said = peers.filter(({ name }) => name !== target.name).map((peer) => askPeer(cluster, peer, nowMs()));
      return withGaps({ ...seen, peers: said }, random);
    },
    async patrol() {},
    follow: async (target) => err(error('connection_refused', target)),
    async *watch() {
      yield { kind: 'complete' };
    },
  };

  const operator: TalosOperator = {
    reboot: (target, o) =>
      send(target, o, { method: 'Reboot', stops: 'node' }, (machine) => {
        const started = order(machine, 'reboot');
        heal(machine, 0.8);
        restart(machine);
        return ok(started);
      }),
    restartService: (target, o) =>
      send(target, o, { method: 'ServiceRestart' }, (machine) => {
        machine.kubeletStops.push(new Date(nowMs()).toISOString());
        heal(machine, 0.8);
        return ok({ says: 'Service restarted' });
      }),
    pullImage: async (target) => err(error('image_unavailable', target)),
    etcdDefragment: (target, o) =>
      send(target, o, { method: 'EtcdDefragment', stops: 'etcd' }, (machine) => {
        machine.dbBytes = 50_000_000;
        machine.pausedUntilMs = nowMs() + random.int(500, 5_000);
        heal(machine, 1);
        return ok(undefined);
      }),
    etcdDisarmAlarms: (target, o) => send(target, o, { method: 'EtcdAlarmDisarm' }, () => ok(undefined)),
    async etcdSnapshot(target, { sink }) {
      await scheduler.sleep(process, random.int(0, 2_000));
      if (random.chance(wires.loss)) return err(error('connection_reset', target));
      const content = Buffer.from(`all that etcd on ${target.name} knows`);
      const taken = await sink.write(content);
      if (!taken.ok) return err(error('failed', target));
      return ok({ sizeBytes: content.length, sha256: sha256(content.toString()) });
    },
  };

  const admin: TalosAdmin = {
    async readConfig(target) {
      task.readFrom = nextMoment(cluster);
      await scheduler.sleep(process, random.int(0, 500));
      const there = reachable(target, undefined);
      if (!there.ok) return err(error(there.error, target));
      return ok(configNow(there.value));
    },
    applyConfig: (target, o) => {
      const isTry = o.mode === 'try';
      return send(target, o, { method: 'ApplyConfiguration', dryRun: o.dryRun }, (machine) => {
        machine.tried = undefined; // any apply ends a try
        if (!o.dryRun && isTry) {
          const untilMs = nowMs() + o.revertAfterS * 1000;
          machine.tried = { text: o.config, by: 'medic', untilMs };
          scheduler.later(untilMs - nowMs(), () => {
            if (machine.tried?.untilMs === untilMs) machine.tried = undefined;
          });
        } else if (!o.dryRun) {
          machine.config = o.config;
          heal(machine, 0.8);
        }
        return ok({ mode: o.mode.toUpperCase(), modeDetails: 'applied', warnings: [] });
      });
    },
    applyInMaintenance: (target, o) => {
      // it is installed while nothing is tried out there: there is no config yet
      const asked = { method: 'ApplyConfiguration' as const, dryRun: o.dryRun, spki: o.spki };
      return send(target, o, asked, (machine) => {
        if (!o.dryRun) scheduler.later(random.int(2_000, 20_000), () => install(machine, target, o.config));
        return ok({ mode: 'AUTO', modeDetails: 'applied', warnings: [] });
      });
    },
    upgrade: async (target) => err(error('image_unavailable', target)),
    installUpgrade: async (target) => err(error('install_failed', target)),
    rollback: (target, o) =>
      send(target, o, { method: 'Rollback', stops: 'node' }, (machine) => {
        heal(machine, 0.8);
        restart(machine);
        return ok(undefined);
      }),
    reset: (target, o) => {
      const partitions = wires.steps.resetRequest(o).systemPartitionsToWipe.filter(({ wipe }) => wipe);
      const wipes = partitions.map(({ label }) => label);
      return send(target, o, { method: 'Reset', stops: 'node', wipes }, (machine) => {
        const started = order(machine, 'reset');
        if (o.graceful) cluster.members = cluster.members.filter(({ id }) => id !== machine.memberId);
        machine.memberId = undefined;
        machine.ephemeralUuid = uuidOf(random);
        if (wipes.includes('STATE')) machine.stateUuid = undefined;
        heal(machine, 1);
        restart(machine);
        return ok(started);
      });
    },
    etcdForfeitLeadership: (target, o) =>
      send(target, o, { method: 'EtcdForfeitLeadership' }, (machine) => {
        const heir = cluster.members.find(({ id }) => id !== machine.memberId);
        if (heir !== undefined) cluster.leader = heir.id;
        heal(machine, 1);
        return ok({ newLeader: heir?.name ?? '' });
      }),
    etcdRemoveMember: (target, o) =>
      send(target, o, { method: 'EtcdRemoveMemberByID', memberId: o.memberId }, () => {
        if (!cluster.members.some(({ id }) => id === o.memberId)) return err('not_found');
        cluster.members = cluster.members.filter(({ id }) => id !== o.memberId);
        return ok(undefined);
      }),
  };

  function install(machine: Machine, { name }: NodeTarget, config: string): void {
    if (machine.power !== 'maintenance') return;
    const role = cluster.entries.find((entry) => entry.name === name)?.role ?? 'worker';
    Object.assign(machine, { name, role, owner: 'ours', power: 'running', config });
    machine.stateUuid ??= uuidOf(random);
    if (role === 'controlplane') joinEtcd(cluster, machine);
    elect(cluster, nowMs());
  }

  return { reader, operator, admin, configs: storedConfigs(cluster) };
}

const configNow = ({ config, tried, uuid }: Machine): RunningConfig => ({
  active: tried?.text ?? config,
  onDisk: config,
  machineUuid: uuid,
});

/** One version of each node, taken when all was well. */
function storedConfigs({ entries }: Cluster): StoredConfigs {
  const infos = entries.map(({ name, role, identity }): StoredConfigInfo => {
    const about = { cluster: CLUSTER, node: name, machineUuid: identity.uuid ?? '', source: 'synthetic backup' };
    return {
      ...about,
      id: `folder:${name}`,
      takenAt: '2026-02-20T00:00:00.000Z',
      sha256: sha256(configOf(name, role)),
    };
  });
  return {
    list: async (_cluster, node) => infos.filter((one) => one.node === node),
    async read({ id }) {
      const entry = entries.find(({ name }) => id === `folder:${name}`);
      return entry === undefined ? err('There is none.') : ok(configOf(entry.name, entry.role));
    },
  };
}

/** Now and then a reading, or what one peer says, is missing. */
function withGaps(evidence: Evidence, random: Random): Evidence {
  const { readings, peers } = evidence;
  const names = Object.keys(readings);
  const lost = names.length > 0 && random.chance(0.06) ? random.pick(names) : undefined;
  const mute = peers.length > 0 && random.chance(0.03) ? random.pick(peers).node : undefined;
  return {
    ...evidence,
    readings: lost === undefined ? readings : { ...readings, [lost]: failed('deadline_exceeded') },
    peers: peers.map((peer) =>
      peer.node === mute
        ? { ...peer, etcdStatus: failed('deadline_exceeded'), machineStatus: failed('deadline_exceeded') }
        : peer,
    ),
  };
}
