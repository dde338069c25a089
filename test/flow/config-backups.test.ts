import { beforeEach, describe, expect, test } from 'vitest';
import { backupConfig } from '../../lib/flow/backup-config.ts';
import { backupIfDue, nextBackup, queueBackups } from '../../lib/flow/backup-schedule.ts';
import { configKeeper } from '../../lib/flow/config-keeper.ts';
import { readInventory } from '../../lib/flow/inventory.ts';
import type { ClusterEvent } from '../../lib/incidents/cluster-event.ts';
import { clusterKind, clusterStream } from '../../lib/incidents/cluster-stream.ts';
import type { InventoryEntry } from '../../lib/inventory/entry.ts';
import type { Message } from '../../lib/queue/queue.ts';
import { err, ok } from '../../lib/result.ts';
import { inventory } from '../playbooks/build-evidence.ts';
import { staged, waiting, well } from './stage.ts';
import { CA_PEM, CLUSTER, CONFIG_INFO, CONFIG_TEXT, refusedByTalos } from './world.ts';

/** The machine config of a node, kept once a day and before it is changed. */
const { world } = staged();
const UUID = inventory.identity.uuid ?? '';
const STREAM = clusterStream(CLUSTER);
const DAY_MS = 86_400_000;
let eventsBefore = 0;
beforeEach(async () => {
  for (const node of ['cp-1', 'cp-2', 'cp-3']) {
    await world().store.write({ do: 'delete', key: { pk: `CONFIG#${CLUSTER}`, sk: node } });
  }
  eventsBefore = (await allEvents()).length;
});
async function allEvents() {
  const all: ClusterEvent[] = [];
  for await (const { body } of world().store.events(STREAM)) all.push(clusterKind.parseEvent(JSON.parse(body)));
  return all;
}
const events = async () => (await allEvents()).slice(eventsBefore);
async function entry(): Promise<InventoryEntry> {
  const found = (await readInventory(world().deps, CLUSTER)).find(({ name }) => name === 'cp-1');
  if (found === undefined) throw new Error('cp-1 is in the inventory');
  return found;
}
const backup = async (because = 'once a day') => backupConfig(world().backingUp('daily'), await entry(), because);
const runs = (active: string, onDisk?: string, machineUuid: string | undefined = UUID) => {
  world().talos.running = ok({ active, onDisk, machineUuid });
};

describe('keeping a config', () => {
  test('once, with an event that holds no value of it', async () => {
    expect(await backup()).toEqual(ok({ kept: 'new', version: 'backup:1' }));
    expect(world().talos.kept).toEqual([
      {
        cluster: CLUSTER,
        node: 'cp-1',
        machineUuid: UUID.toLowerCase(),
        takenAt: '2026-03-01T12:00:00.000Z',
        text: CONFIG_TEXT,
      },
    ]);
    expect(await events()).toMatchObject([
      {
        type: 'config_stored',
        node: 'cp-1',
        data: {
          version: 'backup:1',
          sha256: CONFIG_INFO.sha256,
          machineUuid: UUID.toLowerCase(),
          because: 'once a day',
        },
      },
    ]);
    expect(await backup()).toEqual(ok({ kept: 'unchanged', version: 'backup:1' }));
    expect([world().talos.kept.length, (await events()).length]).toEqual([1, 1]);
  });

  test('again when it changed, when the machine was replaced, and after a month', async () => {
    await backup();
    runs(`${CONFIG_TEXT}# changed\n`);
    expect(await backup()).toEqual(ok({ kept: 'new', version: 'backup:2' }));
    runs(CONFIG_TEXT);
    expect(await backup()).toEqual(ok({ kept: 'new', version: 'backup:3' }));
    runs(CONFIG_TEXT, undefined, '4c4c4544-0042-3510-8052-b4c04f335999');
    expect(await backup()).toEqual(ok({ kept: 'new', version: 'backup:4' }));
    world().forward(30 * DAY_MS - 1);
    expect(await backup()).toMatchObject({ value: { kept: 'unchanged' } });
    world().forward(1);
    expect(await backup()).toEqual(ok({ kept: 'new', version: 'backup:5' }));
  });

  test('takes what the next boot takes, not what is only tried', async () => {
    runs(`${CONFIG_TEXT}# tried\n`, CONFIG_TEXT);
    await backup();
    expect(world().talos.kept.map(({ text }) => text)).toEqual([CONFIG_TEXT]);
  });

  test.for([
    {
      why: 'the node does not answer',
      running: () => err(refusedByTalos('connection_refused')),
      says: 'could not be read',
    },
    {
      why: 'the machine has no UUID',
      running: () => ok({ active: CONFIG_TEXT, onDisk: undefined, machineUuid: undefined }),
      says: 'no UUID of its own',
    },
    {
      why: 'its UUID is that of every board',
      running: () => config(CONFIG_TEXT, '03000200-0400-0500-0006-000700080009'),
      says: 'no UUID of its own',
    },
    {
      why: 'it is one of a worker',
      running: () => config(CONFIG_TEXT.replace('controlplane', 'worker')),
      says: 'one of a worker',
    },
    {
      why: 'it is of another cluster',
      running: () => config(CONFIG_TEXT.replace(Buffer.from(CA_PEM).toString('base64'), 'aHVudGVyMg==')),
      says: 'another CA',
    },
    { why: 'it is none', running: () => config('password: hunter2\n'), says: 'kind is missing' },
  ])('is refused, and said once, when $why', async ({ running, says }) => {
    world().talos.running = running();
    const first = await backup();
    expect(first).toMatchObject({ ok: false, error: expect.stringContaining(says) });
    expect(await backup()).toEqual(first);
    expect(world().talos.kept).toEqual([]);
    expect((await events()).map(({ type, data }) => [type, data])).toEqual([
      ['config_not_stored', { because: first.ok ? '' : first.error }],
    ]);
    expect(JSON.stringify(await events())).not.toMatch(/hunter2|aHVudGVyMg/);
  });
  const config = (active: string, machineUuid: string | undefined = UUID) =>
    ok({ active, onDisk: undefined, machineUuid });

  test('what failed and works again is kept and said', async () => {
    await backup();
    world().talos.running = err(refusedByTalos('connection_refused'));
    await backup();
    runs(CONFIG_TEXT);
    expect(await backup()).toMatchObject({ value: { kept: 'unchanged' } });
    world().talos.running = err(refusedByTalos('connection_refused'));
    await backup();
    expect((await events()).map(({ type }) => type)).toEqual([
      'config_stored',
      'config_not_stored',
      'config_not_stored',
    ]);
  });
});

describe('when a backup is due', () => {
  const NOW = '2026-03-01T12:00:00.000Z';
  const seen = (name: string, triedAt: string, problem = ''): [string, { triedAt: string; problem: string }] => [
    name,
    { triedAt, problem },
  ];
  test.for([
    { why: 'never tried, by name', seen: [], gives: 'cp-1' },
    { why: 'the one that was never tried', seen: [seen('cp-1', '2026-02-01T00:00:00.000Z')], gives: 'cp-2' },
    {
      why: 'the longest ago',
      seen: [seen('cp-1', '2026-02-28T11:00:00.000Z'), seen('cp-2', '2026-02-28T10:00:00.000Z')],
      gives: 'cp-2',
    },
    {
      why: 'none within a day',
      seen: [seen('cp-1', '2026-02-28T12:00:00.001Z'), seen('cp-2', '2026-03-01T11:59:00.000Z')],
      gives: undefined,
    },
    {
      why: 'a failed one after an hour',
      seen: [seen('cp-1', '2026-03-01T11:00:00.000Z', 'silent'), seen('cp-2', '2026-03-01T11:00:00.001Z', 'silent')],
      gives: 'cp-1',
    },
  ])('$why', ({ seen: items, gives }) => {
    expect(nextBackup([{ name: 'cp-2' }, { name: 'cp-1' }], new Map(items), Date.parse(NOW))).toBe(gives);
  });

  test('a sweep asks for one node of each cluster that has backups, and the function does what is due', async () => {
    const sent: Message[] = [];
    const queue = { send: async (message: Message) => void sent.push(message) };
    await queueBackups({ ...world().backingUp('off'), queue, patrolEveryMs: 0 });
    expect(sent).toEqual([]);
    for (let n = 0; n < 5; n += 1) {
      await queueBackups({ ...world().backingUp('daily'), queue, patrolEveryMs: 0 });
      const node = sent[n]?.step.split(':')[1] ?? '';
      if (node !== '') await backupIfDue(world().backingUp('daily'), STREAM, node);
    }
    expect(sent.map((message) => [message.function, message.subject, message.step])).toEqual(
      ['cp-1', 'cp-2', 'cp-3'].map((node) => ['backup', STREAM, `backup:${node}`]),
    );
    expect(world().talos.kept.map(({ node }) => node)).toEqual(['cp-1', 'cp-2', 'cp-3']);
  });

  test('a message that is late, doubled, unknown or no longer wanted does nothing', async () => {
    await backupIfDue(world().backingUp('daily'), STREAM, 'cp-1');
    await backupIfDue(world().backingUp('daily'), STREAM, 'cp-1');
    await backupIfDue(world().backingUp('daily'), STREAM, 'nobody');
    await backupIfDue(world().backingUp('off'), STREAM, 'cp-2');
    expect(world().talos.kept.map(({ node }) => node)).toEqual(['cp-1']);
  });
});

describe('before a change', () => {
  const keeper = (configBackups: 'off' | 'daily') => configKeeper(world().backingUp(configBackups));

  test('the running config is kept where backups are on, and what is in the way is said', async () => {
    expect(await keeper('off').keepBefore(await entry(), well, 'p1')).toBe('');
    expect(await keeper('daily').keepBefore(await entry(), waiting, 'p1')).toBe('');
    expect(await keeper('daily').keepBefore(await entry(), well, 'p1')).toBe('Config kept: backup:1');
    expect(await events()).toMatchObject([{ data: { because: 'before plan p1' } }]);
    world().talos.running = err(refusedByTalos('permission_denied'));
    expect(await keeper('daily').keepBefore(await entry(), well, 'p2')).toContain('The config was not kept: ');
  });

  test('the plan says how the stored config differs from the running one', async () => {
    const drift = async () => keeper('daily').drift(await entry(), well, CONFIG_INFO);
    expect(await drift()).toBe('The stored config is what runs, byte for byte.');
    runs(`# comment\n${CONFIG_TEXT}`);
    expect(await drift()).toBe('The stored config says the same as the running one.');
    runs(CONFIG_TEXT.replace('cluster:', '  token: hunter2\ncluster:'));
    expect(await drift()).toBe('The stored config differs from the running one in 1 place: machine.token.');
    runs(CONFIG_TEXT.replace('cluster:', '  sysctls: {a: b, c: d, e: f, g: h}\ncluster:'));
    expect(await drift()).toBe(
      'The stored config differs from the running one in 4 places: machine.sysctls.a, machine.sysctls.c, machine.sysctls.e and 1 more.',
    );
  });

  test('while nobody can read it, the plan says what ran when it was read last', async () => {
    const drift = async () => keeper('daily').drift(await entry(), waiting, CONFIG_INFO);
    expect(await drift()).toContain('not known: the running config was never read');
    await backup();
    expect(await drift()).toBe('It is what ran on 2026-03-01T12:00:00.000Z.');
    runs(`${CONFIG_TEXT}# changed\n`);
    await backup();
    expect(await drift()).toContain('It is not what ran on 2026-03-01T12:00:00.000Z');
  });

  test('a plan that restores a config names it, and how it stands to what ran last', async () => {
    await backup();
    world().talos.evidence = waiting;
    const id = await world().open();
    const planId = await world().requested(id, 'restore_config');
    const plan = await world().store.get({ pk: `PLAN#${planId}`, sk: 'PLAN' });
    const { details, steps } = JSON.parse(String(plan?.attributes['body']));
    expect(details).toContainEqual({
      label: 'Stored and running',
      text: 'It is what ran on 2026-03-01T12:00:00.000Z.',
    });
    expect(steps[1].request).toMatchObject({ configVersion: CONFIG_INFO.id, configSha256: CONFIG_INFO.sha256 });
  });
});
