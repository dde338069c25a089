import type { StoredConfigInfo, StoredConfigs } from '../lib/actions/stored-config.ts';
import { plainText } from '../lib/evidence/plain-text.ts';
import { describeConfigProblem } from '../lib/machine-config/config-problem.ts';
import { diffConfigs } from '../lib/machine-config/diff-configs.ts';
import type { MachineConfig } from '../lib/machine-config/machine-config.ts';
import { parseMachineConfig } from '../lib/machine-config/parse-config.ts';
import { redactedText } from '../lib/machine-config/redacted-text.ts';
import { sayChanges } from '../lib/machine-config/say-changes.ts';
import { localConfigs, nodesWithConfigs } from '../local/config-folders.ts';
import { backupNodes } from './configs-backup.ts';
import { dataFolder } from './local-store.ts';
import { type Command, readFlags, UsageError } from './usage.ts';

/**
 * `medic configs list|show|diff|backup` on what MEDIC_DATA keeps. Values are shown where they are no secrets; there is
 * no way to have the others. `diff`: 0 when both say the same, 1 when not. `backup`: 1 when a node's was not kept.
 */
export const configsCommand: Command = async (args) => {
  const { values, positionals } = readFlags(args, {
    cluster: { type: 'string' },
    node: { type: 'string' },
    talosconfig: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  const [what = '', ...names] = positionals;
  const wants = (count: number, usage: string) => {
    if (names.length !== count) throw new UsageError(`It is: medic configs ${usage}`);
  };
  switch (what) {
    case 'list':
      wants(0, 'list [--cluster NAME] [--node NAME]');
      return list(values);
    case 'show':
      wants(1, 'show VERSION|NODE');
      console.log(redactedText(await read(await find(names[0] ?? '', values.cluster))));
      return 0;
    case 'diff':
      wants(2, 'diff OLD NEW');
      return diff(names[0] ?? '', names[1] ?? '', values);
    case 'backup':
      wants(0, 'backup --talosconfig FILE [--cluster NAME] [--node NAME]');
      if (values.talosconfig === undefined)
        throw new UsageError('Say --talosconfig FILE with an os:admin certificate.');
      return backupNodes({ talosconfig: values.talosconfig, cluster: values.cluster, node: values.node });
    default:
      throw new UsageError('medic configs knows list, show, diff and backup.');
  }
};

type Choice = { readonly cluster?: string | undefined; readonly node?: string | undefined; readonly json: boolean };

async function list({ cluster, node, json }: Choice): Promise<number> {
  const versions = (await allVersions()).filter(
    (one) => one.cluster === (cluster ?? one.cluster) && one.node === (node ?? one.node),
  );
  if (json) console.log(JSON.stringify(versions, null, 2));
  else if (versions.length === 0) console.log(`No stored config is known in ${dataFolder()}.`);
  else console.log(table(versions));
  return 0;
}

function table(versions: readonly StoredConfigInfo[]): string {
  const rows = versions.map(({ cluster, node, takenAt, machineUuid, source, id }) => [
    `${cluster}/${node}`,
    takenAt,
    machineUuid,
    plainText(source, { maxLength: 40 }),
    id,
  ]);
  const all = [['NODE', 'TAKEN', 'MACHINE', 'SOURCE', 'VERSION'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n');
}

async function diff(old: string, fresh: string, { cluster, json }: Choice): Promise<number> {
  const [before, after] = [await find(old, cluster), await find(fresh, cluster)];
  const changes = diffConfigs(await read(before), await read(after));
  if (json) console.log(JSON.stringify({ before: before.id, after: after.id, changes }, null, 2));
  else console.log([`${before.id} -> ${after.id}`, ...sayChanges(changes, Number.POSITIVE_INFINITY)].join('\n'));
  return changes.length === 0 ? 0 : 1;
}

const configs = (): StoredConfigs => localConfigs(dataFolder());

async function allVersions(): Promise<readonly StoredConfigInfo[]> {
  const nodes = await nodesWithConfigs(dataFolder());
  return (await Promise.all(nodes.map(({ cluster, node }) => configs().list(cluster, node)))).flat();
}

/** A version by its id, or the newest one of a node. */
async function find(name: string, cluster: string | undefined): Promise<StoredConfigInfo> {
  const versions = (await allVersions()).filter((one) => one.cluster === (cluster ?? one.cluster));
  const byId = versions.find(({ id }) => id === name);
  if (byId !== undefined) return byId;
  const [newest, ...more] = versions.filter(({ node }) => node === name);
  if (newest === undefined) throw new UsageError(`There is no stored config "${name}"; medic configs list names them.`);
  if (more.some((one) => one.cluster !== newest.cluster)) {
    throw new UsageError(`There is a ${name} in more than one cluster: say --cluster NAME.`);
  }
  return newest;
}

async function read(version: StoredConfigInfo): Promise<MachineConfig> {
  const text = await configs().read(version);
  if (!text.ok) throw new Error(`${version.id}: ${text.error}`);
  const parsed = parseMachineConfig(text.value);
  if (!parsed.ok) throw new Error(`${version.id}: ${describeConfigProblem(parsed.error)}.`);
  return parsed.value;
}
