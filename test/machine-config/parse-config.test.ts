import { describe, expect, test } from 'vitest';
import { describeConfigProblem } from '../../lib/machine-config/config-problem.ts';
import { parseMachineConfig } from '../../lib/machine-config/parse-config.ts';
import { configOf, WORKER } from './configs.ts';

describe('parsing a machine config', () => {
  test('keeps the text byte for byte and knows its documents by kind and name', () => {
    const config = configOf(WORKER);
    expect(config.text).toBe(WORKER);
    expect(config.documents.map(({ title }) => title)).toEqual(['v1alpha1', 'KmsgLogConfig remote-log']);
    expect(config.documents.map(({ source }) => source).join('')).toBe(WORKER);
  });

  test('reads values by the core schema, and leaves alone what readers disagree about', () => {
    const [main] = configOf(
      'machine: {a: true, b: "true", c: 7, d: 0644, e: 1.50, f: , g: ~, h: yes, i: 12345678901234567890, __proto__: x}\n',
    ).documents;
    expect(main?.content['machine']).toEqual(
      Object.fromEntries([
        ['a', true],
        ['b', 'true'],
        ['c', 7],
        ['d', '0644'],
        ['e', '1.50'],
        ['f', null],
        ['g', null],
        ['h', 'yes'],
        ['i', '12345678901234567890'],
        ['__proto__', 'x'],
      ]),
    );
  });

  test('skips empty documents, as Talos does', () => {
    expect(configOf('---\n---\nmachine: {}\n---\n# nothing\n').documents).toHaveLength(1);
  });

  const SECRET = 'hunter2hunter2';
  test.for([
    { why: 'nothing', text: '', says: 'there is nothing in it' },
    { why: 'only comments', text: '# a\n---\n', says: 'there is nothing in it' },
    { why: 'a list', text: `- ${SECRET}\n`, says: 'document 1: a mapping is needed here' },
    { why: 'a broken document', text: `machine: {}\n---\na: [${SECRET}\n`, says: 'document 2: it is not valid YAML' },
    { why: 'an alias', text: `machine: {a: &x ${SECRET}, b: *x}\n`, says: 'document 1: it uses YAML aliases' },
    { why: 'a tag', text: `machine: {a: !!binary ${SECRET}}\n`, says: 'document 1, machine.a: it uses YAML tags' },
    { why: 'a directive', text: `%YAML 1.1\n---\nmachine: {}\n`, says: 'document 1: it uses YAML directives' },
    {
      why: 'a key twice',
      text: `machine: {a: 1, "a": ${SECRET}}\n`,
      says: 'document 1, machine.a: the key stands there twice',
    },
    {
      why: 'two main documents',
      text: 'machine: {}\n---\ncluster: {}\n',
      says: 'v1alpha1: the document stands there twice',
    },
    {
      why: 'two of a name',
      text: `machine: {}\n${'---\napiVersion: v1alpha1\nkind: A\nname: b\n'.repeat(2)}`,
      says: 'A b: the document stands',
    },
    {
      why: 'no main document',
      text: 'apiVersion: v1alpha1\nkind: A\n',
      says: 'the v1alpha1 document (machine, cluster) is missing',
    },
    { why: 'no kind', text: `apiVersion: v1alpha1\npassword: ${SECRET}\n`, says: 'document 1: kind is missing' },
    { why: 'no apiVersion', text: 'kind: A\nname: b\n', says: 'A b: apiVersion is missing' },
    { why: 'brackets without end', text: '['.repeat(100_000), says: 'nested deeper than 64 levels' },
    {
      why: 'indentation without end',
      text: Array.from({ length: 70 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'),
      says: 'deeper than 64',
    },
    {
      why: 'too much',
      text: `machine: {a: "${'x'.repeat(1024 * 1024)}"}`,
      says: 'larger than a machine config can be',
    },
  ])('refuses $why, and names the place but no value', ({ text, says }) => {
    const parsed = parseMachineConfig(text);
    const said = parsed.ok ? '' : describeConfigProblem(parsed.error);
    expect(said).toContain(says);
    expect(said).not.toContain(SECRET);
  });
});
