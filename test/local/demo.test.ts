import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Items } from '../../lib/store/ledger-types.ts';
import type { TalosReader } from '../../lib/talos/talos.ts';
import { createDemo, type Demo } from '../../local/demo.ts';

/** A cluster without nodes, and a Medic that takes alerts: both write down what they are told, in its order. */
let told: string[];
let isBroken: boolean;
let server: Server;
let folder: string;
let demo: Demo;
beforeEach(async () => {
  told = [];
  isBroken = false;
  folder = mkdtempSync(join(tmpdir(), 'medic-demo-'));
  server = createServer((request, response) => {
    bodyOf(request)
      .then((text) => {
        const [status, body] = answer(request.url ?? '', JSON.parse(text || '{}'));
        response.writeHead(status).end(JSON.stringify(body));
      })
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  const base = `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`;
  demo = createDemo({
    world: {
      cluster: 'demo',
      control: base,
      controlToken: 'token',
      factory: base,
      pid: 1,
      port: 1,
      nodeCidr: '',
      nodes: [],
    },
    deps: { items: NOTHING_KEPT, now: () => new Date('2026-11-20T03:12:07Z') },
    reader: NOBODY_ASKED,
    live: { targets: () => [], refresh: async () => {} },
    alertsUrl: `${base}/alerts`,
    alertToken: 'token',
    firingFile: join(folder, 'firing.json'),
  });
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

type Told = { readonly name?: string; readonly before?: boolean; readonly status?: string };
function answer(path: string, { name, before, status }: Told): readonly [number, unknown] {
  if (path === '/scenarios')
    return [200, ['one', 'two'].map((one) => ({ name: one, summary: '', heading: '', isWell: false }))];
  told.push(path === '/alerts' ? `alerts ${status}` : `${name}${before ? ' before' : ''}`);
  if (path === '/alerts') return [202, {}];
  return isBroken ? [500, {}] : [200, { alerts: [{ labels: { alertname: `${name}` } }] }];
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) text += String(part);
  return text;
}

const NOTHING_KEPT: Items = {
  get: async () => undefined,
  query: async () => [],
  write: async () => 'written',
  listed: async () => [],
  open: async () => [],
};
const unexpected = () => {
  throw new Error('there is no node to ask');
};
const NOBODY_ASKED: TalosReader = { collect: unexpected, follow: unexpected, watch: unexpected, patrol: unexpected };

test('of two scenarios at once the second waits until the first is there with its alerts', async () => {
  const both = await Promise.all([demo.load('one'), demo.load('two')]);
  expect(both).toEqual([1, 1].map((alerts) => ({ ok: true, value: { alerts, status: 202 } })));
  expect(told).toEqual(['one before', 'one', 'alerts firing', 'two before', 'two', 'alerts firing']);
});

test('a resolve that is asked for during a load follows it', async () => {
  const loading = demo.load('one');
  expect(await demo.resolve()).toBe(1);
  await loading;
  expect(told).toEqual(['one before', 'one', 'alerts firing', 'alerts resolved']);
});

test('a load that fails keeps nobody waiting', async () => {
  isBroken = true;
  const failing = demo.load('one').catch((error: unknown) => String(error));
  expect(await demo.load('three')).toMatchObject({ ok: false, error: expect.stringContaining('no scenario "three"') });
  expect(await failing).toContain('/scenario answered 500');
});
