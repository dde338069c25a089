import { join } from 'node:path';
import { fileBlobs } from '../lib/blobs/file-blobs.ts';
import { plainText } from '../lib/evidence/plain-text.ts';
import { type Replayed, type ReplayedFinding, replay } from '../lib/flow/replay.ts';
import { ownPlaybooks } from '../lib/own-playbooks/own-playbooks.ts';
import { configuredTeam } from './configured-team.ts';
import { dataFolder, withStore } from './local-store.ts';
import { type Command, readFlags, UsageError } from './usage.ts';

/** `medic replay INCIDENT [--json]`: 0 when today's playbooks say what was said then, 1 when something differs. */
export const replayCommand: Command = async (args) => {
  const { values, positionals } = readFlags(args, { json: { type: 'boolean', default: false } });
  const [id, ...more] = positionals;
  if (id === undefined || more.length > 0) throw new UsageError('Say which incident: medic replay INCIDENT.');
  const { config, own } = await configuredTeam();
  const replayed = await withStore(async (store) => {
    const blobs = fileBlobs(join(dataFolder(), 'blobs'));
    const all: Replayed[] = [];
    for await (const one of replay(
      { ledger: store, items: store, blobs, config, ownPlaybooks: ownPlaybooks(own.playbooks) },
      id,
    ))
      all.push(one);
    return all;
  });
  if (replayed.length === 0)
    throw new Error(`There is no diagnosis of an incident ${plainText(id)} in ${dataFolder()}.`);
  console.log(values.json ? JSON.stringify(replayed, null, 2) : replayed.map(say).join('\n\n'));
  return replayed.every((one) => 'isSame' in one && one.isSame) ? 0 : 1;
};

const line = ({ code, confidence, summary, isObserved }: ReplayedFinding): string =>
  `${code} (${confidence}${isObserved ? ', only observed' : ''}): ${plainText(summary, { maxLength: 300 })}`;

function say(one: Replayed): string {
  const head = `Diagnosis of ${plainText(one.node)} at ${one.at} (event ${one.seq})`;
  if ('problem' in one) return `${head}: cannot be replayed, ${one.problem}.`;
  if (one.isSame) return [`${head}: the same today.`, ...one.today.map((finding) => `    ${line(finding)}`)].join('\n');
  const [before, after] = [one.before.map(line), one.today.map(line)];
  return [
    `${head}: differs today.`,
    ...before.map((text) => `  ${after.includes(text) ? ' ' : '-'} ${text}`),
    ...after.filter((text) => !before.includes(text)).map((text) => `  + ${text}`),
  ].join('\n');
}
