import type { ActionName } from '../approvals/action-name.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { ServiceReading } from '../evidence/values.ts';
import { cite, few, list, present, quote } from './cite.ts';
import { etcdService, isEtcdServing } from './etcd-service.ts';
import type { Citation, Confidence, Facts, Finding, Playbook } from './finding.ts';
import { podReporting } from './pod-reporting.ts';
import { inStateSince, minutesUntilNow } from './service-since.ts';
import { isApiServer } from './static-pods.ts';

/** Stumbles over a whole number in the config of the scheduler, and renders nothing at all. Source: siderolabs/talos#13445. */
const BROKEN = 'v1.13.3';
const FIXED = 'v1.13.4';
/** Talos renders, and the kubelet starts, the pods within this time of the start of the kubelet. Our own choice. */
const RENDERED_WITHIN_MIN = 2;

/** A control plane whose kubelet and etcd are well, and which runs no API server. */
export const staticPodsNotRendered: Playbook = {
  name: 'static-pods-not-rendered',
  diagnose(evidence, facts) {
    const pods = readValue(evidence.readings.staticPods);
    if (pods === undefined || pods.some(isApiServer) || !isRunningControlPlane(evidence, facts)) return [];
    // the kubelet is not heard, so that nothing is known to be absent
    if (podReporting(evidence).isBroken) return [];
    const kubelet = serviceOf(evidence, 'kubelet');
    const etcd = etcdService(evidence);
    const isWellOtherwise = (one: ServiceReading | undefined) => one === undefined || isEtcdServing(one);
    if (!isWellOtherwise(kubelet) || !isWellOtherwise(etcd)) return [];
    return [
      notRendered(
        evidence,
        facts,
        pods.map(({ id }) => id),
      ),
    ];
  },
};

/** By what the node says of itself: `medic diagnose` asks workers as well. */
function isRunningControlPlane({ reach, readings }: Evidence, { inventory }: Facts): boolean {
  const isReached = reach.mode === 'mtls' || reach.mode === 'forwarded';
  const stage = readValue(readings.machineStatus)?.stage;
  const type = readValue(readings.machineType) ?? inventory?.role;
  return isReached && (stage === undefined || stage === 'running') && type === 'controlplane';
}

const serviceOf = ({ readings }: Evidence, wanted: string): ServiceReading | undefined =>
  readValue(readings.services)?.find(({ id }) => id === wanted);

function notRendered(evidence: Evidence, facts: Facts, ids: readonly string[]): Finding {
  const name = quote(facts.inventory?.name ?? evidence.node);
  const kubelet = serviceOf(evidence, 'kubelet');
  const minutes = minutesUntilNow(evidence, kubelet && inStateSince(kubelet));
  const tag = readValue(evidence.readings.version)?.tag;
  const isBrokenVersion = tag === BROKEN;
  const before = facts.inventory?.version;
  const isUpgraded = tag !== undefined && before !== undefined && before !== tag;
  const since = isUpgraded ? `, since it runs ${quote(tag)} (before: ${quote(before)})` : '';
  const long = minutes === undefined ? '' : `, ${minutes} min after its kubelet started`;
  const confidence = confidenceOf(evidence, minutes, isBrokenVersion);
  const what = ids.length === 0 ? 'no static pod at all, so no API server' : `no API server, only ${few(ids)}`;
  return {
    code: 'static_pods_not_rendered',
    severity: 'critical',
    confidence,
    explains: true,
    summary: `${name} runs ${what}${since}${long}${confidence === 'possible' ? '; they may be still to come' : ''}.`,
    evidence: citations(evidence, ids, kubelet),
    suggests: suggestsFor(isBrokenVersion && confidence !== 'possible', isUpgraded),
    ...(isBrokenVersion ? { parameters: { upgrade: { version: FIXED } } } : {}),
    rulesOut: ruledOut(evidence, kubelet),
    advice: adviceFor(isBrokenVersion, isUpgraded),
  };
}

/** Only of one version the cause is known; of others it is what is left over. */
function confidenceOf(evidence: Evidence, minutes: number | undefined, isBrokenVersion: boolean): Confidence {
  if (minutes === undefined || minutes < RENDERED_WITHIN_MIN) return 'possible';
  const isEtcdWell = etcdService(evidence) !== undefined && evidence.readings.etcdStatus?.ok === true;
  const { isHeard } = podReporting(evidence);
  return isBrokenVersion && isEtcdWell && isHeard ? 'certain' : 'likely';
}

function suggestsFor(isKnown: boolean, isUpgraded: boolean): readonly ActionName[] {
  if (!isKnown) return [];
  return isUpgraded ? ['upgrade', 'rollback'] : ['upgrade'];
}

function citations(
  { readings }: Evidence,
  ids: readonly string[],
  kubelet: ServiceReading | undefined,
): readonly Citation[] {
  const tag = readValue(readings.version)?.tag;
  return present([
    cite(
      'staticPods',
      ids.length === 0 ? 'The kubelet reports no static pod.' : `The kubelet reports only ${list(ids)}.`,
    ),
    kubelet && cite('services', `kubelet is ${kubelet.state}${kubelet.health === 'healthy' ? ', healthy' : ''}.`),
    tag === undefined
      ? undefined
      : cite('version', `Talos ${tag}${tag === BROKEN ? ', which is known for this' : ''}.`),
  ]);
}

function ruledOut(evidence: Evidence, kubelet: ServiceReading | undefined): Finding['rulesOut'] {
  const etcd = etcdService(evidence);
  return present([
    etcd && { code: 'etcd_quorum_lost', because: 'etcd of this node is healthy.' },
    kubelet && podReporting(evidence).isHeard
      ? {
          code: 'kubelet_certificates_not_approved',
          because: 'Talos hears the kubelet: no error of its static pod status.',
        }
      : undefined,
  ]);
}

function adviceFor(isBrokenVersion: boolean, isUpgraded: boolean): string {
  const stop = 'Stop the roll-out before the second control plane.';
  if (!isBrokenVersion) {
    return `${stop} Read the log controller-runtime for what fails to render (talosctl logs controller-runtime)${isUpgraded ? '; talosctl rollback brings the version before back' : ''}.`;
  }
  return `${stop} Upgrade to ${FIXED}, which renders a scheduler config with whole numbers${isUpgraded ? ', or roll back (talosctl rollback)' : ''}; a reboot into the same version changes nothing.`;
}
