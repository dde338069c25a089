/**
 * One thing that was read, or the typed reason why it could not be.
 * `source` is the RPC (`machine.MachineService/Version`) or the resource (`VolumeStatuses.block.talos.dev`),
 * `node` the address that answered, `via` the control plane that forwarded, `at` when the answer came (ISO 8601).
 */
export type Reading<T> = {
  readonly source: string;
  readonly node: string;
  readonly via?: string;
  readonly at: string;
  readonly tookMs: number;
  /** Said when the reply was longer than its cap: what was kept. */
  readonly cut?: string;
  /** How many secrets were taken out of the text before it left the room. */
  readonly redacted?: number;
} & ({ readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ReadingError });

/** `code` is a code of lib/talos/talos-error.ts; `message` one sentence for a person. */
export type ReadingError = { readonly code: string; readonly message: string };

/** The value, or undefined where the reading was not made or failed: missing evidence is never a healthy reading. */
export function readValue<T>(reading: Reading<T> | undefined): T | undefined {
  return reading?.ok ? reading.value : undefined;
}
