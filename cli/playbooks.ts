import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { plainText } from '../lib/evidence/plain-text.ts';
import { type PlaybookRecord, playbookRecords } from '../lib/flow/playbook-record.ts';
import { incidentIdOf } from '../lib/incidents/stream.ts';
import { builtInNames } from '../lib/playbooks/built-in.ts';
import { type Stage, stageOf } from '../lib/playbooks/stage.ts';
import type { Team } from '../local/team-config.ts';
import { configuredTeam } from './configured-team.ts';
import { dataFolder, withStore } from './local-store.ts';
import { columns } from './simulate-text.ts';
import { type Command, readFlags, UsageError } from './usage.ts';

/** The newest; reading one takes milliseconds. */
const INCIDENTS_READ = 1_000;

type Listed = {
  readonly name: string;
  readonly isOwn: boolean;
  /** By cluster. */
  readonly stages: Readonly<Record<string, Stage>>;
  /** undefined: it never spoke in the incidents that were read, or there is no record. */
  readonly record: PlaybookRecord | undefined;
};

/** `medic playbooks [--json]`: every playbook, its stage in each cluster, and what the record says of it. */
export const playbooksCommand: Command = async (args) => {
  const { values, positionals } = readFlags(args, { json: { type: 'boolean', default: false } });
  if (positionals[0] !== undefined) throw new UsageError(`"${positionals[0]}" is no option of medic playbooks.`);
  const team = await configuredTeam();
  const counted = await readRecords();
  const playbooks = listed(team, counted?.records ?? new Map());
  const { refused } = team.own;
  if (values.json) console.log(JSON.stringify({ playbooks, refused, incidents: counted?.incidents ?? null }, null, 2));
  else console.log(say(team, playbooks, counted?.incidents));
  return refused.length === 0 ? 0 : 1;
};

async function readRecords() {
  const isKept = process.env['DYNAMODB_ENDPOINT'] || existsSync(join(dataFolder(), 'medic.db'));
  if (!isKept) return undefined;
  return withStore(async (store) => {
    const ids = (await store.listed('INCIDENT', INCIDENTS_READ)).flatMap((stream) => incidentIdOf(stream) ?? []);
    return { incidents: ids.length, records: await playbookRecords(store, ids) };
  });
}

function listed({ config, own }: Team, records: ReadonlyMap<string, PlaybookRecord>): readonly Listed[] {
  const ours = own.playbooks.map(({ name }) => name);
  return [...ours, ...builtInNames().toSorted()].map((name) => ({
    name,
    isOwn: ours.includes(name),
    stages: Object.fromEntries(config.clusters.map((cluster) => [cluster.name, stageOf(cluster.playbooks, name)])),
    record: records.get(name),
  }));
}

const HEADS = ['verified', 'unverified', 'failed', 'refused', 'closed without', 'broke off'];

function say({ config, own }: Team, playbooks: readonly Listed[], incidents: number | undefined): string {
  const clusters = config.clusters.map(({ name }) => name);
  const rows = playbooks.map(({ name, isOwn, stages, record }) => [
    isOwn ? `${name} (own)` : name,
    ...clusters.map((cluster) => stages[cluster] ?? ''),
    ...(record === undefined ? ['-', ...HEADS.map(() => '')] : counts(record)),
  ]);
  return [
    ...columns([['PLAYBOOK', ...clusters, 'incidents', ...HEADS], ...rows]),
    '',
    ...own.refused.map(({ name, because }) => `REFUSED ${name}: ${plainText(because, { maxLength: 500 })}`),
    incidents === undefined
      ? `There is no record at ${dataFolder()}, so nothing is counted. Say where it is with MEDIC_DATA.`
      : `Counted in the newest ${incidents} incidents. Verified to refused: plans for an action that it suggested. Closed without: none was carried out.`,
  ].join('\n');
}

const counts = (record: PlaybookRecord): readonly string[] => {
  const { incidents, verified, unverified, failed, refused, closedWithout, brokeOff } = record;
  return [incidents, verified, unverified, failed, refused, closedWithout, brokeOff].map(String);
};
