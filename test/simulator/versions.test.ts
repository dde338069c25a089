import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { diagnose } from './diagnosed.ts';

const folder = mkdtempSync(join(tmpdir(), 'medic-versions-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const scenarioOf = (version: string): string => {
  const file = join(folder, `${version}.yaml`);
  writeFileSync(
    file,
    `summary: a late disk and late metadata
version: ${version}
nodes:
  w-2: { systemDisk: { attachesAfter: [41s, 2s] } }
  cp-2: { metadata: { arrivesAfter: [55s, 3s] } }
alerts: []
expect: { finding: state_not_found_in_time, offers: [restore_config], refused: [reboot] }
`,
  );
  return file;
};

/** Maintenance mode shows its kernel log from 1.13 on; without it the order of things is only likely. */
test.for([
  ['v1.8.4', 'likely'],
  ['v1.9.6', 'likely'],
  ['v1.10.7', 'likely'],
  ['v1.11.5', 'likely'],
  ['v1.12.11', 'likely'],
  ['v1.13.9', 'certain'],
  ['v1.14.0', 'certain'],
] as const)(
  'Talos %s: a late disk is %s, late metadata certain, and each has its action',
  async ([version, howSure]) => {
    const file = scenarioOf(version);
    const worker = await diagnose(file, 'w-2');
    expect(worker.findings[0]).toEqual({ code: 'state_not_found_in_time', confidence: howSure });
    expect(worker.offers).toEqual([
      { action: 'restore_config', answer: 'allowed' },
      { action: 'reboot', answer: 'refused' },
    ]);
    const controlPlane = await diagnose(file, 'cp-2');
    expect(controlPlane.findings[0]).toEqual({ code: 'etcd_under_temporary_hostname', confidence: 'certain' });
    expect(controlPlane.offers.map(({ action }) => action)).toEqual(['reboot']);
  },
);
