import { bootFacts, bootText } from '../evidence/boot.ts';
import { readValue } from '../evidence/reading.ts';
import { err, ok } from '../result.ts';
import type { TalosAdmin, TalosOperator } from '../talos/orders.ts';
import { rulesFor } from '../versions/rules.ts';
import type { Action } from './action.ts';
import { parseApply } from './apply-parameters.ts';
import { applyDraft } from './apply-plan.ts';
import { lookForChange, prepareChange, readBeforeChange, sendChange } from './changed-config.ts';
import { started } from './sent.ts';
import { actionTraits } from './traits.ts';

type ApplyPorts = {
  readonly admin: Pick<TalosAdmin, 'readConfig' | 'applyConfig'>;
  readonly operator: Pick<TalosOperator, 'reboot'>;
};

/** Talos RPC `ApplyConfiguration` of a running node, role os:admin: a patch, merged here. */
export const applyConfig = ({ admin, operator }: ApplyPorts): Action => ({
  traits: actionTraits.apply_config,
  async plan(context) {
    const { evidence, target, parameters } = context;
    const wanted = parseApply(parameters);
    if (!wanted.ok) return err({ because: wanted.error });
    const tag = readValue(evidence.readings.version)?.tag;
    const rules = rulesFor(tag);
    if (tag === undefined || !rules.ok) return err({ because: 'The node did not say which Talos it runs.' });
    if (bootText(bootFacts(evidence)) === '')
      return err({ because: 'The node does not say when it booted, so a reboot in between could not be told.' });
    const before = await readBeforeChange(admin, evidence, target);
    if (!before.ok) return err({ because: before.error });
    const prepared = await prepareChange(admin, target, before.value, wanted.value, tag);
    if (!prepared.ok) return err({ because: prepared.error });
    return ok(applyDraft(context, prepared.value, rules.value.autoMayReboot));
  },
  async execute(step, plan, target) {
    if (step.method === 'Reboot') {
      const reply = await operator.reboot(target, { mode: 'default', deadlineMs: step.deadlineMs });
      return started(reply);
    }
    const wanted = parseApply(plan.parameters);
    if (!wanted.ok) return { outcome: 'refused', because: 'The plan names no such change.' };
    return sendChange(admin, step, wanted.value.patch, target);
  },
  async inspect(step, plan, target, facts) {
    const wanted = parseApply(plan.parameters);
    if (step.method !== 'ApplyConfiguration' || !wanted.ok) return undefined;
    return lookForChange(admin, step, wanted.value.patch, target, facts);
  },
});
