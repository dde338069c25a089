import { posix } from 'node:path';

/** The dependency rules of docs/architecture.md, as a function from sources to what breaks them. */
export type SourceFile = { readonly path: string; readonly source: string };
export type Import = { readonly target: string; readonly isTypeOnly: boolean };

const PURE_ROOMS = ['playbooks', 'safety', 'incidents', 'evidence', 'inventory', 'versions', 'machine-config'];
/** Computation only. Whatever is not named here counts as I/O. */
const PURE_PACKAGES = ['zod', 'node:crypto', 'node:util', 'canonicalize', 'yaml'];
const NEVER_EACH_OTHER = ['talos', 'slack', 'store'];
const OUTER = ['handlers', 'cli', 'local', 'simulator', 'infra', 'bench', 'test'];

/** Which places may know which SDK. Tests may know all. */
const SDK_HOMES: readonly { readonly sdk: RegExp; readonly homes: readonly string[] }[] = [
  { sdk: /^@grpc\//, homes: ['lib/talos', 'simulator'] },
  { sdk: /^@aws-sdk\/client-s3$/, homes: ['lib/blobs', 'local'] },
  { sdk: /^@aws-sdk\/client-kms$/, homes: ['lib/signing', 'local'] },
  { sdk: /^@aws-sdk\/client-sqs$/, homes: ['lib/queue', 'local'] },
  { sdk: /^@(aws-sdk|smithy)\/(?!client-(s3|kms|sqs)$)/, homes: ['lib/store', 'local'] },
  { sdk: /^esbuild$/, homes: ['lib/own-playbooks', 'infra'] },
  { sdk: /^@slack\//, homes: ['lib/slack', 'simulator'] },
];

/** The calls that change a node, and who may make them. */
const CHANGES = 'lib/talos/changing-methods.ts';
const CHANGING = ['lib/talos/acting', 'simulator'];

const FROM = /\b(?:import|export)\s+(type\s)?[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/g;
const BARE = /\bimport\s*['"]([^'"]+)['"]/g;
const CALLED = /\b(?:import|require)\s*\(\s*(['"`]?)([^'"`)]*)\1/g;

/** Every import of a file: static, re-export, side effect, dynamic and `import('…').Type`. */
export function importsOf({ path, source }: SourceFile): readonly Import[] {
  const named = [...source.matchAll(FROM)].map((found) => ({ name: found[2] ?? '', isTypeOnly: Boolean(found[1]) }));
  const bare = [...source.matchAll(BARE)].map((found) => ({ name: found[1] ?? '', isTypeOnly: false }));
  const called = [...source.matchAll(CALLED)].map((found) => ({
    name: found[1] ? (found[2] ?? '') : `computed: ${found[2]}`,
    isTypeOnly: false,
  }));
  return [...named, ...bare, ...called].map(({ name, isTypeOnly }) => ({
    target: name.startsWith('.') ? posix.join(posix.dirname(path), name) : name,
    isTypeOnly,
  }));
}

const isInside = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);
const roomOf = (path: string): string | undefined => /^lib\/([^/]+)\//.exec(path)?.[1];

/** One sentence per broken rule; tests and benchmarks may look at everything. Throws when there is nothing to look at, because silence would look like order. */
export function brokenRules(files: readonly SourceFile[]): readonly string[] {
  const empty = [...PURE_ROOMS, ...NEVER_EACH_OTHER].filter((room) => !files.some(({ path }) => roomOf(path) === room));
  if (empty.length > 0) throw new Error(`no source files found in lib/: ${empty.join(', ')}`);
  return files
    .filter(({ path }) => !isInside(path, 'test') && !isInside(path, 'bench'))
    .flatMap((file) =>
      importsOf(file).flatMap((one) => complaints(file.path, one).map((why) => `${file.path}: ${why}`)),
    );
}

function complaints(path: string, { target, isTypeOnly }: Import): readonly string[] {
  const from = roomOf(path);
  const to = roomOf(target);
  const found: string[] = [];
  const isPure = from !== undefined && PURE_ROOMS.includes(from);

  const outer = OUTER.find((folder) => isInside(target, folder));
  if (outer !== undefined && isInside(path, 'lib')) found.push(`lib must not import ${outer} (${target})`);
  else if (outer !== undefined && outer !== 'simulator' && !isInside(path, outer) && !isWiring(path, outer)) {
    found.push(`nothing imports ${outer} (${target})`);
  }
  if (from !== to && NEVER_EACH_OTHER.includes(from ?? '') && NEVER_EACH_OTHER.includes(to ?? '')) {
    found.push(`${from} must not import ${to}`);
  }
  if (target === CHANGES && !CHANGING.some((home) => isInside(path, home))) {
    found.push(`only ${CHANGING[0]} makes calls that change a node (${target})`);
  }
  if (to === 'flow' && from !== undefined && from !== 'flow') found.push('only lib/flow lets rooms meet');
  if (target.startsWith('computed: ') && isInside(path, 'lib')) found.push(`an import nobody can check (${target})`);
  if (isPure && !isPureTarget(target, isTypeOnly)) found.push(`${from} is pure and must not import ${target}`);
  for (const { sdk, homes } of SDK_HOMES) {
    if (sdk.test(target) && !homes.some((home) => isInside(path, home))) {
      found.push(`${target} belongs to ${homes.join(' and ')} alone`);
    }
  }
  return found;
}

/** The two exceptions: the single machine runs the very handlers that AWS runs, and `medic` reads what it keeps. */
const isWiring = (path: string, outer: string) =>
  (outer === 'handlers' && isInside(path, 'local')) || (outer === 'local' && isInside(path, 'cli'));

/** Pure rooms know each other, frozen plans and policy, results, and the types of actions. */
function isPureTarget(target: string, isTypeOnly: boolean): boolean {
  const room = roomOf(target);
  if (target === 'lib/yaml/nesting.ts') return true;
  if (room === 'actions') return isTypeOnly;
  if (room !== undefined) return PURE_ROOMS.includes(room) || room === 'approvals';
  return target === 'lib/result.ts' || PURE_PACKAGES.includes(target);
}
