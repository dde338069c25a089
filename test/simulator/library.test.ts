import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judge, wrongWithLess } from '../../bench/eval/judge.ts';
import { applied, mutations, SECOND_FAULTS } from '../../bench/eval/mutate.ts';
import { lookAtScenario } from '../../cli/scenario-look.ts';
import { runPlaybooks } from '../../lib/playbooks/diagnose.ts';
import { listScenarios } from '../../simulator/nodes/read-scenario.ts';

const library = listScenarios();

test('the library has every known incident, and healthy clusters of every size', () => {
  const names = library.map(({ name }) => name);
  const incidents = Array.from({ length: 34 }, (_, n) => `c${String(n + 1).padStart(2, '0')}`);
  expect(incidents.filter((incident) => !names.some((name) => name.startsWith(`${incident}-`)))).toEqual([]);
  const healthy = ['healthy', 'healthy-1-control-plane', 'healthy-5-control-planes', 'healthy-50-workers'];
  expect(names).toEqual(expect.arrayContaining(healthy));
});

/** Every finding that a playbook can make has its page. */
const hasPlaybook = (code: string): boolean => code === 'healthy' || existsSync(`docs/playbooks/${code}.md`);
const diagnosable = library.filter((scenario) => hasPlaybook(scenario.expect.finding));
/** Their cause is a bug of some releases. */
const OF_A_RELEASE: ReadonlySet<string> = new Set([
  'oom_controller_kills_pods',
  'system_service_out_of_memory',
  'static_pods_not_rendered',
  'extension_service_broken',
  'previous_version_booted',
  'config_unknown_to_version',
]);

test.for(diagnosable.map((scenario) => [scenario.name, scenario.expect.finding, scenario] as const))(
  '%s: diagnosed as %s, also with less, with noise, under other names and beside another fault',
  async ([name, finding, { expect: wanted }]) => {
    const found = await lookAtScenario(name, wanted.node ?? 'w-2');
    if (!('look' in found)) throw new Error(`${name} has no such node`);
    const { evidence, findings, entry } = found.look;
    const verdict = judge(findings, found.offers, wanted);
    const others = findings.map(({ code, confidence }) => `${code} (${confidence})`);
    expect(verdict, others.join(', ')).toEqual({ isRight: true, falseCertain: [], harmful: [], missingOffers: [] });
    const facts = { inventory: entry, ordered: [] };
    expect(await wrongWithLess(evidence, facts, wanted)).toEqual([]);
    const shown: readonly string[] = found.offers
      .filter(({ answer }) => answer === 'refused')
      .map(({ action }) => action);
    expect([...wanted.refused]).toEqual(expect.arrayContaining([...shown]));
    fc.assert(
      fc.property(
        mutations({
          mayPatch: !OF_A_RELEASE.has(finding),
          maySuffer: finding === 'healthy' ? [] : [...SECOND_FAULTS].filter((code) => code !== finding),
        }),
        (changes) => {
          const other = applied({ evidence, facts }, changes);
          const [top] = runPlaybooks(other.evidence, other.facts).filter(
            ({ code }) => code === finding || !SECOND_FAULTS.has(code),
          );
          expect(top?.code).toBe(finding);
        },
      ),
      { numRuns: 40 },
    );
  },
);
