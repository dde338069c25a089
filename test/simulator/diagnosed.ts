import { vi } from 'vitest';
import * as z from 'zod';
import { diagnoseCommand } from '../../cli/diagnose.ts';

/** The part of `medic diagnose --json` that a scenario's `expect` speaks of. */
const Diagnosis = z.object({
  findings: z.array(z.object({ code: z.string(), confidence: z.string() })),
  offers: z.array(z.object({ action: z.string(), answer: z.string() })),
});
type Diagnosis = z.infer<typeof Diagnosis>;

/** What `npx medic diagnose --scenario … --node …` says: the real client and the real playbooks. */
export async function diagnose(scenario: string, node: string): Promise<Diagnosis> {
  const printed = vi.spyOn(console, 'log').mockImplementation(() => {});
  try {
    const code = await diagnoseCommand(['--scenario', scenario, '--node', node, '--json']);
    if (code !== 0) throw new Error(`medic diagnose ended with ${code}`);
    return Diagnosis.parse(JSON.parse(String(printed.mock.lastCall?.[0])));
  } finally {
    printed.mockRestore();
  }
}
