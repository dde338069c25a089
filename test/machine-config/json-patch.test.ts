import { describe, expect, test } from 'vitest';
import { configOf, machine, patched, refusal, WORKER } from './configs.ts';

const BEFORE = machine(
  'type: worker # kept',
  'certSANs: [a, b]',
  'nodeLabels: {a/b: c, "d~e": f}',
  'network: {hostname: w}',
);
const apply = (...operations: readonly object[]) =>
  configOf(patched(BEFORE, JSON.stringify(operations))).documents[0]?.content['machine'];
const START = {
  type: 'worker',
  certSANs: ['a', 'b'],
  nodeLabels: { 'a/b': 'c', 'd~e': 'f' },
  network: { hostname: 'w' },
};

describe('a JSON patch', () => {
  test.for([
    {
      operations: [{ op: 'add', path: '/machine/time', value: { disabled: true } }],
      gives: { time: { disabled: true } },
    },
    { operations: [{ op: 'add', path: '/machine/certSANs/1', value: 'x' }], gives: { certSANs: ['a', 'x', 'b'] } },
    { operations: [{ op: 'add', path: '/machine/certSANs/-', value: 'x' }], gives: { certSANs: ['a', 'b', 'x'] } },
    { operations: [{ op: 'add', path: '/machine/certSANs/2', value: 'x' }], gives: { certSANs: ['a', 'b', 'x'] } },
    { operations: [{ op: 'replace', path: '/machine/certSANs/0', value: 7 }], gives: { certSANs: [7, 'b'] } },
    { operations: [{ op: 'replace', path: '/machine/network', value: null }], gives: { network: null } },
    { operations: [{ op: 'remove', path: '/machine/nodeLabels/a~1b' }], gives: { nodeLabels: { 'd~e': 'f' } } },
    { operations: [{ op: 'remove', path: '/machine/nodeLabels/d~0e' }], gives: { nodeLabels: { 'a/b': 'c' } } },
    { operations: [{ op: 'remove', path: '/machine/certSANs/0' }], gives: { certSANs: ['b'] } },
    {
      operations: [{ op: 'move', from: '/machine/certSANs/0', path: '/machine/certSANs/1' }],
      gives: { certSANs: ['b', 'a'] },
    },
    {
      operations: [{ op: 'copy', from: '/machine/network', path: '/machine/nodeLabels/n' }],
      gives: { nodeLabels: { 'a/b': 'c', 'd~e': 'f', n: { hostname: 'w' } } },
    },
    {
      operations: [
        { op: 'test', path: '/machine/nodeLabels', value: { 'd~e': 'f', 'a/b': 'c' } },
        { op: 'replace', path: '/machine/type', value: 'controlplane' },
      ],
      gives: { type: 'controlplane' },
    },
    { operations: [{ op: 'move', from: '/machine/type', path: '/machine/type' }], gives: {} },
    { operations: [], gives: {} },
  ])('$operations', ({ operations, gives }) => {
    expect(apply(...operations)).toEqual({ ...START, ...gives });
  });

  test('may be written in YAML, keeps comments, and quotes a text that looks like something else', () => {
    const after = patched(BEFORE, '- {op: add, path: /machine/sysctls, value: {a: "0644"}}\n');
    expect(after).toContain('type: worker # kept');
    expect(after).toContain('"0644"');
  });

  test.for([
    {
      why: 'removes what is not there',
      operation: { op: 'remove', path: '/machine/time' },
      says: 'machine.time: the config has nothing',
    },
    {
      why: 'replaces what is not there',
      operation: { op: 'replace', path: '/machine/certSANs/2', value: 1 },
      says: 'machine.certSANs.2',
    },
    {
      why: 'adds below nothing',
      operation: { op: 'add', path: '/machine/time/servers', value: [] },
      says: 'machine.time.servers',
    },
    {
      why: 'adds behind the end',
      operation: { op: 'add', path: '/machine/certSANs/3', value: 1 },
      says: 'machine.certSANs.3',
    },
    {
      why: 'replaces the end',
      operation: { op: 'replace', path: '/machine/certSANs/-', value: 1 },
      says: 'nothing there',
    },
    {
      why: 'names a place with a leading zero',
      operation: { op: 'remove', path: '/machine/certSANs/00' },
      says: 'nothing there',
    },
    {
      why: 'moves into itself',
      operation: { op: 'move', from: '/machine', path: '/machine/a' },
      says: 'nothing there',
    },
    {
      why: 'tests what is not so',
      operation: { op: 'test', path: '/machine/type', value: 'x' },
      says: 'machine.type: the test',
    },
    { why: 'tests what is not there', operation: { op: 'test', path: '/machine/x', value: null }, says: 'machine.x' },
    {
      why: 'has no value',
      operation: { op: 'add', path: '/machine/x' },
      says: 'neither a strategic merge patch nor a JSON patch',
    },
    { why: 'names no place', operation: { op: 'replace', path: '', value: {} }, says: 'neither' },
    { why: 'knows another operation', operation: { op: 'merge', path: '/a', value: 1 }, says: 'neither' },
    { why: 'takes the config away', operation: { op: 'remove', path: '/machine' }, says: 'kind is missing' },
  ])('is refused when it $why', ({ operation, says }) => {
    const text = operation.path === '/machine' ? 'machine: {}\n' : BEFORE;
    const said = refusal(text, JSON.stringify([operation]));
    expect(said === '' ? 'it was taken' : said).toContain(says);
  });

  test('is refused for a config of many documents, as Talos does', () => {
    expect(refusal(WORKER, '[{"op": "remove", "path": "/machine/type"}]')).toContain('a config of one document only');
  });
});
