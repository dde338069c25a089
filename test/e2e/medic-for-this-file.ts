import { afterAll, beforeAll, expect } from 'vitest';
import { type Api, apiOf, type People, peopleOf } from './people.ts';
import { cleanUp, newFolder, type RunningMedic, startMedic } from './running-medic.ts';

/** What the tests of one file share: a Medic that runs, the folder that is its own, and who speaks with it. */
export type Shared = {
  readonly folder: string;
  readonly medic: RunningMedic;
  readonly api: Api;
  readonly people: People;
  /** `npm start` once more on the same folder, after Medic has ended. */
  startAgain(): Promise<void>;
};

/** Starts it before the tests of the file; afterwards it ends by Ctrl-C, as one that is well, and nothing is left. */
export function medicForThisFile(env: Readonly<Record<string, string>> = {}): Shared {
  let folder: string | undefined;
  let running: RunningMedic | undefined;
  beforeAll(async () => {
    folder = await newFolder();
    running = await startMedic(folder, env);
  });
  afterAll(async () => {
    try {
      if (running !== undefined) expect(await running.stop()).toBe(0);
    } finally {
      if (folder !== undefined) await cleanUp(folder);
    }
  });
  const medic = (): RunningMedic => {
    if (running === undefined) throw new Error('Medic runs in tests and hooks only.');
    return running;
  };
  return {
    get folder() {
      return medic().folder;
    },
    get medic() {
      return medic();
    },
    get api() {
      return apiOf(medic());
    },
    get people() {
      return peopleOf(medic().folder);
    },
    async startAgain() {
      running = await startMedic(medic().folder, env);
    },
  };
}
