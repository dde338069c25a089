import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { err, ok, type Result } from '../../lib/result.ts';
import { type Checked, readChecked } from '../../lib/yaml/read-checked.ts';
import { atMost } from '../../lib/yaml/yaml-file.ts';
import { wrongReferences } from './scenario-references.ts';
import { type NodePart, type Scenario, ScenarioFile } from './scenario-schema.ts';
import { DEFAULT_TOPOLOGY } from './topology.ts';

const DEFAULT_VERSION = 'v1.13.9';
const DEFAULT_BOOTED_AGO_MS = 4 * 60_000;

/** Beside this file in the sources; two levels up from the bundle, in `simulator/scenarios`. */
function libraryFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const candidates = ['../scenarios', '../../simulator/scenarios', '../simulator/scenarios'];
  return candidates.map((path) => resolve(here, path)).find(existsSync) ?? resolve('simulator/scenarios');
}

const SCENARIO = { is: 'a scenario', insteadOfAlias: 'use "extends"' };

function mergeNode(base: NodePart | undefined, over: NodePart): NodePart {
  const systemDisk = { ...base?.systemDisk, ...over.systemDisk };
  const metadata = { ...base?.metadata, ...over.metadata };
  return {
    ...base,
    ...over,
    ...(Object.keys(systemDisk).length > 0 ? { systemDisk } : {}),
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
  };
}

/** `chain`: the files that led here by `extends`. */
function readFile(path: string, chain: readonly string[]): Result<Scenario, readonly string[]> {
  const parsed = readChecked(path, SCENARIO, ScenarioFile);
  if (!parsed.ok) return parsed;
  const file = parsed.value.value;
  const base = readBase(path, parsed.value, [...chain, path]);
  if (!base.ok) return base;
  const nodes: Partial<Record<string, NodePart>> = { ...base.value?.nodes };
  for (const [name, part] of Object.entries(file.nodes ?? {})) nodes[name] = mergeNode(nodes[name], part);
  const { controlPlanes, workers } = base.value?.topology ?? DEFAULT_TOPOLOGY;
  const topology = {
    controlPlanes: file.cluster?.controlPlanes ?? controlPlanes,
    workers: file.cluster?.workers ?? workers,
  };
  const scenario: Scenario = {
    name: basename(path).replace(/\.ya?ml$/, ''),
    summary: file.summary,
    version: file.version ?? base.value?.version ?? DEFAULT_VERSION,
    bootedAgoMs: file.bootedAgo ?? base.value?.bootedAgoMs ?? DEFAULT_BOOTED_AGO_MS,
    topology,
    nodes,
    cuts: file.network?.cuts ?? base.value?.cuts ?? [],
    factory: file.factory ?? base.value?.factory ?? {},
    talosconfig: file.talosconfig ?? base.value?.talosconfig ?? 'valid',
    alerts: file.alerts,
    expect: file.expect,
  };
  const problems = atMost(wrongReferences(scenario, file, parsed.value.problemAt));
  return problems.length === 0 ? ok(scenario) : err(problems);
}

function readBase(
  path: string,
  { value: file, problemAt }: Checked<ScenarioFile>,
  chain: readonly string[],
): Result<Scenario | undefined, readonly string[]> {
  const name = file.extends;
  if (name === undefined) return ok(undefined);
  const refused = (because: string) => err([problemAt(['extends'], undefined, because)]);
  const found = [dirname(path), libraryFolder()].map((folder) => join(folder, `${name}.yaml`)).find(existsSync);
  if (found === undefined)
    return refused(`there is no scenario "${name}", neither beside this file nor in the library`);
  if (chain.includes(found)) {
    return refused(`goes round in a circle: ${[...chain, found].map((one) => basename(one, '.yaml')).join(' -> ')}`);
  }
  return readFile(found, chain);
}

/** A scenario of the library by its name, or any file by its path. Problems name file, line and key. */
export function readScenario(nameOrFile: string): Result<Scenario, readonly string[]> {
  const isName = /^[a-z0-9][a-z0-9.-]*$/.test(nameOrFile) && !/\.ya?ml$/.test(nameOrFile);
  return readFile(isName ? join(libraryFolder(), `${nameOrFile}.yaml`) : resolve(nameOrFile), []);
}

/** Of the library, read again when a file of it was changed: the panel asks often, and there are many. */
let known: { readonly stamp: string; readonly scenarios: readonly Scenario[] } | undefined;

/** The library, or another folder, sorted by name. A file that does not parse is thrown. */
export function listScenarios(folder = libraryFolder()): readonly Scenario[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  const paths = files.sort().map((file) => join(folder, file));
  const stamp = paths.map((path) => `${path} ${statSync(path).mtimeMs}`).join('\n');
  if (known?.stamp === stamp) return known.scenarios;
  const scenarios = paths.map((path) => {
    const scenario = readScenario(path);
    if (!scenario.ok) throw new Error(scenario.error.join('\n'));
    return scenario.value;
  });
  known = { stamp, scenarios };
  return scenarios;
}
