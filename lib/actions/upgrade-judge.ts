import type { Plan, Step } from '../approvals/plan.ts';
import { bootFacts, parseBoot, sameBoot } from '../evidence/boot.ts';
import { readValue } from '../evidence/reading.ts';
import { isSameExtension } from '../factory/extension-names.ts';
import { runningSchematic } from '../factory/running-schematic.ts';
import type { Check } from '../incidents/event.ts';
import { isExtensionLayer } from '../playbooks/extension-layers.ts';
import { ok } from '../result.ts';
import type { ActionJudge, Probe, ProbeFacts, VerifyFacts } from './action.ts';
import { checkRead, findingGoneCheck, hostnameCheck, newBootCheck, runningChecks } from './checks.ts';
import { sequenceProbe } from './sequence-probe.ts';
import { actionTraits } from './traits.ts';
import { UNCONFIRMED } from './upgrade.ts';
import { parseUpgrade, upgradeAbout } from './upgrade-parameters.ts';

export const upgradeJudge: ActionJudge = {
  traits: actionTraits.upgrade,
  about(parameters) {
    const wanted = parseUpgrade(parameters);
    return wanted.ok ? ok(upgradeAbout(wanted.value)) : wanted;
  },
  probe(step, plan, facts) {
    if (step.method === 'Upgrade') return sequenceProbe('upgrade', plan, facts);
    if (step.method === 'Reboot') return sequenceProbe('reboot', plan, facts);
    if (step.method === 'ImagePull') return pullProbe(facts);
    if (step.method === 'LifecycleUpgrade') return installProbe(plan, facts);
    // whether the config has changed only an administrator can see: `inspect` does
    return { answer: 'unknown', because: 'The config of the node could not be read.' };
  },
  verify(plan, facts) {
    const { evidence, entry } = facts;
    return [
      newBootCheck(plan.boot, evidence),
      ...imageChecks(plan, facts),
      ...runningChecks(evidence, entry),
      hostnameCheck(plan.hostname, evidence, entry),
      findingGoneCheck(plan, facts),
    ];
  },
};

/** Pulling the same image again changes nothing, so nothing has to be known. */
const pullProbe = ({ deadlinePassed }: ProbeFacts): Probe =>
  deadlinePassed
    ? { answer: 'not_arrived', because: 'Its deadline has passed; a pull of an image that is there changes nothing.' }
    : { answer: 'unknown', because: 'The deadline of the pull has not passed yet.' };

/** The installer ends with its call, and writes the key as its last. Source: siderolabs/talos, internal/app/lifecycle. */
function installProbe(plan: Plan, { evidence, deadlinePassed }: ProbeFacts): Probe {
  const isSame = sameBoot(parseBoot(plan.boot), bootFacts(evidence));
  const meta = readValue(evidence.readings.metaKeys);
  if (isSame === false) return { answer: 'unknown', because: 'The node booted while it was installed.' };
  if (isSame === undefined || meta === undefined)
    return { answer: 'unknown', because: evidence.reach.error?.message ?? 'The node cannot tell yet.' };
  if (meta.includes(UNCONFIRMED)) return { answer: 'arrived', because: `META has the key ${UNCONFIRMED}: installed.` };
  if (!deadlinePassed) return { answer: 'unknown', because: 'The deadline of the call has not passed yet.' };
  return { answer: 'not_arrived', because: `META has no key ${UNCONFIRMED}, and the installer ended with its call.` };
}

function imageChecks(plan: Plan, { evidence }: VerifyFacts): readonly Check[] {
  const wanted = plan.steps.find(isInstall)?.request ?? {};
  const tag = readValue(evidence.readings.version)?.tag;
  const layers = readValue(evidence.readings.extensions)?.filter(isExtensionLayer);
  const running = runningSchematic(evidence);
  const meta = readValue(evidence.readings.metaKeys);
  const names = String(wanted['extensions'] ?? '')
    .split(' ')
    .filter((name) => name !== '');
  const missing = names.filter((name) => !layers?.some((layer) => isSameExtension(layer.name, name)));
  const extra = layers
    ?.filter(({ name }) => !names.some((other) => isSameExtension(other, name)))
    .map(({ name }) => name);
  const twice = layers
    ?.filter(({ name }, n) => layers.findIndex((other) => other.name === name) < n)
    .map(({ name }) => name);
  const wrong = [
    ...missing.map((name) => `${name} is missing`),
    ...(extra ?? []).map((name) => `${name} was not asked for`),
    ...(twice ?? []).map((name) => `${name} is there twice`),
  ];
  return [
    checkRead(
      'Talos',
      tag === undefined ? undefined : tag === wanted['version'],
      `runs ${tag}, ${wanted['version']} was installed`,
    ),
    checkRead(
      'Schematic',
      running.kind === 'unknown' ? undefined : running.kind === 'schematic' && running.id === wanted['schematic'],
      running.kind === 'schematic' ? running.id : 'the image has no schematic',
    ),
    checkRead(
      'Extensions',
      layers === undefined ? undefined : wrong.length === 0,
      wrong.join(', ') || `${names.length} in the image, each once${names.length === 0 ? '' : `: ${names.join(', ')}`}`,
    ),
    checkRead(
      'Upgrade confirmed',
      meta === undefined ? undefined : !meta.includes(UNCONFIRMED),
      `META keys: ${meta?.join(', ') || 'none'}`,
    ),
  ];
}
const isInstall = ({ method }: Step): boolean => method === 'Upgrade' || method === 'LifecycleUpgrade';
