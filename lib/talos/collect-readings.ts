import type { Readings } from '../evidence/evidence.ts';
import type { Reading } from '../evidence/reading.ts';
import { type Asked, isAsked, type Question, type Take } from './questions/question.ts';
import { questions } from './questions/registry.ts';
import { type Source, type Sweep, takeReading } from './sweep.ts';

/** Questions that have been asked, and their answers to come. None of them fails: a failure is a reading. */
export type Pending = ReadonlyMap<Question, Promise<Readings>>;

/** Asks one node everything that makes sense, all at once over one connection; what was asked already is kept. */
export function askAll(sweep: Sweep, source: Source, asked: Asked, already: Pending = new Map()): Pending {
  const take: Take = (what, reader) => takeReading(sweep, source, what, reader);
  const due = questions.filter((question) => isAsked(question, asked));
  return new Map(due.map((question) => [question, already.get(question) ?? question.take(take, asked)]));
}

export async function answersOf(pending: Pending): Promise<Readings> {
  const readings: Readings = {};
  const logs: Record<string, Reading<readonly string[]>> = {};
  for (const part of await Promise.all(pending.values())) {
    Object.assign(readings, part);
    Object.assign(logs, part.logs);
  }
  return Object.keys(logs).length === 0 ? readings : { ...readings, logs };
}
