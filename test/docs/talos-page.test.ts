import { expect, test } from 'vitest';
import type { Question, QuestionSource } from '../../lib/talos/questions/question.ts';
import { questions } from '../../lib/talos/questions/registry.ts';
import { type CallRule, callRules, isCallName, ruleOf } from '../../lib/versions/calls.ts';
import { resourceRule } from '../../lib/versions/resources.ts';
import { NEWEST, OLDEST } from '../../lib/versions/talos-version.ts';

const sinceOf = (source: QuestionSource): string | undefined =>
  isCallName(source) ? ruleOf(source).since : resourceRule(source).since;
const minorOf = (line: string): number => Number(line.split('.')[1]);
const nodes = { any: 'every node', controlplane: 'control planes' } as const;

const sourceText = (source: QuestionSource, { sources }: Question): string => {
  const since = sinceOf(source);
  return `\`${source}\`${since === undefined || sources.length === 1 ? '' : ` (${since})`}`;
};
const oldest = (sources: readonly QuestionSource[]): string =>
  sources.map((source) => sinceOf(source) ?? OLDEST).toSorted((a, b) => minorOf(a) - minorOf(b))[0] ?? OLDEST;
function inMaintenance({ needsConfig, sources }: Question): string {
  if (needsConfig) return 'no';
  const offered = sources.map((source) => (isCallName(source) ? ruleOf(source).inMaintenance : OLDEST));
  const first = offered.filter((line) => line !== undefined).toSorted((a, b) => minorOf(a) - minorOf(b))[0];
  if (first === undefined) return 'no';
  return first === OLDEST ? 'yes' : `from ${first}`;
}

const rows = questions.map((question) => {
  const sources = question.sources.map((source) => sourceText(source, question)).join(', ');
  const roles = new Set(question.sources.map((source) => (isCallName(source) ? ruleOf(source).role : 'os:reader')));
  const since = `${oldest(question.sources)} and newer`;
  return `| ${question.asks} | ${sources} | ${[...roles].map((role) => `\`${role}\``).join(', ')} | ${nodes[question.nodes]} | ${since} | ${inMaintenance(question)} |`;
});

const changes = Object.entries<CallRule>(callRules)
  .filter(([, { does }]) => does !== undefined)
  .map(([call, { does, role, nodes: whom, since }]) => {
    return `| ${does}. | \`${call}\` | \`${role}\` | ${nodes[whom]} | ${since ?? OLDEST} and newer |`;
  });

const page = `# What Medic says to a Talos node

Medic knows Talos ${OLDEST} to ${NEWEST}. It reads newer ones as it reads ${NEWEST}, and changes nothing on them.

## What it asks

Every sweep asks all of this at once, over one connection, under one deadline. In maintenance mode no certificate of ours
is shown. A name with \`/\` is a call, the others are resources (\`talosctl get\`). What a version, a role or maintenance
mode cannot answer is not asked.

| Question | Call or resource | Role | Asked of | Talos | In maintenance mode |
| --- | --- | --- | --- | --- | --- |
| Which Talos is it? | \`machine.MachineService/Version\`, in maintenance mode \`Versions.runtime.talos.dev\` (1.10) | \`os:reader\` | every node | ${OLDEST} and newer | from 1.10 |
${rows.join('\n')}

At the same time every other control plane is asked what it knows of the node, see [peers](#what-the-others-say).

The certificate that the node shows, its issuer and its dates come with the connection, and so does the end of our own.

## What the others say

Each of the other control planes is asked for itself: \`machine.MachineService/EtcdMemberList\` and
\`machine.MachineService/EtcdStatus\` (who is in etcd, is there a leader), \`Members.cluster.talos.dev\` and
\`Affiliates.cluster.talos.dev\` (does discovery know the node, from which addresses), \`MachineStatuses.runtime.talos.dev\`
(is it healthy itself) and \`NodeStatuses.kubernetes.talos.dev\` (Talos publishes the Kubernetes status of a node on that
node alone, so about another one this is empty). A node that is silent from here is dialled through each of them with the
header \`node\`. Two agreeing answers are a verdict; whoever says otherwise is named beside it.

## What it may change

| What happens | Call | Role | Asked of | Talos |
| --- | --- | --- | --- | --- |
${changes.join('\n')}

Before each of them the version is read over the same connection; what this Talos does not know, or Medic does not know of
it, ends there, before anything is sent.

This page is written from \`lib/talos/questions\` and \`lib/versions\`: \`npx vitest run test/docs -u\`.
`;

test('docs/talos.md says what is asked, what may be changed, by whom and since when', async () => {
  await expect(page).toMatchFileSnapshot('../../docs/talos.md');
});

test('no reading is asked for twice, and every question is one', () => {
  expect(new Set(questions.map(({ asks }) => asks)).size).toBe(questions.length);
  const first = questions.map(({ sources }) => sources[0]);
  expect(new Set(first).size).toBe(questions.length);
  for (const { asks } of questions) expect(asks).toMatch(/^[A-Z].*\?$/);
});

test('a question is only asked where a reader may ask it', () => {
  for (const { sources } of questions) {
    for (const source of sources) expect(isCallName(source) ? ruleOf(source).role : 'os:reader').toBe('os:reader');
  }
});
