import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { expect, test } from 'vitest';
import { brokenRules, importsOf, type SourceFile } from './architecture-rules.ts';
import { INSIDERS, reachesInside } from './outside-rules.ts';

const root = join(import.meta.dirname, '..');
const FOLDERS = ['bench', 'cli', 'handlers', 'infra', 'lib', 'local', 'simulator', 'test'];

function sourcesOf(folder: string): readonly SourceFile[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: relative(root, path).split(sep).join('/'), source: readFileSync(path, 'utf8') }));
}
const existing = new Set(readdirSync(root));
const project = FOLDERS.filter((folder) => existing.has(folder)).flatMap(sourcesOf);

test('every file of the project keeps the dependency rules', () => {
  expect(brokenRules(project)).toEqual([]);
});

test('every relative import of the project leads to a file that was looked at', () => {
  const known = new Set(project.map(({ path }) => path));
  const lost = project
    .filter(({ path }) => path.startsWith('lib/'))
    .flatMap((file) => importsOf(file).map(({ target }) => ({ from: file.path, target })))
    .filter(({ target }) => target.startsWith('lib/') && !known.has(target));
  expect(lost).toEqual([]);
});

test('a checkout without sources is an error, not a success', () => {
  expect(() => brokenRules([])).toThrow('no source files found');
  expect(() => brokenRules(project.filter(({ path }) => !path.startsWith('lib/safety/')))).toThrow('safety');
});

/** A planted file among the real ones: exactly its own fault must be named. */
const plant = (path: string, source: string): readonly string[] => {
  const planted = { path, source };
  return brokenRules([...project, planted]).filter((line) => line.startsWith(`${path}: `));
};

test.for<[path: string, source: string, names: string]>([
  ['lib/store/planted.ts', `import { start } from '../../local/start.ts';`, 'lib must not import local'],
  ['lib/talos/planted.ts', `import type { World } from '../../simulator/world.ts';`, 'lib must not import simulator'],
  ['lib/flow/planted.ts', `export { handler } from '../../handlers/slack.ts';`, 'lib must not import handlers'],
  ['lib/flow/planted.ts', `await import('../../cli/medic.ts');`, 'lib must not import cli'],
  ['lib/result/planted.ts', `await import(name);`, 'nobody can check'],
  ['handlers/planted.ts', `import { start } from '../local/start.ts';`, 'nothing imports local'],
  ['cli/planted.ts', `import { jobHandler } from '../handlers/job.ts';`, 'nothing imports handlers'],
  [
    'lib/talos/planted.ts',
    `import { machineChanges } from './changing-methods.ts';`,
    'only lib/talos/acting makes calls',
  ],
  ['simulator/planted.ts', `import { medic } from '../cli/medic.ts';`, 'nothing imports cli'],
  ['lib/talos/planted.ts', `import type { Ledger } from '../store/ledger-types.ts';`, 'talos must not import store'],
  ['lib/slack/planted.ts', `type T = import('../talos/talos.ts').Talos;`, 'slack must not import talos'],
  ['lib/store/planted.ts', `import {\n  type Desk,\n} from '../slack/desk.ts';`, 'store must not import slack'],
  ['lib/actions/planted.ts', `import { act } from '../flow/act.ts';`, 'only lib/flow'],
  ['lib/playbooks/planted.ts', `import { readFileSync } from 'node:fs';`, 'pure'],
  ['lib/safety/planted.ts', `import { connect } from 'node:net';`, 'pure'],
  ['lib/evidence/planted.ts', `import 'node:http';`, 'pure'],
  ['lib/inventory/planted.ts', `import { request } from 'undici';`, 'pure'],
  ['lib/machine-config/planted.ts', `import { readFile } from 'node:fs/promises';`, 'pure'],
  ['lib/machine-config/planted.ts', `import { parseSafeYaml } from '../talos/safe-yaml.ts';`, 'pure'],
  ['lib/incidents/planted.ts', `import type { Ledger } from '../store/ledger-types.ts';`, 'pure'],
  ['lib/safety/planted.ts', `import { reboot } from '../actions/reboot.ts';`, 'pure'],
  ['lib/flow/planted.ts', `import * as grpc from '@grpc/grpc-js';`, '@grpc/grpc-js belongs to lib/talos'],
  ['lib/audit/planted.ts', `import { DynamoDBClient } from '@aws-sdk/client-dynamodb';`, 'belongs to lib/store'],
  ['lib/store/planted.ts', `import { S3Client } from '@aws-sdk/client-s3';`, 'belongs to lib/blobs and local'],
  ['lib/audit/planted.ts', `import { KMSClient } from '@aws-sdk/client-kms';`, 'belongs to lib/signing and local'],
  ['lib/flow/planted.ts', `import { SQSClient } from '@aws-sdk/client-sqs';`, 'belongs to lib/queue and local'],
  ['handlers/planted.ts', `import { App } from '@slack/bolt';`, '@slack/bolt belongs to lib/slack'],
  ['lib/flow/planted.ts', `import { build } from 'esbuild';`, 'esbuild belongs to lib/own-playbooks and infra alone'],
])('finds in %s: %s', ([path, source, names]) => {
  expect(plant(path, source)).toEqual([expect.stringContaining(names)]);
});

test.for<[path: string, source: string]>([
  ['lib/flow/planted.ts', `import { a } from '../talos/talos.ts';\nimport { b } from '../store/ledger-types.ts';`],
  [
    'lib/incidents/planted.ts',
    `import { createHash } from 'node:crypto';\nimport { Plan } from '../approvals/plan.ts';`,
  ],
  ['lib/machine-config/planted.ts', `import { isNestedBeyondReason } from '../yaml/nesting.ts';`],
  ['lib/safety/planted.ts', `import type { ActionTraits } from '../actions/action.ts';`],
  ['local/planted.ts', `import { jobHandler } from '../handlers/job.ts';`],
  ['cli/planted.ts', `import { startDynoxide } from '../local/dynoxide.ts';`],
  ['local/planted.ts', `import { World } from '../simulator/world.ts';`],
  ['lib/store/planted.ts', `import { DynamoDBClient } from '@aws-sdk/client-dynamodb';`],
  ['lib/blobs/planted.ts', `import { S3Client } from '@aws-sdk/client-s3';`],
  ['lib/signing/planted.ts', `import { KMSClient } from '@aws-sdk/client-kms';`],
  ['lib/queue/planted.ts', `import { SQSClient } from '@aws-sdk/client-sqs';`],
])('allows in %s: %s', ([path, source]) => {
  expect(plant(path, source)).toEqual([]);
});

test('tests of the simulated nodes look at them from outside', () => {
  expect(reachesInside(project)).toEqual([]);
});

test.for<[source: string, names: string]>([
  [`expect(world.cluster.state.nodes['w-1']?.bootCount).toBe(2);`, 'looks into the state'],
  [`const { etcd } = stepped.world.cluster.state;`, 'looks into the state'],
  [`const before = JSON.stringify(world.cluster.state);`, 'looks into the state'],
  [`const { state } = await startCluster({ folder });`, 'looks into the state'],
  [`const one = await startCluster({ folder });\nexpect(one.state.nodes).toEqual({});`, 'looks into the state'],
  [`import type { NodeState } from '../../simulator/nodes/state.ts';`, 'imports simulator/nodes/state.ts'],
  [
    `import { describeNode } from '../../simulator/nodes/describe-node.ts';`,
    'imports simulator/nodes/describe-node.ts',
  ],
])('finds a test of the simulator that reaches inside: %s', ([source, names]) => {
  const path = 'test/simulator/planted.test.ts';
  expect(reachesInside([...project, { path, source }])).toEqual([expect.stringContaining(names)]);
});

test.for<[source: string]>([
  [`const shown = await panel.state();\nexpect(shown.nodes).toHaveLength(6);`],
  [`expect(service?.state).toBe('Running');`],
  [`test.for([1])('%s', async ([state, version]) => {});`],
  [`import { startCluster } from '../../simulator/nodes/start-cluster.ts';`],
])('allows a test of the simulator to ask: %s', ([source]) => {
  expect(reachesInside([...project, { path: 'test/simulator/planted.test.ts', source }])).toEqual([]);
});

test('an exception that looks at nothing inside any more is found out', () => {
  for (const path of Object.keys(INSIDERS)) {
    const others = project.filter((file) => file.path !== path);
    expect(reachesInside([...others, { path, source: '' }])).toEqual([expect.stringContaining(path)]);
  }
});
