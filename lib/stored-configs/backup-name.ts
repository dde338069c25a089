import type { StoredConfigInfo } from '../actions/stored-config.ts';

/** Everything that may be known of a backup without opening it, so that it is known from its name alone. */
export type Backup = Omit<StoredConfigInfo, 'id' | 'source'>;

const NAME =
  /^([a-z0-9][a-z0-9.-]{0,62})\/([a-z0-9][a-z0-9.-]{0,62})\/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)\.(\d{3})Z_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})_([0-9a-f]{64})$/;

/** `prod/w-1/20260220T000000.000Z_<machine UUID>_<SHA-256>`: by name is by time. undefined: it cannot have a name. */
export function backupName({ cluster, node, takenAt, machineUuid, sha256 }: Backup): string | undefined {
  const stamp = new Date(takenAt).toISOString().replaceAll(/[-:]/g, '');
  const name = `${cluster}/${node}/${stamp}_${machineUuid.toLowerCase()}_${sha256}`;
  return NAME.test(name) ? name : undefined;
}

export function parseBackupName(name: string): Backup | undefined {
  const [, cluster, node, year, month, day, hour, minute, second, ms, machineUuid, sha256] = NAME.exec(name) ?? [];
  if (cluster === undefined || node === undefined || machineUuid === undefined || sha256 === undefined)
    return undefined;
  const takenAt = `${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`;
  return Number.isNaN(Date.parse(takenAt)) ? undefined : { cluster, node, takenAt, machineUuid, sha256 };
}
