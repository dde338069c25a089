import { type ParseArgsConfig, parseArgs } from 'node:util';

/** Resolves to the exit code. */
export type Command = (args: readonly string[]) => Promise<number>;

/** The call was wrong: what is shown is one sentence and the help. */
export class UsageError extends Error {}

/** Flags as given; a wrong one is a usage error that names it. */
export function readFlags<T extends NonNullable<ParseArgsConfig['options']>>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
