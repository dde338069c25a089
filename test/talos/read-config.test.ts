import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { createAdmin } from '../../lib/talos/admin.ts';
import { targetAt } from './fake-node.ts';
import { nodesForThisFile } from './nodes-for-this-file.ts';

const here = nodesForThisFile();
const TYPE = 'MachineConfigs.config.talos.dev';
const CONFIG = 'version: v1alpha1\nmachine:\n  token: "a: b" # kept\n---\nkind: KmsgLogConfig\n';
const resource = (id: string, text: string) => ({ id, yaml: stringify(text) });
async function read(tag: string, resources: readonly { id: string; yaml: string }[], access = here.cluster.access) {
  const node = await here.startVersion(tag, { resources: { [TYPE]: [...resources] } });
  return createAdmin(access).readConfig(targetAt(node.address), { deadlineMs: 5_000 });
}

test('the config comes back byte for byte, what is in effect and what is on disk', async () => {
  const staged = CONFIG.replace('a: b', 'c');
  expect(await read('v1.13.2', [resource('v1alpha1', CONFIG), resource('persistent', staged)])).toEqual({
    ok: true,
    value: { active: CONFIG, onDisk: staged },
  });
});

test.for([{ tag: 'v1.9.6' }, { tag: 'v1.10.0' }])('$tag without a resource for the disk says so', async ({ tag }) => {
  expect(await read(tag, [resource('v1alpha1', CONFIG)])).toEqual({
    ok: true,
    value: { active: CONFIG, onDisk: undefined },
  });
});

test.for([
  { why: 'a mapping', yaml: 'a: b\n' },
  { why: 'nothing', yaml: '""\n' },
  { why: 'brackets without end', yaml: '['.repeat(50_000) },
  { why: 'more than a config can be', yaml: 'x'.repeat(2 * 1024 * 1024 + 1) },
])('$why is no config, and is not repeated in the error', async ({ yaml }) => {
  const answer = await read('v1.9.6', [{ id: 'v1alpha1', yaml }]);
  expect(answer).toMatchObject({ ok: false, error: { code: 'malformed_reply', source: TYPE } });
  expect(JSON.stringify(answer).length).toBeLessThan(300);
});

test('a node without a config has none to read', async () => {
  expect(await read('v1.13.2', [])).toMatchObject({ ok: false, error: { code: 'not_found' } });
});

test('it is read as an admin, or not at all', async () => {
  const { admin: _, ...unarmed } = here.cluster.access;
  expect(await read('v1.13.2', [resource('v1alpha1', CONFIG)], unarmed)).toMatchObject({
    ok: false,
    error: { code: 'permission_denied', isUnsent: true },
  });
});
