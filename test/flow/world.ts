import { createHash, randomBytes } from 'node:crypto';
import { adminActions, operatorActions } from '../../lib/actions/registry.ts';
import type { StoredConfigInfo, StoredConfigs } from '../../lib/actions/stored-config.ts';
import { MedicConfig } from '../../lib/config/config.ts';
import type { Evidence } from '../../lib/evidence/evidence.ts';
import { act } from '../../lib/flow/act.ts';
import type { Acting } from '../../lib/flow/acting.ts';
import { configKeeper } from '../../lib/flow/config-keeper.ts';
import type { Deps } from '../../lib/flow/deps.ts';
import { createDesk } from '../../lib/flow/desk.ts';
import { diagnose } from '../../lib/flow/diagnose.ts';
import { writeInventory } from '../../lib/flow/inventory.ts';
import { notify } from '../../lib/flow/notify.ts';
import { preparePlan } from '../../lib/flow/prepare-plan.ts';
import { receive } from '../../lib/flow/receive.ts';
import { expire, release } from '../../lib/flow/release.ts';
import { verify } from '../../lib/flow/verify.ts';
import { dueWork } from '../../lib/incidents/due-work.ts';
import type { IncidentEvent } from '../../lib/incidents/state.ts';
import { incidentKind, incidentStream } from '../../lib/incidents/stream.ts';
import { silentLog } from '../../lib/log.ts';
import type { Playbook } from '../../lib/playbooks/finding.ts';
import { pageUrl } from '../../lib/playbooks/page-url.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { DataKeys } from '../../lib/sealing/data-keys.ts';
import type { Card, SlackError, SlackPort, SlackUser } from '../../lib/slack/slack-port.ts';
import type { ConfigBackups } from '../../lib/stored-configs/config-backups.ts';
import type { RunningConfig, TalosAdmin, TalosOperator } from '../../lib/talos/orders.ts';
import type { Progress, TalosReader } from '../../lib/talos/talos.ts';
import type { TalosError } from '../../lib/talos/talos-error.ts';
import { memoryFactory } from '../factory/memory-factory.ts';
import { inventory } from '../playbooks/build-evidence.ts';
import type { Database } from '../store/database.ts';
import { alertOf, payloadOf } from './alerts.ts';
import { memoryBlobs, memoryVault } from './memory-ports.ts';

export const CLUSTER = 'test';
export const TEAM = 'T1';
export const CA_PEM = '-----BEGIN CERTIFICATE-----\nsynthetic\n-----END CERTIFICATE-----\n';
export const CONFIG_TEXT = [
  'version: v1alpha1',
  'machine:',
  '  type: controlplane',
  `  ca: { crt: ${Buffer.from(CA_PEM).toString('base64')} }`,
  'cluster:',
  '  controlPlane: { endpoint: https://10.0.0.9:6443 }',
  '',
].join('\n');
export const CONFIG_INFO: StoredConfigInfo = {
  id: 'folder:cp-1',
  cluster: CLUSTER,
  node: 'cp-1',
  machineUuid: inventory.identity.uuid ?? '',
  takenAt: '2026-02-20T00:00:00.000Z',
  source: 'synthetic backup',
  sha256: createHash('sha256').update(CONFIG_TEXT).digest('hex'),
};

const lost: TalosError = { code: 'connection_reset', node: 'cp-1', source: 'synthetic', text: 'the reply was lost' };
export const refusedByTalos = (code: TalosError['code']): TalosError => ({ ...lost, code });

export type World = Awaited<ReturnType<typeof createWorld>>;

/** One Medic on the real store, with a node, a Slack and a clock that the test turns. */
export async function createWorld(database: Database) {
  let nowMs = Date.parse('2026-03-01T12:00:00.000Z');
  const store = database.store({ now: () => new Date(nowMs) });
  const talos = fakeTalos(() => new Date(nowMs).toISOString());
  const slack = fakeSlack();
  const blobs = memoryBlobs();
  const vault = memoryVault();
  const own: { playbooks: readonly Playbook[] } = { playbooks: [] };
  const deps: Deps = {
    ownPlaybooks: { names: [], speak: async () => own.playbooks },
    config: MedicConfig.parse({
      slack: { team: TEAM, botUser: 'UBOT', bot: 'BBOT' },
      clusters: [
        {
          name: CLUSTER,
          channel: 'C1',
          playbooks: { default: 'act' },
          bindings: [
            { users: ['UREQUESTER', 'UAPPROVER', 'UGUEST', 'UGONE', 'UELSEWHERE', 'UROBOT'], role: 'admin' },
            { users: ['UOP'], role: 'operator' },
          ],
        },
        { name: 'other', channel: 'C2', playbooks: { default: 'act' }, bindings: [] },
      ],
    }),
    ledger: store,
    items: store,
    blobs,
    now: () => new Date(nowMs),
    newId: () => randomBytes(6).toString('hex'),
    log: silentLog,
  };
  const looking = {
    ...deps,
    talos,
    configs: talos.configs,
    holds: 'yes' as const,
    lookAgainMs: [10_000, 20_000],
  };
  const factory = memoryFactory(['siderolabs/zfs']);
  const ports = {
    operator: talos,
    admin: talos,
    factory: factory.factory,
    configs: talos.configs,
    clusterCaPem: () => CA_PEM,
    keys: KEYS,
    vault,
  };
  /** `configBackups`: as the cluster is configured, off where nobody says it. */
  const backingUp = (configBackups: 'off' | 'daily' = 'off') => {
    const clusters = deps.config.clusters.map((one) => (one.name === CLUSTER ? { ...one, configBackups } : one));
    const { configs, backups } = talos;
    return {
      ...deps,
      config: { ...deps.config, clusters },
      admin: talos,
      configs,
      backups,
      clusterCaPem: () => CA_PEM,
    };
  };
  const acting = (): Acting => {
    return {
      ...looking,
      keeper: configKeeper(backingUp()),
      actions: { ...operatorActions(ports), ...adminActions(ports) },
    };
  };
  for (const n of [1, 2, 3]) {
    const name = `cp-${n}`;
    await writeInventory(deps, {
      ...inventory,
      name,
      hostname: name,
      addresses: [`10.0.0.${n}`],
      identity:
        n === 1 ? inventory.identity : { ...inventory.identity, uuid: `u${n}`, serialNumber: `S${n}`, macs: [] },
    });
  }
  const state = async (id: string) => {
    const found = await store.read(incidentKind, incidentStream(id));
    if (found === undefined) throw new Error(`${id} is not there`);
    return found;
  };
  const events = async (id: string) => {
    const all: IncidentEvent[] = [];
    for await (const { body } of store.events(incidentStream(id))) all.push(incidentKind.parseEvent(JSON.parse(body)));
    return all;
  };
  const step = async (id: string, name: string, planId: string): Promise<void> => {
    const stream = incidentStream(id);
    if (name === 'diagnose') return diagnose(looking, stream);
    const pageOf = pageUrl('https://medic', new Map());
    if (name === 'card')
      return notify({ ...deps, slack, auditUrl: (incident) => `https://medic/${incident}`, pageOf }, stream);
    if (name === 'plan') return preparePlan(acting(), stream, planId);
    if (name === 'act') return act(acting(), stream, planId);
    if (name === 'verify') return verify(looking, stream, planId);
    if (name === 'release') return release(deps, stream, planId);
    return expire(deps, stream, planId);
  };
  /** Does what is due now, until nothing is; what is due later stays. */
  const drain = async (id: string): Promise<void> => {
    for (let rounds = 0; rounds < 60; rounds += 1) {
      const now = new Date(nowMs).toISOString();
      const due = dueWork(await state(id), now).filter(({ notBefore }) => notBefore <= now);
      if (due.length === 0) return;
      for (const { step: name, planId } of due) await step(id, name, planId);
    }
    throw new Error(`${id} never comes to rest`);
  };
  const tokens = {
    clustersOf: (token: string) => ({ mine: [CLUSTER], foreign: ['other'] })[token],
  };
  const post = (
    body: string,
    { token = 'mine', cluster = CLUSTER }: { token?: string; cluster?: string | null } = {},
  ) => receive(deps, tokens, { cluster: cluster ?? undefined, authorization: `Bearer ${token}`, body });
  /** An alert for cp-1 is taken, diagnosed and shown. */
  const open = async (fingerprint = createHash('md5').update(deps.newId()).digest('hex')): Promise<string> => {
    const before = new Set(await store.listed('INCIDENT', 1_000));
    await post(payloadOf([alertOf('firing', { fingerprint })]));
    const stream = (await store.listed('INCIDENT', 1_000)).find((one) => !before.has(one));
    if (stream === undefined) throw new Error('no incident was opened');
    const id = stream.replace('INCIDENT#', '');
    await drain(id);
    return id;
  };
  const desk = createDesk({ ...deps, users: slack });
  const by = (userId: string, teamId = TEAM) => ({ userId, teamId });
  /** Asked for, prepared and confirmed by the requester. */
  const requested = async (id: string, offered: string, user = 'UREQUESTER'): Promise<string> => {
    const asked = await desk.requestPlan(id, offered, by(user));
    if (!asked.ok) throw new Error(asked.error.because);
    await drain(id);
    return asked.value.planId;
  };
  return {
    deps,
    own,
    talos,
    factory,
    slack,
    blobs,
    vault,
    desk,
    by,
    backingUp,
    store,
    state,
    events,
    step,
    drain,
    post,
    open,
    requested,
    forward: (ms: number) => {
      nowMs += ms;
    },
    types: async (id: string) => (await events(id)).map(({ type }) => type),
    /** What the tests before this one left on record of the cluster, beside their incidents. */
    forget: async () => {
      for (const pk of ['LEASE', 'OPEN', 'FREEZE', 'STORM', 'PAST'].map((kind) => `${kind}#${CLUSTER}`)) {
        for (const each of [pk, `${pk}#cp-1`]) {
          for (const { sk } of await store.query(each)) await store.write({ do: 'delete', key: { pk: each, sk } });
        }
      }
    },
    lease: () => store.get({ pk: `LEASE#${CLUSTER}`, sk: 'LEASE' }),
    plan: async (id: string, planId: string) => {
      const found = (await state(id)).plans[planId];
      if (found === undefined) throw new Error(`${planId} is not there`);
      return found;
    },
  };
}

/** `delivered`: the call arrived. What each call does to the world, and to the caller, the test decides. */
function fakeTalos(now: () => string) {
  const calls: string[] = [];
  const world: {
    evidence: Evidence | undefined;
    onCall: (name: string) => undefined | 'lose_reply' | TalosError;
    /** undefined: the event stream cannot be opened. */
    progress: readonly Progress[] | undefined;
    configText: string;
    /** In effect instead, while it is tried out. */
    triedText: string | undefined;
    /** What an administrator reads instead of the text above. */
    running: Result<RunningConfig, TalosError> | undefined;
    configInfo: StoredConfigInfo | undefined;
  } = {
    evidence: undefined,
    onCall: () => undefined,
    progress: [],
    configText: CONFIG_TEXT,
    triedText: undefined,
    configInfo: CONFIG_INFO,
    running: undefined,
  };
  const change = <T>(name: string, value: T): Result<T, TalosError> => {
    const said = world.onCall(name);
    if (said !== undefined && said !== 'lose_reply') return err(said);
    calls.push(name);
    return said === 'lose_reply' ? err(lost) : ok(value);
  };
  const reader: TalosReader = {
    async collect(target) {
      if (world.evidence === undefined) throw new Error('the test chose no evidence');
      return { ...world.evidence, node: target.name, collectedAt: now() };
    },
    async patrol(targets, { take }) {
      for (const target of targets) await take(await reader.collect(target, { peers: [], mayEnterMaintenance: false }));
    },
    async follow() {
      const { progress } = world;
      if (progress === undefined) return err(refusedByTalos('connection_refused'));
      const said = async function* () {
        yield* progress;
      };
      return ok({ progress: said, close: () => {} });
    },
    async *watch() {
      yield { kind: 'complete' };
    },
  };
  const started = { actorId: 'actor-1' };
  const operator: TalosOperator = {
    reboot: async () => change('reboot', started),
    restartService: async (_target, { service }) => change(`restart ${service}`, { says: 'Service restarted' }),
    pullImage: async (_target, { image }) => change(`pull ${image}`, { name: `${image}@sha256:synthetic` }),
    etcdDefragment: async ({ name }) => change(`defragment ${name}`, undefined),
    etcdDisarmAlarms: async ({ name }) => change(`disarm ${name}`, undefined),
    async etcdSnapshot({ name }, { sink }) {
      const content = Buffer.from(`all that etcd on ${name} knows`);
      const taken = await sink.write(content);
      if (!taken.ok) return err({ ...lost, code: 'failed', text: taken.error });
      const sha256 = createHash('sha256').update(content).digest('hex');
      return change(`snapshot ${name}`, { sizeBytes: content.length, sha256 });
    },
  };
  const hasNow = (): RunningConfig => {
    const active = world.triedText ?? world.configText;
    return { active, onDisk: world.configText, machineUuid: inventory.identity.uuid };
  };
  const admin: TalosAdmin = {
    readConfig: async () => world.running ?? ok(hasNow()),
    applyConfig: async (_target, { mode, dryRun, config }) => {
      const applied = { mode: mode.toUpperCase(), modeDetails: 'would be applied', warnings: [] };
      if (dryRun) return ok(applied);
      const before = calls.length;
      const reply = change(`apply ${mode}`, applied);
      if (calls.length > before)
        Object.assign(world, mode === 'try' ? { triedText: config } : { configText: config, triedText: undefined });
      return reply;
    },
    upgrade: async (_target, { image }) => change(`upgrade ${image}`, started),
    installUpgrade: async (_target, { image }) => change(`install ${image}`, { says: ['installed'] }),
    rollback: async () => change('rollback', undefined),
    reset: async (_target, { wipe }) => change(`reset ${wipe}`, started),
    etcdForfeitLeadership: async () => change('forfeit', { newLeader: 'cp-2' }),
    etcdRemoveMember: async ({ name }, { memberId }) => change(`remove ${memberId} by ${name}`, undefined),
    async applyInMaintenance(_target, { spki, dryRun }) {
      const seen = world.evidence?.reach.certificate?.spki;
      if (seen !== spki) return err(refusedByTalos('spki_changed'));
      const applied = { mode: 'AUTO', modeDetails: 'would be applied', warnings: [] };
      return dryRun ? ok(applied) : change('apply', applied);
    },
  };
  const configs: StoredConfigs = {
    list: async () => (world.configInfo === undefined ? [] : [world.configInfo]),
    read: async () => ok(world.configText),
  };
  const kept: Parameters<ConfigBackups['put']>[0][] = [];
  const backups: ConfigBackups = {
    async put(taken) {
      kept.push(taken);
      return ok({ ...CONFIG_INFO, ...taken, id: `backup:${kept.length}` });
    },
  };
  return Object.assign(world, { calls, configs, kept, backups, ...reader, ...operator, ...admin });
}

const person = (id: string, change: Partial<SlackUser> = {}): SlackUser => {
  const name = id.slice(1).toLowerCase();
  return { id, name, teamId: TEAM, isBot: false, isGuest: false, isDeactivated: false, ...change };
};
const PEOPLE = [
  person('UREQUESTER'),
  person('UAPPROVER'),
  person('UOP'),
  person('UNOBODY'),
  person('UGUEST', { isGuest: true }),
  person('UGONE', { isDeactivated: true }),
  person('UELSEWHERE', { teamId: 'T2' }),
  person('UROBOT', { isBot: true }),
];

/** Keeps what was posted; `fail` says what happens to a call, and whether it arrived before. */
function fakeSlack() {
  const cards: { readonly ts: string; card: Card; readonly incidentId: string }[] = [];
  let posted = 0;
  const thread: string[] = [];
  const told = new Set<string>();
  const mentioned: (readonly string[])[] = [];
  const views: string[] = [];
  const answers: string[] = [];
  const control: { fail: (call: string) => 'before' | 'after' | undefined } = { fail: () => undefined };
  const error: SlackError = { code: 'unknown', slackCode: 'no_answer', message: 'no answer' };
  const run = <T>(call: string, does: () => T): Result<T, SlackError> => {
    const fault = control.fail(call);
    if (fault === 'before') return err(error);
    const value = does();
    return fault === 'after' ? err(error) : ok(value);
  };
  const port: SlackPort = {
    postCard: async (_channel, card, { incidentId }) =>
      run('postCard', () => {
        posted += 1;
        const ts = `${posted}.0`;
        cards.push({ ts, card, incidentId });
        return { ts };
      }),
    updateCard: async (_channel, ts, card) => {
      const found = cards.find((one) => one.ts === ts);
      if (found === undefined) return err({ ...error, code: 'refused', slackCode: 'message_not_found' });
      return run('updateCard', () => {
        found.card = card;
      });
    },
    findCard: async (_channel, { incidentId }) =>
      run('findCard', () => cards.find((one) => one.incidentId === incidentId)?.ts),
    postThread: async (_channel, _ts, text, { incidentId, seq }, mentions = []) =>
      run('postThread', () => {
        const isThere = told.has(`${incidentId}#${seq}`); // found by its metadata, as in Slack
        told.add(`${incidentId}#${seq}`);
        if (isThere) return { ts: 't' };
        if (mentions.length > 0) mentioned.push(mentions);
        return { ts: `t${thread.push(text)}` };
      }),
    postEphemeral: async (_channel, user, text) => run('postEphemeral', () => void answers.push(`${user}: ${text}`)),
    updateView: async (externalId) => run('updateView', () => void views.push(externalId)),
    user: async (userId) => {
      const found = PEOPLE.find(({ id }) => id === userId);
      return found ? run('user', () => found) : err({ ...error, code: 'refused', slackCode: 'user_not_found' });
    },
  };
  return Object.assign(control, { cards, thread, mentioned, views, answers, ...port });
}

const KEYS: DataKeys = {
  create: async () => ok({ plain: randomBytes(32), wrapped: 'synthetic', keyId: 'key-1' }),
};
