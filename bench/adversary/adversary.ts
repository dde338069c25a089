import { parseArgs } from 'node:util';
import type { Violation } from './observer.ts';
import { shrink } from './shrink.ts';
import { storyOf, tell } from './story.ts';

/**
 * Plays random stories against the real flow: clusters, faults, alerts, clicks, crashes, wrong clocks, other people at work.
 * Exit code 1: something happened that must never happen. `--runs 1 --seed N` plays story N again.
 */
const print = (text: string): boolean => process.stdout.write(`${text}\n`);

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    story: { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs);
const first = Number(values.seed);
if (!Number.isInteger(runs) || runs < 1 || !Number.isInteger(first)) {
  print('--runs takes a whole number of stories, --seed the number of the first one.');
  process.exit(2);
}

const totals = { calls: 0, refusals: 0, methods: new Map<string, number>(), verdicts: new Map<string, number>() };
const broken: { readonly seed: number; readonly violation: Violation }[] = [];
const started = performance.now();
for (let seed = first; seed < first + runs; seed += 1) {
  const told = await tell(storyOf(seed));
  totals.calls += told.calls;
  totals.refusals += told.refusals;
  addTo(totals.methods, told.methods);
  addTo(totals.verdicts, told.verdicts);
  if (values.story) print(told.lines.join('\n'));
  const [violation] = told.violations;
  if (violation !== undefined) broken.push({ seed, violation });
}

const SHRUNK = 3;
for (const [n, { seed, violation }] of broken.entries()) {
  print(`seed ${seed}: ${violation.rule}: ${violation.says}`);
  if (n >= SHRUNK) continue;
  const { lines } = await tell(await shrink(storyOf(seed), violation.rule));
  print(`  the shortest story of it:\n${lines.map((line) => `    ${line}`).join('\n')}`);
}
const seconds = Math.round((performance.now() - started) / 1000);
print(
  `${runs} runs from seed ${first}, ${totals.calls} calls, ${totals.refusals} refusals, ${broken.length} violations, ${seconds} s`,
);
print(`calls: ${listed(totals.methods)}`);
print(`verdicts: ${listed(totals.verdicts)}`);
process.exitCode = broken.length === 0 ? 0 : 1;

function addTo(sum: Map<string, number>, more: ReadonlyMap<string, number>): void {
  for (const [name, count] of more) sum.set(name, (sum.get(name) ?? 0) + count);
}
function listed(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([name, count]) => `${name} ${count}`).join(', ') || 'none';
}
