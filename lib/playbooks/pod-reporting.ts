import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';

/** The controller by which Talos asks the kubelet for the static pods. */
const CONTROLLER = 'k8s.KubeletStaticPodController';
const FAILED = 'controller failed';
const TLS = 'tls: internal error';
/** A failure that is older is over: Talos tries again within minutes. Our own choice. */
const FRESH_MS = 10 * 60_000;

export type PodReporting = {
  /** Talos says so, or it failed just now. */
  readonly isBroken: boolean;
  /** A log in which a failure would stand was read. */
  readonly isHeard: boolean;
  /** Failures by a missing serving certificate, the oldest first. */
  readonly tlsErrors: readonly { readonly at: string; readonly text: string }[];
};

/** Whether Talos hears the kubelet. Where it does not, static pods run unseen. */
export function podReporting({ readings, collectedAt }: Evidence): PodReporting {
  const log = readValue(readings.logs?.['controller-runtime']);
  const kernel = readValue(readings.kernelLog);
  // both print the same, the log reaches further back
  const lines = log ?? kernel?.map(({ at, message }) => (at === undefined ? message : `${at} ${message}`)) ?? [];
  const failures = lines.filter((line) => line.includes(CONTROLLER) && line.includes(FAILED));
  const certificate = (readValue(readings.diagnostics) ?? []).some(({ id }) => id === KUBELET_CSR);
  return {
    isBroken: certificate || failures.some((line) => isFresh(line, collectedAt)),
    isHeard: log !== undefined,
    tlsErrors: failures.filter((line) => line.includes(TLS)).map((text) => ({ at: TIME.exec(text)?.[0] ?? '', text })),
  };
}
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

/** Both as Talos prints them, to the minute. A line without a time may be from just now. */
function isFresh(line: string, now: string): boolean {
  const at = TIME.exec(line)?.[0];
  return at === undefined || Date.parse(now) - Date.parse(`${at}:59Z`) <= FRESH_MS;
}

/** Diagnostic that Talos raises after half a minute without a certificate. Source: siderolabs/talos, runtime/diagnostics. */
export const KUBELET_CSR = 'kubelet-csr';
