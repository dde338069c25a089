import { expect, test } from 'vitest';
import { type Question, questions } from '../../lib/talos/questions.ts';

const versions = ({ since }: Question) => (since === undefined ? '1.8 and newer' : `${since} and newer`);
const nodes = ({ role }: Question) => (role === 'any' ? 'every node' : 'control planes');
const MAINTENANCE = { yes: 'yes', calls: 'from 1.13', no: 'no' } as const;

const rows = questions.map((question) => {
  const source = question.source.replaceAll(', ', '`, `');
  return `| ${question.asks} | \`${source}\` | ${nodes(question)} | ${versions(question)} | ${MAINTENANCE[question.maintenance]} |`;
});

const page = `# What Medic asks a Talos node

Every sweep asks all of this at once, over one connection, under one deadline. An \`os:reader\` certificate is enough for
each line; in maintenance mode none is shown. A name with \`/\` is a call, the others are resources
(\`talosctl get\`). What a version, a role or maintenance mode cannot answer is not asked.

| Question | Call or resource | Asked of | Talos | In maintenance mode |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

At the same time every other control plane is asked what it knows of the node: \`Members.cluster.talos.dev\`,
\`machine.MachineService/EtcdMemberList\`, \`machine.MachineService/EtcdStatus\`. A silent node is also dialled through
each of them.

This page is written from \`lib/talos/questions.ts\`: \`npx vitest run test/docs -u\`.
`;

test('docs/talos.md says what the sweep asks', async () => {
  await expect(page).toMatchFileSnapshot('../../docs/talos.md');
});

test('no reading is asked for twice, and every question is one', () => {
  expect(new Set(questions.map(({ source }) => source)).size).toBe(questions.length);
  for (const { asks } of questions) expect(asks).toMatch(/^[A-Z].*\?$/);
});
