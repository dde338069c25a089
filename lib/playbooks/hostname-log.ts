import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { KernelLine } from '../evidence/values.ts';
import { shortName } from '../inventory/host-name.ts';

/**
 * When the name came, seen from the start of etcd. `late`: within the boot, after etcd had started. `renamed`: so long
 * after that it was no part of the boot. `early`: etcd had it when it started.
 */
export type HostnameOrder =
  | { readonly order: 'late'; readonly etcd: KernelLine; readonly hostname: KernelLine }
  | { readonly order: 'renamed' | 'early' | 'not told' };

/** Talos gives up on a boot after this time, so a name that comes later comes from a person. Source: Talos, its boot timeout. */
const BOOT_TIMEOUT_MS = 70 * 60_000;

const ETCD_STARTS = 'service[etcd](Starting)';
const SETTING = 'setting hostname';
const HOSTNAME = /"hostname": ?"([^"]{1,253})"/;

/** Printed forms: `service[etcd](Starting): Starting service`, `setting hostname {… "hostname": "x", …}`. As in siderolabs/talos#10105. */
export function hostnameOrder({ readings }: Evidence, currentName: string): HostnameOrder {
  const lines = readValue(readings.kernelLog) ?? [];
  const starts = lines.findIndex(({ message }) => message.includes(ETCD_STARTS));
  const named = lines.findIndex(({ message }) => {
    const name = message.includes(SETTING) ? HOSTNAME.exec(message)?.[1] : undefined;
    return name !== undefined && shortName(name) === shortName(currentName);
  });
  const etcd = lines[starts];
  const hostname = lines[named];
  if (etcd === undefined || hostname === undefined) return { order: 'not told' };
  if (named < starts) return { order: 'early' };
  if (etcd.at === undefined || hostname.at === undefined) return { order: 'not told' };
  const laterMs = Date.parse(hostname.at) - Date.parse(etcd.at);
  return laterMs <= BOOT_TIMEOUT_MS ? { order: 'late', etcd, hostname } : { order: 'renamed' };
}
