import { CLUSTER, type Cluster } from '../../bench/adversary/machines.ts';
import { SOUND, type Steps } from '../../bench/adversary/medic.ts';
import type { Rule } from '../../bench/adversary/observer.ts';
import { TEAM } from '../../bench/adversary/people.ts';
import { changesNothing } from '../../lib/approvals/plan.ts';
import type { Evidence } from '../../lib/evidence/evidence.ts';
import { act } from '../../lib/flow/act.ts';
import type { Acting } from '../../lib/flow/acting.ts';
import { readInventory, targetOf } from '../../lib/flow/inventory.ts';
import { leaseKey } from '../../lib/flow/keys.ts';
import { readPlan } from '../../lib/flow/read-plan.ts';
import { medic } from '../../lib/incidents/actor.ts';
import type { NewEvent } from '../../lib/incidents/event.ts';
import { incidentKind } from '../../lib/incidents/stream.ts';
import { ok } from '../../lib/result.ts';
import type { Ledger } from '../../lib/store/ledger-types.ts';
import { resetRequest } from '../../lib/talos/requests.ts';
import { etcdStatus, ok as read } from '../playbooks/build-evidence.ts';

type Lie = (evidence: Evidence, cluster: Cluster) => Evidence;
const looks =
  (lie: Lie): Steps['ports'] =>
  (ports, cluster) => {
    const { reader } = ports;
    const collect: typeof reader.collect = async (target, options) =>
      lie(await reader.collect(target, options), cluster);
    return { ...ports, reader: { ...reader, collect } };
  };

function everyoneIsWell(evidence: Evidence): Evidence {
  const { etcdMembers, etcdStatus: status } = evidence.readings;
  if (etcdMembers?.ok !== true || status?.ok !== true) return evidence;
  const others = etcdMembers.value.filter(({ id }) => id !== status.value.memberId);
  const leader = status.value.memberId;
  return {
    ...evidence,
    readings: { ...evidence.readings, etcdStatus: read({ ...status.value, leader, errors: [] }) },
    peers: evidence.peers.map((peer, at) => ({
      ...peer,
      etcdMembers,
      etcdStatus: read({ ...etcdStatus(others[at]?.id ?? '1'), leader }),
      machineStatus: read({ stage: 'running', ready: true }),
    })),
  };
}

function everyoneIsKnown(evidence: Evidence, { entries }: Cluster): Evidence {
  const entry = entries.find(({ name }) => name === evidence.node);
  if (entry === undefined || evidence.readings.systemInformation === undefined) return evidence;
  const { uuid = '', serialNumber = '' } = entry.identity;
  const systemInformation = read({ uuid, serialNumber, manufacturer: 'Synthetic', productName: 'Box' });
  const links = read([]);
  return { ...evidence, readings: { ...evidence.readings, systemInformation, links, disks: read([]) } };
}

function everyBootIsOne(evidence: Evidence): Evidence {
  const { certificate } = evidence.reach;
  if (evidence.reach.mode !== 'maintenance' || certificate === undefined) return evidence;
  return { ...evidence, reach: { ...evidence.reach, certificate: { ...certificate, spki: 'every-boot' } } };
}

const toAnyBoot: Steps['ports'] = (ports, cluster) => ({
  ...looks(everyBootIsOne)(ports, cluster),
  admin: {
    ...ports.admin,
    applyInMaintenance: (target, order) =>
      ports.admin.applyInMaintenance(target, { ...order, spki: cluster.addresses.get(target.address)?.spki ?? '' }),
  },
});

const blindForTries: Steps['ports'] = (ports) => ({
  ...ports,
  admin: {
    ...ports.admin,
    async readConfig(target, order) {
      const running = await ports.admin.readConfig(target, order);
      return running.ok ? ok({ ...running.value, active: running.value.onDisk ?? running.value.active }) : running;
    },
  },
});

function withoutLease(deps: Acting): Acting {
  const isLease = ({ pk }: { readonly pk: string }) => pk.startsWith('LEASE#');
  const change: Ledger['change'] = (kind, stream, decide) =>
    deps.ledger.change(kind, stream, async (state, at) => {
      const { writes = [], ...decision } = await decide(state, at);
      return { ...decision, writes: writes.filter(({ key }) => !isLease(key)) };
    });
  return {
    ...deps,
    ledger: { ...deps.ledger, change },
    items: { ...deps.items, get: async (key) => (isLease(key) ? undefined : deps.items.get(key)) },
  };
}

function withoutIntent(deps: Acting): Acting {
  const change: Ledger['change'] = (kind, stream, decide) =>
    deps.ledger.change(kind, stream, async (state, at) => {
      const decision = await decide(state, at);
      const isIntent = decision.events.some((event) => 'type' in event && event.type === 'step_intended');
      return isIntent ? { events: [], result: decision.result } : decision;
    });
  return { ...deps, ledger: { ...deps.ledger, change } };
}

const voidAndSend: Steps['act'] = async (deps, stream, planId) => {
  const state = await deps.ledger.read(incidentKind, stream);
  const current = state?.plans[planId];
  if (state === undefined || current?.status !== 'approved') return act(deps, stream, planId);
  const frozen = await readPlan(deps, state, current);
  const step = frozen?.plan.steps.find(({ method }) => !changesNothing(method));
  const entry = (await readInventory(deps, state.cluster)).find(({ name }) => name === state.node);
  if (frozen === undefined || step === undefined || entry === undefined) return;
  await deps.ledger.change(incidentKind, stream, () => {
    const base = { actor: medic, cluster: state.cluster, node: state.node, planHash: current.hash };
    const voided: NewEvent = { ...base, type: 'plan_voided', data: { planId, because: 'a test' } };
    return { events: [voided], result: undefined };
  });
  const evidence = await deps.talos.collect(targetOf(entry), { peers: [], mayEnterMaintenance: true });
  await deps.actions[current.action]?.execute(step, frozen.plan, targetOf(entry), { evidence, results: {} });
};

const freeingByTime: Steps['act'] = async (deps, stream, planId) => {
  const startedAt = (await deps.ledger.read(incidentKind, stream))?.plans[planId]?.startedAt;
  const isOld = startedAt !== undefined && deps.now().getTime() > Date.parse(startedAt) + 60_000;
  if (isOld) await deps.items.write({ do: 'delete', key: leaseKey(CLUSTER) });
  return act(deps, stream, planId);
};

function everyoneIsAdmin(deps: Parameters<Steps['deciding']>[0]): Parameters<Steps['deciding']>[0] {
  const user = async (id: string) =>
    ok({ id, name: id, teamId: TEAM, isBot: false, isGuest: false, isDeactivated: false });
  const bindings = [{ users: ['UNOBODY', 'UGUEST', 'UGONE', 'UROBOT', 'UELSEWHERE'], role: 'admin' as const }];
  const clusters = deps.config.clusters.map((one) => ({ ...one, bindings: [...one.bindings, ...bindings] }));
  return { ...deps, config: { ...deps.config, clusters }, users: { user } };
}

const ofWholeDisk: Steps['resetRequest'] = (order) => ({ ...resetRequest(order), systemPartitionsToWipe: [] });

/** Each promise, and a Medic that breaks it. */
export const SABOTAGE: readonly (readonly [rule: Rule, how: string, steps: Steps])[] = [
  ['quorum_lost', 'its looks find every other member well', { ...SOUND, ports: looks(everyoneIsWell) }],
  ['two_at_once', 'it neither takes nor sees a lease', { ...SOUND, acting: withoutLease }],
  ['not_audited_first', 'the intent is never written', { ...SOUND, acting: withoutIntent }],
  ['void_plan', 'it voids the plan, and sends its call all the same', { ...SOUND, act: voidAndSend }],
  ['no_right', 'its desk takes everybody for an admin', { ...SOUND, deciding: everyoneIsAdmin }],
  ['no_partition', 'the message of a reset is empty', { ...SOUND, resetRequest: ofWholeDisk }],
  [
    'other_machine',
    'its looks find the hardware of the inventory everywhere',
    { ...SOUND, ports: looks(everyoneIsKnown) },
  ],
  ['other_machine', 'a config is sent to whichever boot is there', { ...SOUND, ports: toAnyBoot }],
  ['lease_freed', 'a lease is gone after a minute', { ...SOUND, act: freeingByTime }],
  ['try_cancelled', 'it never hears of a config that is tried out', { ...SOUND, ports: blindForTries }],
];
