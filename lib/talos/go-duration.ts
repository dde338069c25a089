const UNITS_MS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ns: 1e-6,
};

/** `-1h2m3.5s` as Go prints a time.Duration, in milliseconds; undefined where the text is none. */
export function goDurationMs(text: string): number | undefined {
  if (text === '0') return 0;
  const match = /^([-+]?)((?:\d{1,15}(?:\.\d{1,15})?(?:ns|us|µs|μs|ms|s|m|h)){1,8})$/.exec(text);
  if (match === null) return undefined;
  const parts = [...(match[2] ?? '').matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|s|m|h)/g)];
  const sum = parts.reduce((ms, [, number = '', unit = '']) => ms + Number(number) * (UNITS_MS[unit] ?? 0), 0);
  return match[1] === '-' ? -sum : sum;
}
