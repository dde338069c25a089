import { parseArgs } from 'node:util';
import { loadOwn } from '../../cli/load-own.ts';
import { toldOf } from '../../cli/patrol-text.ts';
import { patrolScenario } from '../../cli/patrolled.ts';
import { lookAtScenario } from '../../cli/scenario-look.ts';
import { ownPlaybooks } from '../../lib/own-playbooks/own-playbooks.ts';
import { listScenarios } from '../../simulator/nodes/read-scenario.ts';
import type { Scenario } from '../../simulator/nodes/scenario-schema.ts';
import { judge, onOffer, wrongWithLess } from './judge.ts';

/**
 * Every scenario of the library through the real client and the real playbooks, against what its file expects.
 * Exit code 1: a wrong top finding, a false certain one, a harmful or a missing offer.
 */
const print = (text: string): boolean => process.stdout.write(`${text}\n`);

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    scenarios: { type: 'string' },
    only: { type: 'string' },
    playbooks: { type: 'string' },
  },
});

const { playbooks } = await loadOwn(values.playbooks);
const own = ownPlaybooks(playbooks);

async function evaluate({ name, expect: wanted }: Scenario) {
  const node = wanted.node ?? 'w-2';
  const started = performance.now();
  const file = values.scenarios === undefined ? name : `${values.scenarios}/${name}.yaml`;
  const found = await lookAtScenario(file, node, own);
  if ('nodes' in found) throw new Error(`${name} has no node ${node}`);
  const { evidence, findings, entry } = found.look;
  const [top] = findings;
  const less = await wrongWithLess(evidence, { inventory: entry, ordered: [] }, wanted, playbooks);
  return {
    scenario: name,
    node,
    expected: wanted.finding,
    got: top?.code ?? 'nothing',
    confidence: top?.confidence ?? '',
    summary: top?.summary ?? '',
    others: findings.slice(1).map(({ code, confidence }) => `${code} (${confidence})`),
    offers: onOffer(findings, found.offers),
    ...judge(findings, found.offers, wanted),
    less,
    missedByPatrol: await missedByPatrol(file, wanted.patrol ?? []),
    sweepMs: evidence.tookMs,
    tookMs: Math.round(performance.now() - started),
  };
}
async function missedByPatrol(file: string, wanted: readonly string[]): Promise<readonly string[]> {
  if (wanted.length === 0) return [];
  const codes = new Set(toldOf(await patrolScenario(file)).findings.map(({ code }) => code));
  return wanted.filter((code) => !codes.has(code));
}
type Row = Awaited<ReturnType<typeof evaluate>>;

const isGood = (row: Row): boolean =>
  row.isRight &&
  [row.falseCertain, row.harmful, row.missingOffers, row.less, row.missedByPatrol].every((list) => list.length === 0);

const SHOWN = 4;
const shortened = (lines: readonly string[]): readonly string[] =>
  lines.length <= SHOWN ? lines : [...lines.slice(0, SHOWN), `and ${lines.length - SHOWN} more like these`];

function say(row: Row): string {
  const mark = isGood(row) ? 'ok ' : 'NO ';
  const head = `${mark} ${row.scenario.padEnd(52)} ${row.got} (${row.confidence}), ${row.offers.join(', ') || 'no offer'}, ${row.sweepMs} ms`;
  const problems = [
    row.isRight ? '' : `expected ${row.expected}; beside it: ${row.others.join(', ') || 'nothing'}`,
    row.falseCertain.length > 0 ? `certain and wrong: ${row.falseCertain.join(', ')}` : '',
    row.harmful.length > 0 ? `harmful offer: ${row.harmful.join(', ')}` : '',
    row.missingOffers.length > 0 ? `not offered: ${row.missingOffers.join(', ')}` : '',
    row.missedByPatrol.length > 0 ? `not found by a patrol: ${row.missedByPatrol.join(', ')}` : '',
    ...(row.falseCertain.length === 0 ? shortened(row.less) : []),
  ];
  return [head, ...problems.filter((text) => text !== '').map((text) => `      ${text}`)].join('\n');
}

const library = listScenarios(values.scenarios).filter(({ name }) => name.includes(values.only ?? ''));
const rows: Row[] = [];
for (const scenario of library) {
  const row = await evaluate(scenario);
  rows.push(row);
  if (!values.json) print(say(row));
}
const count = (isSo: (row: Row) => boolean) => rows.filter(isSo).length;
const totals = {
  scenarios: rows.length,
  right: count(({ isRight }) => isRight),
  falseCertain: count(({ falseCertain }) => falseCertain.length > 0),
  harmful: count(({ harmful }) => harmful.length > 0),
  missingOffers: count(({ missingOffers }) => missingOffers.length > 0),
  wrongWithLess: count(({ less }) => less.length > 0),
  missedByPatrol: count(({ missedByPatrol: missed }) => missed.length > 0),
};
if (values.json) print(JSON.stringify({ totals, rows }, null, 2));
else {
  const share = rows.length === 0 ? 0 : Math.round((100 * totals.right) / rows.length);
  print(
    `\n${totals.right} of ${rows.length} right (${share} %), ${totals.falseCertain} false certain, ${totals.harmful} harmful, ${totals.missingOffers} without an expected offer, ${totals.wrongWithLess} certain and wrong with one reading less, ${totals.missedByPatrol} with something that a patrol missed`,
  );
}
process.exitCode = rows.every(isGood) ? 0 : 1;
