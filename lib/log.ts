/** One JSON line per decision, to stderr: never tokens, response URLs or whole payloads. */
export type Log = (decision: string, about?: Readonly<Record<string, string | number>>) => void;

export const jsonLog =
  (now: () => Date): Log =>
  (decision, about = {}) => {
    console.error(JSON.stringify({ at: now().toISOString(), decision, ...about }));
  };

export const silentLog: Log = () => {};
