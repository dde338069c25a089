import { expect, test } from 'vitest';
import type { Evidence } from '../../../lib/evidence/evidence.ts';
import type { Reading } from '../../../lib/evidence/reading.ts';
import { openConnection } from '../../../lib/talos/connection.ts';
import { getResource, listResources, untyped } from '../../../lib/talos/cosi.ts';
import { verified } from '../../../lib/talos/node-policy.ts';
import { isAsked } from '../../../lib/talos/questions/question.ts';
import { questions } from '../../../lib/talos/questions/registry.ts';
import { isReadable, isResourceType, resourceRules } from '../../../lib/versions/resources.ts';
import { isAtLeast } from '../../../lib/versions/talos-version.ts';
import { accessOf } from '../../../local/simulated-access.ts';
import { actingForThisFile } from './client.ts';

/** A reader's certificate and a node that is well: every question that is asked has an answer, in every version. */
const here = actingForThisFile();

const VERSIONS = ['v1.8.4', 'v1.9.6', 'v1.10.7', 'v1.11.5', 'v1.12.11', 'v1.13.9', 'v1.14.0'] as const;
const namesOf = ({ readings: { logs = {}, ...rest } }: Evidence): readonly [string, Reading<unknown>][] => [
  ...Object.entries(rest),
  ...Object.entries(logs).map(([id, reading]): [string, Reading<unknown>] => [`log ${id}`, reading]),
];
const failedIn = (evidence: Evidence) =>
  namesOf(evidence).flatMap(([name, reading]) => (reading.ok ? [] : [`${name}: ${reading.error.code}`]));

test.for(VERSIONS)('Talos %s: a control plane and a worker answer everything that is asked', async (version) => {
  await here.load(version);
  for (const name of ['cp-1', 'w-1']) {
    const evidence = await here.acting.look(name);
    expect(failedIn(evidence), `${name} on ${version}`).toEqual([]);
    const { role } = here.acting.target(name);
    const asked = questions.filter((question) => isAsked(question, { isMaintenance: false, role, version }));
    // every question fills at least one reading, the version is one more
    expect(namesOf(evidence).length).toBeGreaterThan(asked.length);
  }
});

test.for(VERSIONS)('Talos %s: so does a node in maintenance mode, as far as that generation goes', async (version) => {
  await here.world.load(`version: ${version}\nnodes:\n  w-2: { systemDisk: { attachesAfter: [41s, 2s] } }\n`);
  const evidence = await here.acting.reader.collect(here.acting.target('w-2'), {
    peers: [],
    mayEnterMaintenance: true,
  });
  expect(evidence.reach.mode).toBe('maintenance');
  const allowed = isAtLeast(version, '1.10') ? [] : ['version: not_supported_by_version'];
  expect(failedIn(evidence)).toEqual(allowed);
});

test.for(VERSIONS)('Talos %s gives a reader the resources that the table says, and no others', async (version) => {
  await here.load(version);
  const access = await accessOf(here.world.folder, here.world.cluster.world);
  const { address } = here.acting.target('cp-1');
  const connection = openConnection({ node: 'cp-1', tls: verified(access, address, access.reader) });
  const context = { timeoutMs: 8_000, signal: new AbortController().signal, node: 'cp-1' };
  try {
    for (const type of Object.keys(resourceRules).filter(isResourceType)) {
      const listed = await listResources(connection, untyped(type), context);
      expect([type, listed.ok], listed.ok ? '' : listed.error.text).toEqual([type, isReadable(type, version)]);
    }
    const one = await getResource(connection, untyped('MachineStatuses.runtime.talos.dev'), 'machine', context);
    expect(one).toMatchObject({ ok: true, value: { id: 'machine', spec: { stage: 'running' } } });
  } finally {
    connection.close();
  }
});

test('newer than all that is known: read as the newest, and left alone', async () => {
  await here.load('v1.14.0');
  const node = here.world.cluster.state.nodes['w-1'];
  if (node === undefined) throw new Error('no w-1');
  node.physical.version = 'v1.15.0';
  expect(failedIn(await here.acting.look('w-1'))).toEqual([]);
  const order = { mode: 'default', deadlineMs: 8_000 } as const;
  expect(await here.acting.operator.reboot(here.acting.target('w-1'), order)).toMatchObject({
    error: { code: 'version_not_known', isUnsent: true, text: expect.stringContaining('v1.15 is newer than v1.14') },
  });
});
