import type { Blobs } from '../blobs/blobs.ts';
import type { MedicConfig } from '../config/config.ts';
import type { Log } from '../log.ts';
import type { OwnPlaybooks } from '../own-playbooks/own-playbooks.ts';
import type { Items, Ledger } from '../store/ledger-types.ts';

/** What every step needs. Clocks and ids come from outside, so that a test decides them. */
export type Deps = {
  readonly config: MedicConfig;
  readonly ownPlaybooks: OwnPlaybooks;
  readonly ledger: Ledger;
  readonly items: Items;
  readonly blobs: Blobs;
  readonly now: () => Date;
  /** Random, URL-safe, about 12 characters. */
  readonly newId: () => string;
  readonly log: Log;
};

/** A step that cannot go on now and must be looked at again: the queue delivers its message another time. */
export class TryAgain extends Error {
  readonly delayMs: number;
  constructor(because: string, delayMs: number) {
    super(because);
    this.name = 'TryAgain';
    this.delayMs = delayMs;
  }
}
