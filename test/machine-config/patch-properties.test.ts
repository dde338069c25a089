import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { applyPatch, parsePatch } from '../../lib/machine-config/apply-patch.ts';
import { diffConfigs } from '../../lib/machine-config/diff-configs.ts';
import { parseMachineConfig } from '../../lib/machine-config/parse-config.ts';
import { redactedText } from '../../lib/machine-config/redacted-text.ts';
import { sayChanges } from '../../lib/machine-config/say-changes.ts';
import { configOf, must } from './configs.ts';

/** Texts that YAML could take for something else, keys with dots, nested mappings and lists. */
const key = fc.oneof(
  fc.constantFrom('network', 'hostname', 'a.b/c', 'yes', '1', '__proto__'),
  fc.stringMatching(/^[a-z]{1,6}$/),
);
const scalar = fc.oneof(
  fc.string({ minLength: 1, maxLength: 12 }),
  fc.constantFrom('true', 'no', '0644', '1e3', '~', ' a', 'a: b', '# c', '- d', "it's", 'ü\n'),
  fc.integer({ min: 1, max: 1_000_000 }),
  fc.boolean(),
);
type Value = string | number | boolean | readonly Value[] | { readonly [name: string]: Value };
const { value: anyValue } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    fc.dictionary(key, tie('value'), { maxKeys: 4 }),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
}));
const { value: mappingValue } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, scalar, fc.dictionary(key, tie('value'), { minKeys: 1, maxKeys: 4 })),
}));
const config = (machine: unknown) => stringify({ version: 'v1alpha1', machine });
const anyMachine = fc.dictionary(key, anyValue, { maxKeys: 5 });
const mappings = fc.dictionary(key, mappingValue, { minKeys: 1, maxKeys: 5 });
const NUM_RUNS = 60;

test('a patch that says what is there changes no byte', () => {
  fc.assert(
    fc.property(mappings, (machine) => {
      const before = configOf(config(machine));
      expect(must(applyPatch(before, must(parsePatch(config(machine))))).text).toBe(before.text);
    }),
    { numRuns: NUM_RUNS },
  );
});

test('what a patch of mappings says is there afterwards, and twice is once', () => {
  fc.assert(
    fc.property(anyMachine, mappings, (machine, change) => {
      const patch = must(parsePatch(config(change)));
      const once = applyPatch(configOf(config(machine)), patch);
      if (!once.ok) {
        expect(['shape', 'would_change_nothing']).toContain(once.error.code);
        return;
      }
      const [said] = once.value.documents;
      const [wanted] = configOf(config(change)).documents;
      expect(said?.content).toMatchObject(wanted?.content ?? {});
      expect(must(applyPatch(once.value, patch)).text).toBe(once.value.text);
    }),
    { numRuns: NUM_RUNS },
  );
});

test('two configs differ exactly where they say something else', () => {
  fc.assert(
    fc.property(anyMachine, anyMachine, (a, b) => {
      const [before, after] = [configOf(config(a)), configOf(config(b))];
      expect(diffConfigs(before, before)).toEqual([]);
      const isSame = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
      expect(diffConfigs(before, after).length === 0).toBe(isSame);
    }),
    { numRuns: NUM_RUNS },
  );
});
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .map(([name, below]) => [name, sorted(below)])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}

test('no value of a path that is not on the list is ever said', () => {
  const secret = 'hunter2';
  const hidden = fc.letrec<{ value: Value }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constant(secret),
      fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), tie('value'), { minKeys: 1, maxKeys: 3 }),
      fc.array(tie('value'), { minLength: 1, maxLength: 3 }),
    ),
  })).value;
  const secrets = fc.dictionary(fc.constantFrom('token', 'ca', 'env', 'files', 'registries', 'unheardOf'), hidden, {
    minKeys: 1,
  });
  fc.assert(
    fc.property(secrets, (machine) => {
      fc.pre(!JSON.stringify(machine).includes('"path":') && !JSON.stringify(machine).includes('"op":'));
      const [before, after] = [configOf('version: v1alpha1\nmachine: {type: worker}\n'), configOf(config(machine))];
      const said = [
        ...sayChanges(diffConfigs(before, after), Number.POSITIVE_INFINITY),
        ...sayChanges(diffConfigs(after, before), Number.POSITIVE_INFINITY),
        redactedText(after),
      ].join('\n');
      expect(said).not.toContain(secret);
      expect(said).toContain('secret');
    }),
    { numRuns: NUM_RUNS },
  );
});

test('any text is a config, a patch, or a sentence about why not', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 200, unit: 'binary' }),
    fc
      .array(
        fc.constantFrom(
          'machine:',
          '\n',
          '  ',
          '- ',
          '[',
          '{',
          '}',
          ']',
          ': ',
          '"',
          '---\n',
          '$patch: delete',
          '&a',
          '*a',
          '!t',
          '#',
          '|',
        ),
        { maxLength: 40 },
      )
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (one) => {
      const [parsed, patch] = [parseMachineConfig(one), parsePatch(one)];
      if (parsed.ok) expect(parsed.value.text).toBe(one);
      if (patch.ok) applyPatch(configOf('machine: {a: {b: [c]}}\n'), patch.value);
    }),
    { numRuns: 300 },
  );
});
