import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { listScenarios } from '../../simulator/nodes/read-scenario.ts';
import { diagnose } from './diagnosed.ts';

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

test.for(diagnosable.map((scenario) => [scenario.name, scenario.expect.finding, scenario] as const))(
  '%s: diagnosed as %s, with the offers that its file expects',
  async ([name, finding, { expect: wanted }]) => {
    const { findings, offers } = await diagnose(name, wanted.node ?? 'w-2');
    const codes = findings.map(({ code }) => code);
    expect(codes[0]).toBe(finding);
    expect(codes).toEqual(expect.arrayContaining([...(wanted.also ?? [])]));
    if (wanted.confidence) expect(findings[0]?.confidence).toBe(wanted.confidence);
    const answered = (isRefused: boolean) =>
      offers.filter(({ answer }) => (answer === 'refused') === isRefused).map(({ action }) => action);
    expect(answered(false)).toEqual([...wanted.offers]);
    expect([...wanted.refused]).toEqual(expect.arrayContaining(answered(true)));
  },
);
