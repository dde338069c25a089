import { createHash } from 'node:crypto';
import type { ActionName, Parameters } from '../../lib/approvals/action-name.ts';
import type { SequenceReading } from '../../lib/evidence/values.ts';
import type { InventoryEntry, NodeRole } from '../../lib/inventory/entry.ts';
import type { Random } from './random.ts';

export const CLUSTER = 'test';
export const VERSION = 'v1.13.2';
export const CA_PEM = '-----BEGIN CERTIFICATE-----\nsynthetic\n-----END CERTIFICATE-----\n';

/** What ails a machine, as the playbook of this test reads it from the kernel log, and what it suggests for it. */
export type Ailment = { readonly action: ActionName; readonly parameters: Parameters };

/** One machine as it really is, whatever anybody believes. `name`: that of its config. */
export type Machine = {
  readonly uuid: string;
  readonly serial: string;
  readonly mac: string;
  readonly wwid: string;
  name: string;
  role: NodeRole;
  /** Whose CA it trusts; a machine without a config trusts nobody. */
  owner: 'ours' | 'foreign' | 'nobody';
  power: 'off' | 'maintenance' | 'running';
  /** Counts boots. */
  boot: number;
  bootTimeS: number;
  spki: string;
  config: string;
  tried: { readonly text: string; readonly by: 'medic' | 'world'; readonly untilMs: number } | undefined;
  stateUuid: string | undefined;
  ephemeralUuid: string;
  memberId: string | undefined;
  /** Until when etcd rewrites its file, and answers nobody. */
  pausedUntilMs: number;
  dbBytes: number;
  sequences: SequenceReading[];
  ailments: Ailment[];
  /** When the kubelet was stopped by order, ISO. */
  kubeletStops: string[];
};

export type Member = { readonly id: string; readonly name: string; readonly uuid: string; readonly address: string };

/** The truth: machines, where they can be reached, who votes. */
export type Cluster = {
  readonly entries: readonly InventoryEntry[];
  readonly machines: Machine[];
  readonly addresses: Map<string, Machine>;
  members: Member[];
  lastMemberId: number;
  leader: string;
  /** The last change that others than Medic made, by what it touches; as a count of moments. */
  moment: number;
  readonly worldChanged: Record<'etcd' | 'identity' | 'boot' | 'config', number>;
};

export const configOf = (name: string, role: NodeRole): string =>
  [
    'version: v1alpha1',
    'machine:',
    `  type: ${role}`,
    `  ca: { crt: ${Buffer.from(CA_PEM).toString('base64')} }`,
    `  network: { hostname: ${name} }`,
    'cluster:',
    '  controlPlane: { endpoint: https://10.0.0.9:6443 }',
    '',
  ].join('\n');

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export const uuidOf = (random: Random): string => [8, 4, 4, 4, 12].map((length) => random.hex(length)).join('-');

export function newMachine(random: Random, nowMs: number, name: string, role: NodeRole): Machine {
  const id = random.hex(6);
  return {
    uuid: uuidOf(random),
    serial: `SN-${id}`,
    mac: `b0:83:fe:${id.slice(0, 2)}:${id.slice(2, 4)}:${id.slice(4, 6)}`,
    wwid: `naa.600508b1001c0000${random.hex(16)}`,
    name,
    role,
    owner: 'ours',
    power: 'running',
    boot: 1,
    bootTimeS: Math.floor(nowMs / 1000) - 86_400,
    spki: spkiOf(random),
    config: configOf(name, role),
    tried: undefined,
    stateUuid: uuidOf(random),
    ephemeralUuid: uuidOf(random),
    memberId: undefined,
    pausedUntilMs: 0,
    dbBytes: 100_000_000,
    sequences: [],
    ailments: [],
    kubeletStops: [],
  };
}

const spkiOf = (random: Random): string => Buffer.from(random.hex(16)).toString('base64');

export function newCluster(random: Random, nowMs: number): Cluster {
  const names = [
    ...Array.from({ length: random.pick([1, 3, 3, 3, 5]) }, (_, n) => ({
      name: `cp-${n + 1}`,
      role: 'controlplane' as const,
    })),
    ...Array.from({ length: random.int(0, 4) }, (_, n) => ({ name: `w-${n + 1}`, role: 'worker' as const })),
  ];
  const cluster: Cluster = {
    entries: [],
    machines: [],
    addresses: new Map(),
    members: [],
    lastMemberId: 1000,
    leader: '0',
    moment: 0,
    worldChanged: { etcd: 0, identity: 0, boot: 0, config: 0 },
  };
  const entries = names.map(({ name, role }, n): InventoryEntry => {
    const machine = newMachine(random, nowMs, name, role);
    const address = `10.0.0.${n + 1}`;
    cluster.machines.push(machine);
    cluster.addresses.set(address, machine);
    if (role === 'controlplane') joinEtcd(cluster, machine);
    return {
      cluster: CLUSTER,
      name,
      role,
      addresses: [address],
      hostname: name,
      identity: {
        uuid: machine.uuid,
        serialNumber: machine.serial,
        macs: [machine.mac],
        systemDiskWwid: machine.wwid,
        nodeId: `node-id-${name}`,
      },
      version: VERSION,
      schematic: 'schematic-a',
      statePartitionUuid: machine.stateUuid,
      boots: [{ bootTimeS: machine.bootTimeS, seenAt: new Date(nowMs).toISOString() }],
      etcdName: role === 'controlplane' ? name : undefined,
      baseline: undefined,
      seenAt: new Date(nowMs).toISOString(),
    };
  });
  elect(cluster, nowMs);
  return { ...cluster, entries };
}

export const quorumOf = (members: number): number => Math.floor(members / 2) + 1;

export const addressOf = ({ addresses }: Cluster, machine: Machine): string | undefined =>
  [...addresses.entries()].find(([, there]) => there === machine)?.[0];

/** Members that vote at this moment; `without`: a machine that is taken away. */
export const healthyMembers = (cluster: Cluster, nowMs: number, without?: Machine): readonly Member[] =>
  cluster.members.filter(({ id, uuid }) => {
    const machine = cluster.machines.find((one) => one.uuid === uuid);
    const runs = machine?.power === 'running' && machine.owner === 'ours' && machine.memberId === id;
    return runs && machine !== without && machine.pausedUntilMs <= nowMs;
  });

export const hasQuorum = (cluster: Cluster, nowMs: number): boolean =>
  healthyMembers(cluster, nowMs).length >= quorumOf(cluster.members.length);

/** The leader stays while it can; without a quorum there is none. */
export function elect(cluster: Cluster, nowMs: number): void {
  const healthy = healthyMembers(cluster, nowMs);
  if (healthy.length < quorumOf(cluster.members.length)) cluster.leader = '0';
  else if (!healthy.some(({ id }) => id === cluster.leader)) cluster.leader = healthy[0]?.id ?? '0';
}

/** As Talos does on its own at every boot: a member of before starts again, a new one asks to be let in. */
export function joinEtcd(cluster: Cluster, machine: Machine): void {
  const known = cluster.members.find(({ id }) => id === machine.memberId);
  if (known !== undefined || machine.memberId !== undefined) return;
  // etcd takes nobody in under a name that a dead member has still
  if (cluster.members.some(({ name }) => name === machine.name)) return;
  cluster.lastMemberId += 1;
  const id = String(cluster.lastMemberId);
  machine.memberId = id;
  cluster.members = [
    ...cluster.members,
    { id, name: machine.name, uuid: machine.uuid, address: addressOf(cluster, machine) ?? '' },
  ];
}

/** What is tried out ends with the boot; a machine without STATE waits for a config. */
export function boot(cluster: Cluster, machine: Machine, random: Random, nowMs: number): void {
  machine.boot += 1;
  machine.bootTimeS = Math.floor(nowMs / 1000);
  machine.spki = spkiOf(random);
  machine.sequences = [];
  machine.kubeletStops = [];
  machine.tried = undefined;
  machine.power = machine.stateUuid === undefined ? 'maintenance' : 'running';
  if (machine.stateUuid === undefined) machine.owner = 'nobody';
  if (machine.power === 'running' && machine.role === 'controlplane' && machine.owner === 'ours')
    joinEtcd(cluster, machine);
  elect(cluster, nowMs);
}

export function powerOff(cluster: Cluster, machine: Machine, nowMs: number): void {
  machine.power = 'off';
  machine.tried = undefined;
  elect(cluster, nowMs);
}

/** A moment later than every one before. */
export function nextMoment(cluster: Cluster): number {
  cluster.moment += 1;
  return cluster.moment;
}

export function markWorld(cluster: Cluster, ...what: readonly (keyof Cluster['worldChanged'])[]): void {
  const now = nextMoment(cluster);
  for (const each of what) cluster.worldChanged[each] = now;
}
