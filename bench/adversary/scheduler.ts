import type { Random } from './random.ts';

/** What a call of a killed process ends with: nothing of it goes on, not even what tidies up. */
export class Killed extends Error {
  constructor() {
    super('the process was killed');
    this.name = 'Killed';
  }
}

/** One Medic among several. Its clock is wrong by `skewMs`; until `pausedUntilMs` it stands still. */
export type Process = {
  readonly name: string;
  skewMs: number;
  isAlive: boolean;
  pausedUntilMs: number;
};

type Waiting = {
  readonly atMs: number;
  readonly process: Process | undefined;
  readonly mayPause: boolean;
  readonly goOn: () => void;
};

export type Scheduler = ReturnType<typeof createScheduler>;

/**
 * Time and turns. Whatever waits goes on in an order that chance decides, one at a time, and time passes only when
 * nobody is ready: so every interleaving of ports is possible, and each is repeated by its seed.
 */
export function createScheduler(random: Random, startMs: number) {
  let nowMs = startMs;
  let steps = 0;
  let waiting: Waiting[] = [];
  const whenTimePasses: (() => void)[] = [];

  const isReady = ({ atMs, process, mayPause }: Waiting): boolean =>
    atMs <= nowMs && (!mayPause || process === undefined || !process.isAlive || process.pausedUntilMs <= nowMs);
  const readyAt = ({ atMs, process, mayPause }: Waiting): number =>
    Math.max(atMs, mayPause && process?.isAlive === true ? process.pausedUntilMs : 0);

  /** Resolves in a later turn; rejects when the process was killed meanwhile. */
  function wait(process: Process, ms: number, mayPause: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const goOn = () => (process.isAlive ? resolve() : reject(new Killed()));
      waiting.push({ atMs: nowMs + ms, process, mayPause, goOn });
    });
  }

  async function step(): Promise<boolean> {
    const ready = waiting.filter(isReady);
    if (ready.length === 0) return false;
    const chosen = random.pick(ready);
    waiting = waiting.filter((one) => one !== chosen);
    steps += 1;
    chosen.goOn();
    await settled();
    return true;
  }

  function passTo(ms: number): void {
    nowMs = Math.max(nowMs, ms);
    for (const each of whenTimePasses) each();
  }

  return {
    nowMs: () => nowMs,
    steps: () => steps,
    clockOf: (process: Process) => () => new Date(nowMs + process.skewMs),
    /** One turn at a port that a process may stand still before. */
    turn: (process: Process) => wait(process, 0, true),
    /** The time that a network takes. */
    sleep: (process: Process, ms: number) => wait(process, ms, false),
    /** Something that happens whoever lives. */
    later(ms: number, happens: () => void): void {
      waiting.push({ atMs: nowMs + ms, process: undefined, mayPause: false, goOn: happens });
    },
    onTime: (happens: () => void) => void whenTimePasses.push(happens),
    /** So many turns at most, without time. */
    async run(turns: number): Promise<void> {
      for (let n = 0; n < turns; n += 1) if (!(await step())) return;
    },
    /** Lets time pass: from one to the next that waits for it, each of which has its turn. */
    async pass(ms: number, mostTurns = 4_000): Promise<void> {
      const untilMs = nowMs + ms;
      for (let turns = 0; turns < mostTurns; turns += 1) {
        if (await step()) continue;
        const next = Math.min(...waiting.map(readyAt));
        if (next > untilMs) break;
        passTo(next);
      }
      passTo(untilMs);
    },
    /** Everybody who waits hears that he is dead. */
    async end(processes: readonly Process[]): Promise<void> {
      for (const process of processes) process.isAlive = false;
      for (let left = waiting; left.length > 0; left = waiting) {
        waiting = [];
        for (const { process, goOn } of left) if (process !== undefined) goOn();
        await settled();
      }
    },
  };
}

/** All microtasks have run: nothing here waits for anything but a turn. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
