/** One line per decision: never tokens, response URLs or whole payloads. */
export type Log = (decision: string, about?: Readonly<Record<string, string | number>>) => void;

export const silentLog: Log = () => {};
