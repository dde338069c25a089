import { expect, test } from 'vitest';
import { type EventType, Resource } from '../../lib/talos/generated/cosi/resource/state.ts';
import { createReader } from '../../lib/talos/reader.ts';
import type { WatchableName, Watching } from '../../lib/talos/watch.ts';
import { type Stream, targetAt } from './fake-node.ts';
import { nodesForThisFile } from './nodes-for-this-file.ts';

const here = nodesForThisFile();
const start = (watch: (call: Stream) => void) => here.startRunning({ watch });
const watched = (id: string, eventType: EventType, yamlSpec = '') => ({
  event: [{ eventType, resource: Resource.fromPartial({ metadata: { id }, spec: { yamlSpec } }) }],
});
const status = (stage: string) => `stage: ${stage}\nstatus: {ready: false, unmetConditions: []}\n`;
async function readAll<N extends WatchableName>(watching: AsyncIterable<Watching<N>>): Promise<readonly Watching<N>[]> {
  const all: Watching<N>[] = [];
  for await (const change of watching) all.push(change);
  return all;
}
const watch = (address: string, signal = new AbortController().signal) =>
  createReader(here.cluster.access).watch(targetAt(address), 'machineStatus', signal);

test('what exists comes first, then every change', async () => {
  let request: unknown;
  const node = await start((call) => {
    request = call.request;
    call.write({ event: [] });
    call.write(watched('machine', 'CREATED', status('booting')));
    call.write({ event: [{ eventType: 'BOOTSTRAPPED' }] });
    call.write(watched('machine', 'NOOP', status('booting')));
    call.write(watched('machine', 'UPDATED', status('running')));
    call.write(watched('machine', 'DESTROYED'));
    call.end();
  });
  const value = { stage: 'booting', ready: false, unmetConditions: [] };
  expect(await readAll(watch(node.address))).toEqual([
    { kind: 'there', id: 'machine', value },
    { kind: 'complete' },
    { kind: 'there', id: 'machine', value: { ...value, stage: 'running' } },
    { kind: 'gone', id: 'machine' },
  ]);
  expect(request).toMatchObject({
    namespace: 'runtime',
    type: 'MachineStatuses.runtime.talos.dev',
    options: { bootstrapContents: true },
    apiVersion: 1,
  });
  await expect.poll(() => node.openSockets()).toBe(0);
});

test.for([
  ['an error of the watch', { event: [{ eventType: 'ERRORED', error: 'buffer overrun' }] }, 'failed'],
  ['a spec that is no YAML', watched('machine', 'UPDATED', '['), 'malformed_reply'],
  ['a spec of another shape', watched('machine', 'CREATED', 'stage: 3'), 'malformed_reply'],
  ['an event without a resource', { event: [{ eventType: 'CREATED' }] }, 'malformed_reply'],
] as const)('%s ends it with a typed error', async ([, response, code]) => {
  const node = await start((call) => call.write(response));
  expect(await readAll(watch(node.address))).toMatchObject([{ kind: 'failed', error: { code } }]);
  await expect.poll(() => node.openSockets()).toBe(0);
});

test('a node that goes down ends it, an abort ends it without a word', async () => {
  const node = await start((call) => call.write(watched('machine', 'CREATED', status('running'))));
  const changes: string[] = [];
  for await (const change of watch(node.address)) {
    changes.push(change.kind);
    if (change.kind === 'there') node.dropAll();
  }
  expect(changes).toEqual(['there', 'failed']);

  const stop = new AbortController();
  const seen: string[] = [];
  for await (const change of watch(node.address, stop.signal)) {
    seen.push(change.kind);
    stop.abort();
  }
  expect(seen).toEqual(['there']);
  await expect.poll(() => node.openSockets()).toBe(0);
});

test('an address outside of the networks is not dialled', async () => {
  expect(await readAll(watch('10.1.2.3'))).toMatchObject([{ kind: 'failed', error: { code: 'address_not_allowed' } }]);
});
