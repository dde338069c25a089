import * as z from 'zod';
import { bootFacts, bootText } from '../evidence/boot.ts';
import { readValue } from '../evidence/reading.ts';
import { runningSchematic } from '../factory/running-schematic.ts';
import type { Check } from '../incidents/event.ts';
import { err, ok } from '../result.ts';
import type { TalosAdmin } from '../talos/orders.ts';
import type { Action, ActionJudge, VerifyFacts } from './action.ts';
import { findingGoneCheck, hostnameCheck, newBootCheck, runningChecks } from './checks.ts';
import { etcdDetails } from './etcd-details.ts';
import { notDone } from './sent.ts';
import { sequenceProbe } from './sequence-probe.ts';
import { keepEvidence } from './steps.ts';
import { actionTraits } from './traits.ts';

/** Talos finds the other boot entry and switches to it within the call; the reboot comes after the reply. */
const CALL_MS = 30_000;
const NOTHING = z.strictObject({});
const NO_PARAMETERS = 'A rollback goes to the other boot entry; there is nothing to choose.';

/**
 * Talos RPC `Rollback`, role os:admin: the other boot entry becomes the one that boots, then a reboot. Which version is
 * in it Talos does not say. It takes over whatever sequence runs, and names no actor.
 */
export const rollback = (talos: Pick<TalosAdmin, 'rollback'>): Action => ({
  traits: actionTraits.rollback,
  async plan({ parameters, evidence, entry }) {
    if (!NOTHING.safeParse(parameters).success) return err({ because: NO_PARAMETERS });
    const tag = readValue(evidence.readings.version)?.tag;
    if (tag === undefined) return err({ because: 'The node did not say which Talos it runs.' });
    if (bootText(bootFacts(evidence)) === '')
      return err({ because: 'The node does not say when it booted, so a rollback could not be proven.' });
    return ok({
      steps: [
        keepEvidence(),
        {
          n: 1,
          method: 'Rollback',
          request: { version: tag, image: imageText(evidence) },
          probe: 'Another boot, or a reboot sequence in the event log, shows that it arrived.',
          deadlineMs: CALL_MS,
        },
      ],
      consequences: [
        `${entry.name} boots what it ran before its last upgrade; it is away for one boot (minutes).`,
        'Nothing is drained: pods on it restart. Config and data stay.',
        'Extensions and kernel arguments are those of that image too. Kubernetes stays as it is.',
        'A second rollback comes back to the image of now, as long as nothing is upgraded in between.',
      ],
      details: [{ label: 'Talos now', text: tag }, ...etcdDetails(evidence, entry)],
    });
  },
  async execute({ deadlineMs }, _plan, target) {
    const reply = await talos.rollback(target, { deadlineMs });
    return reply.ok ? { outcome: 'done', because: 'Talos took the call.' } : notDone(reply.error);
  },
});

export const rollbackJudge: ActionJudge = {
  traits: actionTraits.rollback,
  about: (parameters) => (NOTHING.safeParse(parameters).success ? ok('') : err(NO_PARAMETERS)),
  probe: (_step, plan, facts) => sequenceProbe('reboot', plan, facts),
  verify(plan, facts) {
    const { evidence, entry } = facts;
    const before = plan.steps.find(({ method }) => method === 'Rollback')?.request ?? {};
    return [
      newBootCheck(plan.boot, evidence),
      otherImage(facts, String(before['version']), String(before['image'])),
      ...runningChecks(evidence, entry),
      hostnameCheck(plan.hostname, evidence, entry),
      findingGoneCheck(plan, facts),
    ];
  },
};

/** The version of Talos, or with the same one the schematic, is another one than before. */
function otherImage({ evidence }: Pick<VerifyFacts, 'evidence'>, version: string, image: string): Check {
  const name = 'Other image';
  const tag = readValue(evidence.readings.version)?.tag;
  if (tag === undefined) return { name, answer: 'unknown', says: 'not readable yet' };
  const isOther = tag !== version || imageText(evidence) !== image;
  return { name, answer: isOther ? 'yes' : 'no', says: `Talos ${tag}, before it was ${version}` };
}

function imageText(evidence: Parameters<typeof runningSchematic>[0]): string {
  const running = runningSchematic(evidence);
  if (running.kind === 'schematic') return running.id;
  return running.kind === 'plain' ? running.extensions.join(' ') : 'not known';
}
