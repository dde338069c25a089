import type { NodeState } from './state.ts';
import { ETCD_FILE_BYTES } from './storage-usage.ts';

const MIB = 1024 ** 2;
const IN_USE_BYTES = 31 * MIB;
/** Of etcd, where nobody set another. Source: etcd, DefaultQuotaBytes. */
const QUOTA_BYTES = 2 * 1024 * MIB;

/** The database of a member: how large its file is, and how much of that is in use. */
export type EtcdFile = { readonly bytes: number; readonly inUseBytes: number };

export const etcdFileOf = ({ physical }: NodeState): EtcdFile =>
  physical.etcdFile ?? { bytes: ETCD_FILE_BYTES, inUseBytes: IN_USE_BYTES };

export const isOverQuota = ({ bytes }: EtcdFile): boolean => bytes >= QUOTA_BYTES;
