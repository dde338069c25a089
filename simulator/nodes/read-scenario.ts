import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { err, ok, type Result } from '../../lib/result.ts';
import { type NodePart, type Scenario, ScenarioFile } from './scenario-schema.ts';
import { DEFAULT_TOPOLOGY, describeNames, nodeNames, type Topology } from './topology.ts';

const DEFAULT_VERSION = 'v1.13.9';
const DEFAULT_BOOTED_AGO_MS = 4 * 60_000;
const MAX_EXTENDS = 8;

/** Beside this file in the sources; two levels up from the bundle, in `simulator/scenarios`. */
function libraryFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const candidates = ['../scenarios', '../../simulator/scenarios', '../simulator/scenarios'];
  return candidates.map((path) => resolve(here, path)).find(existsSync) ?? resolve('simulator/scenarios');
}

function hasAlias(document: Document): boolean {
  let found = false;
  visit(document, {
    Alias: () => {
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}

/** `problemAt` names file:line:column of the nearest key that exists, and the path of the key. */
type Parsed = {
  readonly file: ScenarioFile;
  readonly problemAt: (path: readonly PropertyKey[], key: string | undefined, text: string) => string;
};

function parseScenario(file: string, text: string): Result<Parsed, readonly string[]> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const where = (offset: number) => `${file}:${lines.linePos(offset).line}:${lines.linePos(offset).col}`;
  if (document.errors.length > 0) return err(document.errors.map((e) => `${where(e.pos[0])} ${e.message}`));
  if (hasAlias(document)) return err([`${file}:1:1 (top): aliases are not allowed, use "extends"`]);
  const offsetOf = (path: readonly PropertyKey[], key?: string): number => {
    const node = path.length === 0 ? document.contents : document.getIn(path, true);
    if (!isNode(node)) return path.length === 0 ? 0 : offsetOf(path.slice(0, -1));
    const entry = isMap(node) ? node.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined;
    return (isNode(entry?.key) ? entry.key.range?.[0] : node.range?.[0]) ?? 0;
  };
  const problemAt: Parsed['problemAt'] = (path, key, says) =>
    `${where(offsetOf(path, key))} ${path.join('.') || '(top)'}: ${says}`;
  const parsed = ScenarioFile.safeParse(document.toJS());
  if (parsed.success) return ok({ file: parsed.data, problemAt });
  const problems = parsed.error.issues.flatMap((issue) => {
    const { path } = issue;
    if (issue.code === 'invalid_key') {
      const at = where(offsetOf(path.slice(0, -1), String(path.at(-1))));
      return issue.issues.map(({ message }) => `${at} ${path.join('.')}: ${message}`);
    }
    if (issue.code !== 'unrecognized_keys') return [problemAt(path, undefined, issue.message)];
    return issue.keys.map((key) => problemAt(path, key, `unknown key "${key}"`));
  });
  return err(problems);
}

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

function readFile(path: string, depth: number): Result<Scenario, readonly string[]> {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return err([`${path}: there is no such scenario file`]);
  const parsed = parseScenario(path, readFileSync(path, 'utf8'));
  if (!parsed.ok) return parsed;
  const { file } = parsed.value;
  const base: Result<Scenario | undefined, readonly string[]> =
    file.extends === undefined ? ok(undefined) : readBase(path, file.extends, depth);
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
    talosconfig: file.talosconfig ?? base.value?.talosconfig ?? 'valid',
    alerts: file.alerts,
    expect: file.expect,
  };
  const problems = unknownNodes(scenario, parsed.value);
  return problems.length === 0 ? ok(scenario) : err(problems);
}

/** Nodes that are spoken of and that the cluster of the scenario does not have. */
function unknownNodes(
  { topology, nodes, cuts, alerts, expect }: Scenario,
  { file, problemAt }: Parsed,
): readonly string[] {
  const known = new Set(nodeNames(topology));
  const says = (name: string) => `unknown node "${name}", there are ${describeNames(topology)}`;
  const own = Object.keys(file.nodes ?? {});
  const inherited = Object.keys(nodes).filter((name) => !own.includes(name));
  return [
    ...own.filter((name) => !known.has(name)).map((name) => problemAt(['nodes'], name, says(name))),
    ...inherited
      .filter((name) => !known.has(name))
      .map((name) => problemAt([], 'cluster', `${says(name)}, but ${file.extends} says something about it`)),
    ...unknownParties(topology, cuts).map(({ name, cut, side }) => {
      const path = file.network === undefined ? ['extends'] : ['network', 'cuts', cut, 'between', side];
      return problemAt(path, undefined, says(name));
    }),
    ...alerts.flatMap(({ labels: { node } }, n) =>
      known.has(node) ? [] : [problemAt(['alerts', n, 'labels', 'node'], undefined, says(node))],
    ),
    ...(expect.node === undefined || known.has(expect.node)
      ? []
      : [problemAt(['expect', 'node'], undefined, says(expect.node))]),
  ];
}

export const unknownParties = (topology: Topology, cuts: Scenario['cuts']) => {
  const known = new Set([...nodeNames(topology), 'all', 'medic', 'discovery']);
  return cuts.flatMap(({ between }, cut) =>
    between.flatMap((name, side) => (known.has(name) ? [] : [{ name, cut, side }])),
  );
};

function readBase(path: string, name: string, depth: number): Result<Scenario, readonly string[]> {
  if (depth >= MAX_EXTENDS) return err([`${path}: extends: more than ${MAX_EXTENDS} levels, is there a circle?`]);
  const beside = join(dirname(path), `${name}.yaml`);
  return readFile(existsSync(beside) ? beside : join(libraryFolder(), `${name}.yaml`), depth + 1);
}

/** A scenario of the library by its name, or any file by its path. Problems name file, line and key. */
export function readScenario(nameOrFile: string): Result<Scenario, readonly string[]> {
  const isName = /^[a-z0-9][a-z0-9.-]*$/.test(nameOrFile) && !/\.ya?ml$/.test(nameOrFile);
  return readFile(isName ? join(libraryFolder(), `${nameOrFile}.yaml`) : resolve(nameOrFile), 0);
}

/** The library, sorted by name. A file that does not parse is a bug of ours and is thrown. */
export function listScenarios(): readonly Scenario[] {
  const files = readdirSync(libraryFolder()).filter((file) => file.endsWith('.yaml'));
  return files.sort().map((file) => {
    const scenario = readScenario(join(libraryFolder(), file));
    if (!scenario.ok) throw new Error(scenario.error.join('\n'));
    return scenario.value;
  });
}
