import type { Evidence, PeerCertificate } from '../evidence/evidence.ts';
import { cite, few, present, quote } from './cite.ts';
import type { Facts, Finding, Playbook } from './finding.ts';
import { minuteOf } from './log-lines.ts';
import { isEverybodyAlike, type PeersAccept, peersAccept } from './peers-accept.ts';

const THEIRS = 'server_certificate_expired';
const OURS = 'client_certificate_expired';

/**
 * A certificate that one side calls out of date while the other takes it: a clock is wrong, or the node has not got its
 * new one. Certificates of nodes are good for 24 hours and made anew long before; a worker asks a control plane for its own.
 */
export const clockWrong: Playbook = {
  name: 'clock-wrong',
  diagnose(evidence, facts) {
    const { mode, error } = evidence.reach;
    if (mode !== 'refused' || error === undefined) return [];
    if (error.code === THEIRS) return [ofTheirs(evidence, facts, error.message)];
    const others = peersAccept(evidence, [OURS]);
    const isOver = Date.parse(evidence.reach.ourCertificateEndsAt ?? '') < Date.parse(evidence.collectedAt);
    // otherwise it is our certificate: our-certificate-expired.ts
    return error.code === OURS && !isOver && others.accepted.length > 0
      ? [ofOurs(evidence, facts, error.message, others)]
      : [];
  },
};

function ofTheirs(evidence: Evidence, facts: Facts, message: string): Finding {
  const { certificate } = evidence.reach;
  const node = quote(facts.inventory?.name ?? evidence.node);
  const others = peersAccept(evidence, [THEIRS]);
  const isOurClock = isEverybodyAlike(others);
  const isEarly = Date.parse(certificate?.validFrom ?? '') > Date.parse(evidence.collectedAt);
  const isSeen = others.accepted.length > 0 && certificate !== undefined;
  return {
    code: 'clock_wrong',
    severity: 'critical',
    confidence: isSeen || isOurClock ? 'likely' : 'possible',
    summary: isOurClock
      ? `The certificates of ${few([node, ...others.alike])} are all out of date by Medic's clock (${minuteOf(evidence.collectedAt)} UTC): that clock is wrong.`
      : `The certificate of ${node} ${validityOf(certificate, isEarly)}: ${isEarly ? 'its clock runs ahead' : 'its clock is wrong, or it has got no new one'}; whether it is well cannot be seen.`,
    evidence: present([
      cite('reach', message),
      certificate &&
        cite(
          'reach',
          `Good from ${certificate.validFrom} to ${certificate.validTo}; Medic looked at ${evidence.collectedAt}.`,
        ),
      othersCitation(others),
    ]),
    suggests: [],
    explains: true,
    rulesOut: ruledOut(node, others),
    advice: isOurClock
      ? 'Set the clock of the machine that Medic runs on. Nothing is to be done on the nodes.'
      : `Look at the clock of ${node} (console, time servers, the hardware clock's battery). If it is right: a worker gets its certificate from a control plane, so 50001/tcp from it to all of them must be open. A reboot helps only once that is so.`,
  };
}

function validityOf(certificate: PeerCertificate | undefined, isEarly: boolean): string {
  const at = minuteOf(isEarly ? certificate?.validFrom : certificate?.validTo);
  if (at === undefined) return 'is out of date';
  return isEarly ? `begins only at ${at} UTC` : `ended at ${at} UTC`;
}

function ofOurs(evidence: Evidence, facts: Facts, message: string, others: PeersAccept): Finding {
  const node = quote(facts.inventory?.name ?? evidence.node);
  const ends = minuteOf(evidence.reach.ourCertificateEndsAt);
  return {
    code: 'clock_wrong',
    severity: 'critical',
    confidence: ends === undefined ? 'possible' : 'likely',
    summary: `${node} calls Medic's certificate expired, which ${ends === undefined ? 'the others take' : `is good until ${ends} UTC`}: the clock of ${node} runs ahead.`,
    evidence: present([cite('reach', message), othersCitation(others)]),
    suggests: [],
    explains: true,
    rulesOut: [
      ...ruledOut(node, others),
      { code: 'our_certificate_expired', because: `${few(others.accepted)} took it in the same minute.` },
    ],
    advice: `Look at the clock of ${node} at its console, at its time servers and at the hardware clock. While it is wrong etcd, the kubelet and every certificate suffer from it.`,
  };
}

const othersCitation = ({ accepted, alike }: PeersAccept) => {
  if (accepted.length > 0) return cite('peers', `With ${few(accepted)} the certificates are in order.`);
  return alike.length > 0 ? cite('peers', `The same with ${few(alike)}.`) : undefined;
};

const ruledOut = (node: string, { accepted }: PeersAccept): Finding['rulesOut'] =>
  present([
    { code: 'node_silent', because: `${node} answers and shakes hands.` },
    accepted.length > 0
      ? { code: 'our_clock_wrong', because: `By the same clock the certificates of ${few(accepted)} are good.` }
      : undefined,
  ]);
