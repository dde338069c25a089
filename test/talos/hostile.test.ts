import { monitorEventLoopDelay } from 'node:perf_hooks';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Evidence } from '../../lib/evidence/evidence.ts';
import type { Reading } from '../../lib/evidence/reading.ts';
import { Data } from '../../lib/talos/generated/common/common.ts';
import { GetResponse, ListResponse } from '../../lib/talos/generated/cosi/resource/state.ts';
import { ServiceListResponse } from '../../lib/talos/generated/machine/machine.ts';
import { createReader } from '../../lib/talos/reader.ts';
import { addressBlock, type Cluster, makeCluster, targetAt } from './fake-node.ts';
import { besides, encoded, type RawNode, type Replies, startRawNode } from './raw-node.ts';

const address = `${addressBlock()}.1`;
let cluster: Cluster;
let node: RawNode;
beforeAll(async () => {
  cluster = await makeCluster(address.slice(0, address.lastIndexOf('.')));
  node = await startRawNode(cluster, address);
});
afterAll(() => node.close());

/** Whatever a node sends, a sweep ends with evidence in which every reading is a value or a typed error. */
async function sweep(how: Replies): Promise<Evidence> {
  node.replies = how;
  node.cancelled = [];
  const target = targetAt(address, { role: 'controlplane', lastKnownVersion: 'v1.14.0' });
  const loop = monitorEventLoopDelay();
  loop.enable();
  const evidence = await createReader(cluster.access).collect(target, { peers: [], mayEnterMaintenance: true });
  loop.disable();
  expect(loop.max / 1e6, 'the event loop stood still, ms').toBeLessThan(STALLED_MS);
  for (const reading of readingsOf(evidence)) {
    if (!reading.ok) expect(CODES).toContain(reading.error.code);
  }
  expect(JSON.stringify(evidence).length).toBeLessThan(MAX_EVIDENCE_CHARS);
  return evidence;
}
/** Far beyond what a busy machine does to it: only a pattern or a parser that runs away takes that long. */
const STALLED_MS = 6_000;
const MAX_EVIDENCE_CHARS = 80 * 1024 * 1024;
const CODES = [
  'malformed_reply',
  'too_large',
  'deadline_exceeded',
  'not_found',
  'connection_reset',
  'failed',
  'cancelled',
];
const readingsOf = ({ readings: { logs = {}, ...others } }: Evidence): readonly Reading<unknown>[] => [
  ...Object.values(others),
  ...Object.values(logs),
];

const data = (bytes: Uint8Array) => encoded(Data.encode(Data.fromPartial({ bytes })));
const yamlReply = (path: string, yamlSpec: string) => {
  const resource = { metadata: { id: 'x', namespace: 'runtime', type: 'x', version: '1' }, spec: { yamlSpec } };
  return path.endsWith('/Get')
    ? encoded(GetResponse.encode(GetResponse.fromPartial({ resource })))
    : encoded(ListResponse.encode(ListResponse.fromPartial({ resource })));
};
const yamlEverywhere = (yaml: string) =>
  besides((path) => (path.startsWith('/cosi.') ? [yamlReply(path, yaml)] : undefined));

test('random bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 600 }), { minLength: 1, maxLength: 4 }), async (frames) => {
      await sweep(besides(() => frames.map((frame) => Buffer.from(frame))));
    }),
    { numRuns: 12 },
  );
});

test('random bytes for the version too: the node is there, and says nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
      const { reach } = await sweep(() => [Buffer.from(bytes)]);
      expect(reach.mode).toBe('mtls');
    }),
    { numRuns: 12 },
  );
});

const services = {
  messages: [
    {
      metadata: undefined,
      services: Array.from({ length: 5 }, (_, n) => ({
        id: `service-${n}`,
        state: 'Waiting',
        events: { events: [{ msg: 'Waiting for a thing', state: 'Waiting', ts: new Date(0) }] },
        health: { unknown: false, healthy: false, lastMessage: 'x'.repeat(50), lastChange: undefined },
      })),
    },
  ],
};

test('real messages, cut or with bytes changed', async () => {
  const real = encoded(ServiceListResponse.encode(services));
  const changes = fc.record({
    keep: fc.integer({ min: 0, max: real.length }),
    at: fc.array(fc.tuple(fc.nat({ max: real.length - 1 }), fc.nat({ max: 255 })), { maxLength: 6 }),
  });
  await fc.assert(
    fc.asyncProperty(changes, async ({ keep, at }) => {
      const changed = Buffer.from(real);
      for (const [place, byte] of at) changed[place] = byte;
      await sweep(besides(() => [changed.subarray(0, keep)]));
    }),
    { numRuns: 12 },
  );
});

const NESTED = 20_000;
const BOMBS: Readonly<Record<string, string>> = {
  aliases: `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'.replaceAll(
    /./g,
    (c) =>
      `${c}: &${c} [${Array(9)
        .fill(`*${String.fromCharCode(c.charCodeAt(0) - 1)}`)
        .join(',')}]\n`,
  )}`,
  brackets: '['.repeat(NESTED),
  braces: '{a: '.repeat(NESTED),
  dashes: '- '.repeat(NESTED),
  indents: Array.from({ length: 300 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'),
  keys: Array.from({ length: 8_000 }, (_, n) => `k${n}: v`).join('\n'),
  'one key, often': 'stage: running\n'.repeat(8_000),
  'ten megabytes': `stage: ${'x'.repeat(10 * 1024 * 1024)}`,
  tags: 'stage: !!js/function "function () { process.exit(1) }"\nx: !!binary "////"\n',
  merge: 'base: &b {stage: running}\n<<: *b\n',
  prototype: '__proto__: {polluted: yes}\nconstructor: {prototype: {polluted: yes}}\n',
  numbers: 'stage: 1e999999\nsize: 0xffffffffffffffffffff\nat: 2026-02-31\n',
  documents: '---\nstage: a\n---\nstage: b\n',
  nothing: '',
  controls: 'stage: "\\u0000\\u202e\\ud800"\n\u0007',
};

test.for(Object.entries(BOMBS))('YAML: %s', async ([, yaml]) => {
  await sweep(yamlEverywhere(yaml));
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
});

test('YAML with random values', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.json(), fc.string({ maxLength: 400 })), async (yaml) => {
      await sweep(yamlEverywhere(yaml));
    }),
    { numRuns: 12 },
  );
});

const isText = (path: string) => path.endsWith('/Dmesg') || path.endsWith('/Logs');

test('lines of ten megabytes are cut, and say so', async () => {
  const line = data(Buffer.alloc(10 * 1024 * 1024, 'A'));
  const { readings } = await sweep(besides((path) => (isText(path) ? [line] : undefined)));
  expect(readings.kernelLog).toMatchObject({ ok: true, cut: expect.stringContaining('cut at 4096') });
  expect(readings.logs?.['machined']).toMatchObject({ ok: true, cut: expect.stringContaining('cut at 4096') });
});

function* endless(frame: Buffer): Iterable<Buffer> {
  for (;;) yield frame;
}

test('streams without an end are left: enough is enough, and the node hears that we went', async () => {
  const chunk = data(Buffer.from(`${'kern:    info: [2026-11-20T21:00:00Z]: on and on\n'.repeat(600)}`));
  const { readings } = await sweep(
    besides((path) => {
      if (isText(path)) return endless(chunk);
      if (path.endsWith('/Events')) return endless(Buffer.alloc(0));
      return path.endsWith('/List') ? endless(yamlReply(path, 'stage: running\n')) : undefined;
    }),
  );
  for (const reading of [readings.links, readings.volumes, readings.hostnameSpecs]) {
    expect(reading).toMatchObject({
      ok: false,
      error: { code: expect.stringMatching(/^(?:too_large|deadline_exceeded)$/) },
    });
  }
  await expect.poll(() => new Set(node.cancelled).size).toBeGreaterThanOrEqual(3);
}, 90_000);
