import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { hasFix, nearestFix } from '../versions/fixed-in.ts';
import { cite, list, present, quote } from './cite.ts';
import { OOM_CONTROLLER_OFF } from './config-patch.ts';
import type { Confidence, Finding, Playbook } from './finding.ts';
import { isHealthy } from './healthy.ts';
import { isLately, timesText } from './log-lines.ts';
import { memoryNow, PLENTY, SHORT } from './memory-share.ts';
import { controllerKills, hasKernelKills } from './oom-log.ts';

/** From here on pressure is measured per class of pods, not over the whole node. Source: siderolabs/talos#12526. */
const PER_CLASS = ['v1.12.2', 'v1.13.0'] as const;
const REPEATS = 2;

/** Talos' own OOM controller (since 1.12) ends pods. Up to 1.12.1 heavy disk work alone triggers it. */
export const oomControllerKillsPods: Playbook = {
  name: 'oom-controller-kills-pods',
  diagnose(evidence, { inventory }) {
    const kills = controllerKills(evidence);
    if (kills === undefined) return [];
    const { readings } = evidence;
    const tag = readValue(readings.version)?.tag;
    const isFaulty = hasFix(tag, PER_CLASS) === false;
    const memory = memoryNow(evidence);
    const isNow = isLately(evidence, kills.lines);
    const isShort = memory !== undefined && memory.share < SHORT;
    const restarts = restartsText(evidence);
    const fixed = nearestFix(tag, PER_CLASS);
    const confidence = confidenceOf(evidence, isFaulty, kills.lines.times);
    const victims = kills.groups.slice(0, 3).map(quote);
    return [
      {
        code: 'oom_controller_kills_pods',
        severity: isHealthy(evidence) || !isNow ? 'warning' : 'critical',
        confidence,
        summary: `The OOM controller of Talos on ${quote(inventory?.name ?? evidence.node)} killed pods ${timesText(kills.lines)}${memory === undefined ? '' : `, ${confidence === 'certain' ? 'although' : 'and'} ${memory.says} now`}${confidence === 'certain' ? ': this release takes a busy disk for a want of memory' : ''}.`,
        evidence: present([
          cite('kernelLog', `${timesText(kills.lines)}: ${kills.lines.last.message}`),
          memory && cite('memory', `${memory.says} now.`),
          tag === undefined ? undefined : cite('version', versionText(tag, isFaulty)),
          restarts === undefined ? undefined : cite('staticPods', restarts),
          cite('kernelLog', `Killed: ${list(victims)}.`),
        ]),
        suggests: suggestions(isShort, isFaulty),
        ...(fixed === undefined ? {} : { parameters: { upgrade: { version: fixed } } }),
        ...(isNow ? { explains: true } : {}),
        rulesOut: hasKernelKills(evidence)
          ? []
          : [
              {
                code: 'node_out_of_memory',
                because: 'The kernel killed nothing: its log has no "invoked oom-killer" and no "Out of memory".',
              },
            ],
        ...(isFaulty && !isShort ? { patch: OOM_CONTROLLER_OFF } : {}),
        advice: isShort
          ? 'Memory is short: give the pods limits, or the node more memory; switching the controller off would leave the choice to the kernel.'
          : adviceFor(isFaulty),
      },
    ];
  },
};

function suggestions(isShort: boolean, isFaulty: boolean): Finding['suggests'] {
  if (isShort) return [];
  return isFaulty ? ['apply_config', 'upgrade'] : ['apply_config'];
}

/** Only a release with the fault, and memory to spare, show that the kills were wrong. */
function confidenceOf(evidence: Evidence, isFaulty: boolean, times: number): Confidence {
  const memory = memoryNow(evidence);
  if (!isFaulty || (memory !== undefined && memory.share < SHORT)) return 'likely';
  const isProven = times >= REPEATS && memory !== undefined && memory.share >= PLENTY && !hasKernelKills(evidence);
  return isProven ? 'certain' : 'likely';
}

const versionText = (tag: string, isFaulty: boolean): string =>
  isFaulty
    ? `Talos ${tag} looks at the memory pressure of the whole node, which heavy disk work raises; fixed in ${PER_CLASS.join(' and ')}.`
    : `Talos ${tag} looks at the memory pressure of each class of pods.`;

const adviceFor = (isFaulty: boolean): string =>
  isFaulty
    ? `Upgrade to ${PER_CLASS[0]} or later; until then an OOMConfig document with triggerExpression: "false" switches the controller off. A reboot changes nothing.`
    : 'Look at the memory and disk load of the pods that were killed; an OOMConfig document with another triggerExpression makes the controller less eager.';

function restartsText({ readings }: Evidence): string | undefined {
  const restarted = (readValue(readings.staticPods) ?? []).flatMap(({ containers }) =>
    containers.filter(({ ready, restarts }) => !ready && restarts > 0),
  );
  const texts = restarted.map(({ name, restarts, waitingFor }) => `${name} restarted ${restarts} times ${waitingFor}`);
  return texts.length === 0 ? undefined : `${texts.map((text) => text.trimEnd()).join(', ')}.`;
}
