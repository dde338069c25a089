import type { Evidence } from '../../lib/evidence/evidence.ts';
import { etcdStatus, failed, NOSPACE_ERRORS, nospace, ok } from '../playbooks/build-evidence.ts';

export const GIB = 1024 ** 3;

/** File and what is in use of it in GiB; `null`: its etcd does not answer. */
export type Size = readonly [file: number, inUse: number] | null;
export const FULL: Size = [2, 0.25];
export const SMALL: Size = [0.25, 0.25];

/** cp-1, cp-2 and cp-3; cp-2 leads. */
export function etcdFiles(
  sizes: readonly [Size, Size, Size],
  errors: readonly string[] = NOSPACE_ERRORS,
  leader = '1002',
): Evidence {
  const evidence = nospace(0.1);
  const statusOf = (at: 0 | 1 | 2) => {
    const size = sizes[at];
    const id = `100${at + 1}`;
    if (size === null) return failed<never>();
    return ok({ ...etcdStatus(id), leader, dbBytes: size[0] * GIB, dbInUseBytes: size[1] * GIB, errors });
  };
  const etcdAlarms = ok(errors.length === 0 ? [] : [{ memberId: '1001', alarm: 'NOSPACE' }]);
  return {
    ...evidence,
    readings: { ...evidence.readings, etcdStatus: statusOf(0), etcdAlarms },
    peers: evidence.peers.map((peer, at) => ({ ...peer, etcdStatus: statusOf(at === 0 ? 1 : 2) })),
  };
}
