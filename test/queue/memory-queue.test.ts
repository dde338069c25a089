import { expect, test } from 'vitest';
import { memoryQueue } from '../../lib/queue/memory-queue.ts';
import type { Message } from '../../lib/queue/queue.ts';
import type { Timers } from '../../lib/queue/timers.ts';

const look = (subject: string): Message => ({ function: 'diagnose', subject, step: 'diagnose' });

/** Time that moves only when told to, then lets everything that became due run. */
function handTimers() {
  let nowMs = 0;
  const waiting = new Set<{ readonly atMs: number; readonly call: () => void }>();
  const timers: Timers = {
    nowMs: () => nowMs,
    after(delayMs, call) {
      const timer = { atMs: nowMs + delayMs, call };
      waiting.add(timer);
      return () => void waiting.delete(timer);
    },
  };
  async function settle() {
    await new Promise((resolve) => setImmediate(resolve));
  }
  async function advance(ms: number) {
    const untilMs = nowMs + ms;
    for (;;) {
      await settle();
      const next = [...waiting].toSorted((one, other) => one.atMs - other.atMs)[0];
      if (next === undefined || next.atMs > untilMs) break;
      waiting.delete(next);
      nowMs = next.atMs;
      next.call();
    }
    nowMs = untilMs;
    await settle();
  }
  return { timers, advance };
}

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), opened };
}

test('a message goes to the handler of its function, once, also when the handler comes later', async () => {
  const { timers, advance } = handTimers();
  const queue = memoryQueue({ timers });
  const seen: string[] = [];
  await queue.send(look('A'));
  await queue.send({ ...look('B'), function: 'operate' });
  queue.handle('diagnose', async ({ subject }) => void seen.push(subject));
  await advance(1_000_000);
  expect(seen).toEqual(['A']);
  expect(queue.pending()).toEqual([{ ...look('B'), function: 'operate' }]);
});

test('a delayed message comes after its delay and not before', async () => {
  const { timers, advance } = handTimers();
  const queue = memoryQueue({ timers });
  const seen: number[] = [];
  queue.handle('diagnose', async () => void seen.push(timers.nowMs()));
  await queue.send(look('A'), { delayMs: 90_000 });
  await advance(89_999);
  expect(seen).toEqual([]);
  await advance(1);
  expect(seen).toEqual([90_000]);
});

test('a handler that fails gets its message again, and after the last time it is a dead letter', async () => {
  const { timers, advance } = handTimers();
  const queue = memoryQueue({ timers, maxReceives: 3, retryMs: 100 });
  const receives: number[] = [];
  queue.handle('diagnose', async (_, receive) => {
    receives.push(receive);
    throw new Error(`broken ${receive}`);
  });
  await queue.send(look('A'));
  await advance(1000);
  expect(receives).toEqual([1, 2, 3]);
  expect(queue.deadLetters()).toEqual([{ message: look('A'), receives: 3, lastError: 'broken 3' }]);
  expect(queue.pending()).toEqual([]);
});

test('a handler that hangs does not hold its message: it comes again after the visibility timeout', async () => {
  const { timers, advance } = handTimers();
  const queue = memoryQueue({ timers, visibilityMs: 5000 });
  const { open, opened } = gate();
  const receives: number[] = [];
  queue.handle(
    'diagnose',
    async (_, receive) => {
      receives.push(receive);
      if (receive === 1) await opened;
    },
    { concurrency: 2 },
  );
  await queue.send(look('A'));
  await advance(4999);
  expect(receives).toEqual([1]);
  await advance(1);
  expect(receives).toEqual([1, 2]);
  open();
  await advance(60_000);
  expect(receives).toEqual([1, 2]);
});

test('no more handlers of a function run than it allows, and other functions are not held up', async () => {
  const { timers, advance } = handTimers();
  const queue = memoryQueue({ timers });
  const { open, opened } = gate();
  let running = 0;
  let most = 0;
  const others: string[] = [];
  queue.handle(
    'diagnose',
    async () => {
      running += 1;
      most = Math.max(most, running);
      await opened;
      running -= 1;
    },
    { concurrency: 2 },
  );
  queue.handle('notify', async ({ subject }) => void others.push(subject));
  for (const subject of ['A', 'B', 'C', 'D']) await queue.send(look(subject));
  await queue.send({ ...look('E'), function: 'notify' });
  await advance(0);
  expect({ running, others }).toEqual({ running: 2, others: ['E'] });
  open();
  await advance(0);
  expect({ running, most, pending: queue.pending() }).toEqual({ running: 0, most: 2, pending: [] });
});

test('identical messages that wait are delivered once; one that is due later still comes', async () => {
  const { timers, advance } = handTimers();
  const queue = memoryQueue({ timers });
  const seen: number[] = [];
  await queue.send(look('A'));
  await advance(10);
  await queue.send(look('A'));
  await queue.send(look('A'), { delayMs: 500 });
  queue.handle('diagnose', async () => void seen.push(timers.nowMs()));
  await advance(1000);
  expect(seen).toEqual([10, 510]);
});

test('a message that is sent while its twin is handled is delivered after it', async () => {
  const { timers, advance } = handTimers();
  const queue = memoryQueue({ timers });
  const { open, opened } = gate();
  let seen = 0;
  queue.handle('diagnose', async () => {
    seen += 1;
    await opened;
  });
  await queue.send(look('A'));
  await queue.send(look('A'));
  open();
  await advance(0);
  expect(seen).toBe(2);
});

test('messages with one dedupe key are one, at the earliest of their times', async () => {
  const { timers, advance } = handTimers();
  const queue = memoryQueue({ timers });
  const seen: number[] = [];
  queue.handle('diagnose', async () => void seen.push(timers.nowMs()));
  await queue.send(look('A'), { delayMs: 2000, dedupe: 'card' });
  await queue.send(look('A'), { delayMs: 1000, dedupe: 'card' });
  await queue.send(look('A'), { delayMs: 3000, dedupe: 'card' });
  await advance(10_000);
  expect(seen).toEqual([1000]);
});

test('drain waits for what runs and delivers nothing more', async () => {
  const { timers, advance } = handTimers();
  const queue = memoryQueue({ timers });
  const { open, opened } = gate();
  const seen: string[] = [];
  queue.handle('diagnose', async ({ subject }) => {
    await opened;
    seen.push(subject);
  });
  await queue.send(look('A'));
  await queue.send(look('B'));
  const drained = queue.drain().then(() => seen.push('drained'));
  await queue.send(look('C'));
  open();
  await drained;
  await advance(1_000_000);
  expect(seen).toEqual(['A', 'drained']);
  expect(queue.pending()).toEqual([look('B'), look('C')]);
});
