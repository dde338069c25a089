import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { actionTraits } from '../../lib/actions/traits.ts';
import { ActionName } from '../../lib/approvals/action-name.ts';
import { factsTable } from './action-facts.ts';

const read = (file: string): string => readFileSync(`docs/actions/${file}`, 'utf8');
/** What somebody who has to decide looks for. */
const PARTS = ['Does', 'Offered by', 'Steps', 'When a reply is lost', 'Verified', 'Undo', 'What can go wrong'];

describe.for(ActionName.options)('the page of %s', (name) => {
  const page = read(`${name}.md`);

  test('says what the code says of risk, approvals, gates, checks and times', () => {
    expect(page).toContain(`# \`${name}\`\n\n${factsTable(name)}\n`);
  });

  test('has every part, in one order', () => {
    const headings = [...page.matchAll(/^\*\*([A-Z][a-z ]+)\.\*\* \S/gm)].map(([, heading]) => heading);
    expect(headings.filter((heading) => heading !== undefined && PARTS.includes(heading))).toEqual(PARTS);
  });

  test('is found from the list, under the same risk', () => {
    const { risk, approvals } = actionTraits[name];
    const row = read('README.md')
      .split('\n')
      .find((line) => line.includes(`](${name}.md)`));
    expect(row).toMatch(new RegExp(`\\| ${risk} +\\| (${approvals.worker}|-) / ${approvals.controlplane}\\b`));
    expect(row?.includes('typed name')).toBe(actionTraits[name].typedName === 'required');
  });
});

test('there are no pages of actions that do not exist', () => {
  const pages = readdirSync('docs/actions').filter((file) => file !== 'README.md');
  expect(pages.toSorted()).toEqual(ActionName.options.map((name) => `${name}.md`).toSorted());
});
