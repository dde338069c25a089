import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { diagnoseCommand } from '../../cli/diagnose.ts';
import { probeCommand } from '../../cli/probe.ts';
import type { Command } from '../../cli/usage.ts';
import type { Fault } from '../../simulator/nodes/scenario-schema.ts';
import { type Simulated, simulate } from '../simulator/simulated.ts';

let simulated: Simulated;
beforeAll(async () => {
  simulated = await simulate();
});
afterAll(() => simulated.end());
afterEach(() => vi.restoreAllMocks());

const Said = z.looseObject({
  code: z.string().optional(),
  says: z.string().optional(),
  version: z.string().optional(),
  reach: z
    .looseObject({ mode: z.string(), error: z.object({ code: z.string(), message: z.string() }).optional() })
    .optional(),
  findings: z.array(z.looseObject({ code: z.string(), summary: z.string() })).optional(),
});

async function run(command: Command, ...args: readonly string[]) {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await command([...args, '--talosconfig', join(simulated.folder, 'talosconfig-reader'), '--json']);
  return Said.parse(JSON.parse(String(log.mock.lastCall?.[0])));
}
const addressOf = (name: string) => simulated.cluster.world.nodes.find((node) => node.name === name)?.address ?? '';
const probe = (node: string) => run(probeCommand, addressOf(node));
const diagnose = (node: string) => run(diagnoseCommand, '--node', addressOf(node));

/** Connections of this process, both ends of them, because the simulated nodes live in it too. */
const connections = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
const SENTENCE = /^[A-Z0-9].{15,}[.:]$/s;

const VERSIONS = ['v1.8.4', 'v1.9.6', 'v1.11.5', 'v1.12.11', 'v1.13.9', 'v1.14.0'] as const;

test.for(VERSIONS)('Talos %s: a running worker, a control plane, and a node in maintenance mode', async (version) => {
  const text = `version: ${version}\nnodes: { w-2: { systemDisk: { attachesAfter: [41s, 2s] } } }\n`;
  await simulated.load(text);
  const before = connections();
  expect(await probe('w-1')).toMatchObject({ code: 'answers', version });
  expect(await probe('w-2')).toMatchObject({ code: 'maintenance', says: expect.stringMatching(SENTENCE) });
  for (const name of ['w-1', 'cp-1']) {
    const { reach, findings = [] } = await diagnose(name);
    expect(reach?.mode).toBe('mtls');
    expect(findings.map(({ code }) => code)).toEqual(['healthy']);
  }
  const waiting = await diagnose('w-2');
  expect(waiting.reach?.mode).toBe('maintenance');
  expect(waiting.findings?.[0]?.summary).toMatch(SENTENCE);
  await expect.poll(connections).toBeLessThanOrEqual(before);
});

type Expected = { readonly probe: string; readonly reach: string };
const FAULTS: readonly (readonly [Fault, Expected])[] = [
  [{ fault: 'refuse' }, { probe: 'connection_refused', reach: 'silent' }],
  [{ fault: 'hang' }, { probe: 'handshake_timeout', reach: 'silent' }],
  [
    { fault: 'hang', method: 'Version' },
    { probe: 'deadline_exceeded', reach: 'mtls' },
  ],
  [
    { fault: 'slow', method: 'Version' },
    { probe: 'answers', reach: 'mtls' },
  ],
  [
    { fault: 'drop', method: 'Version' },
    { probe: 'connection_reset', reach: 'silent' },
  ],
  [
    { fault: 'drop', method: 'Dmesg' },
    { probe: 'answers', reach: 'mtls' },
  ],
  [{ fault: 'wrong_certificate' }, { probe: 'client_certificate_required', reach: 'refused' }],
  [{ fault: 'expired_certificate' }, { probe: 'server_certificate_expired', reach: 'refused' }],
  [{ fault: 'role_denied' }, { probe: 'permission_denied', reach: 'refused' }],
  [{ fault: 'locked' }, { probe: 'answers', reach: 'mtls' }],
  [{ fault: 'malformed' }, { probe: 'malformed_reply', reach: 'mtls' }],
  [
    { fault: 'huge', method: 'Version' },
    { probe: 'answers', reach: 'mtls' },
  ],
];

test.for(FAULTS)(
  '$0: named by both commands, within their deadlines, and nothing stays open',
  async ([fault, wanted]) => {
    await simulated.load('healthy');
    await simulated.cluster.setFault('w-1', fault);
    const before = connections();
    const probed = await probe('w-1');
    expect(probed.code).toBe(wanted.probe);
    expect(probed.says).toMatch(SENTENCE);
    const { reach, findings = [] } = await diagnose('w-1');
    expect(reach?.mode).toBe(wanted.reach);
    if (reach?.error) expect(reach.error.message).toMatch(SENTENCE);
    expect(findings.length).toBeGreaterThan(0);
    for (const { summary } of findings) expect(summary).toMatch(SENTENCE);
    await expect.poll(connections).toBeLessThanOrEqual(before);
  },
);
