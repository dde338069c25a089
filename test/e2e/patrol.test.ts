import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { medicForThisFile } from './medic-for-this-file.ts';
import { mutations } from './running-medic.ts';

const here = medicForThisFile();
const WAIT = { timeout: 30_000 };
const run = promisify(execFile);

/** The command line beside the Medic that runs: what it prints, and its exit code. */
async function command(...args: readonly string[]): Promise<{ readonly code: number; readonly printed: string }> {
  const env = { MEDIC_DATA: here.folder };
  const ran = await run(process.execPath, ['dist/cli/medic.js', 'patrol', ...args], { env }).catch(
    (error: { readonly code: number; readonly stdout: string; readonly stderr: string }) => error,
  );
  return { code: 'code' in ran ? ran.code : 0, printed: `${ran.stdout}${ran.stderr}` };
}
const said = async () => (await here.people.ephemeral('U0ONCALL')).join('\n');
const cards = async () => (await here.people.cards()).map((card) => JSON.stringify(card.blocks));

test('/medic check: an answer at once and one when it is done, one quiet card, closed when all is gone', async () => {
  await here.api.scenario('patrol-extensions-differ');
  await here.people.command('U0ONCALL', '/medic check demo');
  expect(await said()).toContain('Looking over 6 nodes of demo, read only.');
  await expect.poll(said, WAIT).toMatch(/extensions_differ.* on w-3 \(likely\)/);
  await expect.poll(async () => (await cards()).length, WAIT).toBe(1);
  expect((await cards())[0]).toContain('has intel-ucode 20250211');

  const seen = await command('--cluster', 'demo');
  expect(seen.code, seen.printed).toBe(1);
  expect(seen.printed).toContain('WARNING extensions_differ (likely)\n  w-3: w-3 is not like 2 other workers');
  expect((await command('--cluster', 'nope')).code).toBe(2);

  await here.people.command('U0VIEWER', '/medic check demo');
  expect((await here.people.ephemeral('U0VIEWER')).join()).toContain('You have no operator role in demo.');

  await here.api.scenario('healthy');
  await here.people.command('U0ONCALL', '/medic check');
  await expect.poll(said, WAIT).toContain('Nothing found.');
  await expect.poll(async () => (await cards())[0], WAIT).toContain('Patrol of demo: closed');
  expect(await cards()).toHaveLength(1);
  expect(await command('--cluster', 'demo')).toMatchObject({ code: 0 });
  expect(mutations(here.folder), 'a patrol changes nothing').toEqual([]);
}, 120_000);
