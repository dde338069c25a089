import { importsOf, type SourceFile } from './architecture-rules.ts';

/**
 * Tests of the simulated nodes look at them as any Talos client does. What they may know of the simulator: how a
 * cluster is started and what a person may do to it, the scenario files, and what a client brings along itself.
 */
const OUTSIDE = new Set(
  ['start-cluster', 'control-api', 'clock', 'read-scenario', 'scenario-schema']
    .concat(['shutdown-method', 'pki'])
    .map((name) => `simulator/nodes/${name}.ts`)
    .concat('simulator/world.ts'),
);

/** Who looks into the state of the cluster all the same, and why there is no other way. */
export const INSIDERS: Readonly<Record<string, string>> = {
  'test/simulator/screen.ts': 'the screen of a machine at whose port nobody answers is read by nobody but a person',
  'test/simulator/client/every-question.test.ts': 'a version from the future, which no scenario may name',
};

/** `cluster.state`, whatever the cluster is called, and `{ state }` taken out of it; calls of a `state()` are none. */
const OF_A_CLUSTER =
  /\b(?:cluster|first|second)\b\s*\)?\s*[?!]?\s*\.\s*state\b(?!\s*\()|\{[^{}]*\bstate\b[^{}]*\}\s*=\s*[^;]*\b(?:cluster|startCluster)\b/;
const OF_ITS_PARTS = /\.\s*state\s*[?!]?\s*\.\s*(?:nodes|etcd|discovery|network|configs|factory|own|foreign|secrets)\b/;

/** One sentence for each test under test/simulator that reaches inside, and for each exception that is none any more. */
export function reachesInside(files: readonly SourceFile[]): readonly string[] {
  const tests = files.filter(({ path }) => path.startsWith('test/simulator/'));
  if (tests.length === 0) throw new Error('no tests of the simulator found');
  const found = tests.map((file) => ({ path: file.path, why: whyInside(file) }));
  return found.flatMap(({ path, why }) => {
    const isNamed = Object.hasOwn(INSIDERS, path);
    if (isNamed && why.length === 0) return [`${path}: is named as an exception, and looks at nothing inside`];
    return isNamed ? [] : why.map((one) => `${path}: ${one}`);
  });
}

function whyInside(file: SourceFile): readonly string[] {
  const imported = importsOf(file).map(({ target }) => target);
  const inner = imported.filter((target) => target.startsWith('simulator/') && !OUTSIDE.has(target));
  const looks = OF_A_CLUSTER.test(file.source) || OF_ITS_PARTS.test(file.source);
  return [
    ...inner.map((target) => `imports ${target}, which no client of Talos has`),
    ...(looks ? ['looks into the state of the cluster instead of asking the nodes'] : []),
  ];
}
