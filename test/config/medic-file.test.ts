import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readMedicFile } from '../../lib/config/medic-file.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'medic-file-'));
  mkdirSync(join(folder, 'own'));
  writeFileSync(join(folder, 'own', 'hot-disk.ts'), 'this is not even TypeScript');
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(text: string) {
  const file = join(folder, 'medic.yaml');
  writeFileSync(file, text);
  const result = readMedicFile(file);
  return result.ok ? result.value : result.error.map((line) => line.replace(`${folder}/`, ''));
}

const CLUSTER = `clusters:
  - name: demo
    channel: C1
    bindings: []
`;

test('what is left out has its default, and a cluster of a team begins at suggest', () => {
  expect(read(CLUSTER)).toMatchObject({
    playbookFolder: undefined,
    clusters: [
      {
        name: 'demo',
        channel: 'C1',
        bindings: [],
        playbooks: { default: 'suggest', stages: {} },
        targetLabels: ['node', 'nodename', 'kubernetes_node', 'hostname', 'address:instance'],
        exporterJobs: ['kube-state-metrics'],
      },
    ],
  });
});

test('a stage names a playbook of Medic or a file of the folder, whether that one can be read or not', () => {
  const stages = '    playbooks: { stages: { nic-hangs: act, hot-disk: suggest } }\n';
  expect(read(`${CLUSTER}${stages}playbooks: { folder: own }\n`)).toMatchObject({
    playbookFolder: join(folder, 'own'),
    clusters: [{ playbooks: { default: 'suggest', stages: { 'nic-hangs': 'act', 'hot-disk': 'suggest' } } }],
  });
});

test.for<[why: string, text: string, says: string]>([
  ['an unknown key', `${CLUSTER}playbook: {}\n`, 'medic.yaml:5:1 (top): unknown key "playbook"'],
  ['a key of another place', `${CLUSTER}    folder: x\n`, 'medic.yaml:5:5 clusters.0: unknown key "folder"'],
  [
    'a stage that is none',
    `${CLUSTER}    playbooks: { default: on }\n`,
    'medic.yaml:5:27 clusters.0.playbooks.default: expected "observe", "suggest" or "act", not "on"',
  ],
  [
    'the form of before',
    `${CLUSTER}    playbooks: act\n`,
    'medic.yaml:5:16 clusters.0.playbooks: expected a map, not "act"',
  ],
  [
    'a playbook that nobody knows',
    `${CLUSTER}    playbooks: { stages: { nic-hang: act } }\n`,
    'medic.yaml:5:28 clusters.0.playbooks.stages: there is no playbook "nic-hang"; did you mean "nic-hangs"?',
  ],
  [
    'a playbook of a folder that is not named',
    `${CLUSTER}    playbooks: { stages: { hot-disk: act } }\n`,
    'medic.yaml:5:28 clusters.0.playbooks.stages: there is no playbook "hot-disk"',
  ],
  [
    'a folder that is not there',
    `${CLUSTER}playbooks: { folder: elsewhere }\n`,
    'medic.yaml:5:22 playbooks.folder: there is no folder',
  ],
  [
    'one cluster twice',
    `${CLUSTER}${CLUSTER.replace('clusters:\n', '')}`,
    'medic.yaml:5:11 clusters.1.name: "demo" is there twice',
  ],
  ['no cluster', 'clusters: []\n', 'medic.yaml:1:11 clusters: expected one cluster at least'],
  [
    'a name with a blank',
    CLUSTER.replace('demo', 'my cluster'),
    'medic.yaml:2:11 clusters.0.name: expected a name of small letters',
  ],
  ['an alias', 'clusters: &a []\nplaybooks: *a\n', 'medic.yaml:2:12 playbooks: aliases are not allowed'],
  ['two documents', `${CLUSTER}---\n${CLUSTER}`, 'a second document begins; medic.yaml is one'],
  [
    'no channel',
    'clusters:\n  - name: demo\n    bindings: []\n',
    'clusters.0.channel: expected text, which is missing',
  ],
])('%s is refused with its place and what to do', ([, text, says]) => {
  expect(read(text)).toEqual([expect.stringContaining(says)]);
});

test('a file that is not there is named', () => {
  expect(readMedicFile('/no/medic.yaml')).toEqual({ ok: false, error: ['/no/medic.yaml: there is no such file'] });
});
