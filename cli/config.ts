import { readMedicFile } from '../lib/config/medic-file.ts';
import { type Loaded, loadPlaybooks, nothingLoaded } from '../lib/own-playbooks/load.ts';
import { ok } from '../lib/result.ts';
import { refusal } from '../local/team-config.ts';
import { type Command, readFlags, UsageError } from './usage.ts';

/** `medic config check [FILE]`: 0 when Medic can start with it as it is, 1 with every mistake and its place. */
export const configCommand: Command = async (args) => {
  const { positionals } = readFlags(args, {});
  const [what, given, ...more] = positionals;
  if (what !== 'check' || more.length > 0) throw new UsageError('medic config knows one thing: check [FILE].');
  const file = given ?? (process.env['MEDIC_CONFIG'] || 'medic.yaml');
  const read = readMedicFile(file);
  if (!read.ok) return fail([...read.error, 'docs/configuration.md says what every key means.']);
  const { clusters, playbookFolder } = read.value;
  const loaded = playbookFolder === undefined ? ok(nothingLoaded) : await loadPlaybooks(playbookFolder);
  if (!loaded.ok) return fail([`${file}: ${loaded.error}`]);
  console.log(
    [
      `${file}: ${count(clusters.length, 'cluster')} (${clusters.map(({ name }) => name).join(', ')}).`,
      ...(playbookFolder === undefined ? [] : [ownSays(playbookFolder, loaded.value)]),
    ].join('\n'),
  );
  const { refused } = loaded.value;
  return refused.length === 0 ? 0 : fail(refused.map(({ name, because }) => refusal(name, because)));
};

function fail(lines: readonly string[]): number {
  console.error(lines.join('\n'));
  return 1;
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
const ownSays = (folder: string, { playbooks }: Loaded): string =>
  `${folder}: ${count(playbooks.length, 'playbook')} compiled and tried (${playbooks.map(({ name }) => name).join(', ')}).`;
