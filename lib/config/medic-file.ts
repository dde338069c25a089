import { dirname, resolve } from 'node:path';
import * as z from 'zod';
import { playbookFiles } from '../own-playbooks/folder.ts';
import { builtInNames } from '../playbooks/built-in.ts';
import { err, ok, type Result } from '../result.ts';
import { nearest } from '../yaml/explain-issues.ts';
import { type Checked, readChecked } from '../yaml/read-checked.ts';
import { atMost } from '../yaml/yaml-file.ts';
import { ClusterConfig } from './config.ts';

/** `medic.yaml`, as people write it. docs/medic.schema.json is made from it. */
export const MedicFile = z.strictObject({
  clusters: z
    .array(ClusterConfig)
    .min(1, 'expected one cluster at least')
    .describe('the clusters that Medic looks after'),
  playbooks: z
    .strictObject({
      folder: z.string().min(1, 'expected a folder').describe('where your own playbooks are, seen from this file'),
    })
    .optional()
    .describe('playbooks of your own'),
});
export type MedicFile = z.infer<typeof MedicFile>;

export type TeamConfig = {
  readonly clusters: readonly ClusterConfig[];
  /** Absolute; undefined: no playbooks of their own. */
  readonly playbookFolder: string | undefined;
};

/** The file, read and checked against itself and the folder that it names; or every mistake with its place. */
export function readMedicFile(file: string): Result<TeamConfig, readonly string[]> {
  const read = readChecked(file, { is: 'medic.yaml' }, MedicFile);
  if (!read.ok) return read;
  const { clusters, playbooks } = read.value.value;
  const playbookFolder = playbooks && resolve(dirname(file), playbooks.folder);
  const found = playbookFolder === undefined ? ok([]) : playbookFiles(playbookFolder);
  if (!found.ok) return err([read.value.problemAt(['playbooks', 'folder'], undefined, found.error)]);
  const names = [...builtInNames(), ...found.value.map(({ name }) => name)];
  const problems = atMost([...sameNames(read.value), ...unknownPlaybooks(read.value, names)]);
  return problems.length === 0 ? ok({ clusters, playbookFolder }) : err(problems);
}

const sameNames = ({ value: { clusters }, problemAt }: Checked<MedicFile>): readonly string[] =>
  clusters.flatMap(({ name }, n) =>
    clusters.findIndex((other) => other.name === name) === n
      ? []
      : [problemAt(['clusters', n, 'name'], undefined, `"${name}" is there twice; say all of a cluster in one place`)],
  );

const unknownPlaybooks = (
  { value: { clusters }, problemAt }: Checked<MedicFile>,
  names: readonly string[],
): readonly string[] =>
  clusters.flatMap(({ playbooks }, n) =>
    Object.keys(playbooks.stages)
      .filter((name) => !names.includes(name))
      .map((name) => {
        const says = `there is no playbook "${name}"; did you mean "${nearest(name, names)}"?`;
        return problemAt(['clusters', n, 'playbooks', 'stages'], name, says);
      }),
  );
