import type { Readings } from '../evidence/evidence.ts';
import { type Asked, isAsked, questions, type Take } from './questions.ts';
import { type Source, type Sweep, takeReading } from './sweep.ts';

/** Every reading of one node, all at once over one connection. */
export async function collectReadings(sweep: Sweep, source: Source, asked: Asked): Promise<Readings> {
  const take: Take = (what, reader) => takeReading(sweep, source, what, reader);
  const due = questions.filter((question) => isAsked(question, asked));
  const readings: Readings = {};
  for (const part of await Promise.all(due.map((question) => question.take(take, asked))))
    Object.assign(readings, part);
  return readings;
}
