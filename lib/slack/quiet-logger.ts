import { type Logger, LogLevel } from '@slack/bolt';
import type { Log } from '../log.ts';

/** Bolt prints whole payloads at its lower levels: only warnings and errors reach our log, cut. */
export function quietLogger(log: Log): Logger {
  const line =
    (level: string) =>
    (...parts: unknown[]) => {
      log(level, { says: parts.map(String).join(' ').slice(0, 500) });
    };
  return {
    debug: () => {},
    info: () => {},
    warn: line('slack_warning'),
    error: line('slack_error'),
    setLevel: () => {},
    getLevel: () => LogLevel.WARN,
    setName: () => {},
  };
}
