import type { Evidence } from '../evidence/evidence.ts';
import { cite, few, present, quote } from './cite.ts';
import type { Confidence, Finding, Playbook } from './finding.ts';
import { isEverybodyAlike, type PeersAccept, peersAccept } from './peers-accept.ts';

type Refusal = {
  /** Errors that mean the same, of this node and of the others. */
  readonly codes: readonly string[];
  readonly says: (who: string, isOne: boolean) => string;
  readonly advice: string;
};

const NOTHING_THERE = 'Nothing is to be done on the nodes: no reboot, no config.';
const OTHER_CA: Refusal = {
  codes: ['unknown_authority', 'client_certificate_required'],
  says: (who, isOne) =>
    `The certificate${isOne ? '' : 's'} of ${who} ${isOne ? 'is' : 'are'} not from the CA in Medic's talosconfig`,
  advice: `Give Medic a talosconfig of this cluster: either its CA was rotated since, or this one is of another cluster. ${NOTHING_THERE}`,
};
const OTHER_CLIENT: Refusal = {
  codes: ['client_certificate_refused'],
  says: (who, isOne) => `${who} refuse${isOne ? 's' : ''} Medic's own certificate, and not because it is too old`,
  advice: `Give Medic a talosconfig that is signed by the CA that this cluster has now (talosctl config new, as an admin whose certificate is still good). ${NOTHING_THERE}`,
};
const ROLE: Refusal = {
  codes: ['permission_denied'],
  says: (who, isOne) => `${who} know${isOne ? 's' : ''} Medic's certificate, but its role does not allow to read`,
  advice: `Issue Medic a certificate with the role os:reader at least (talosctl config new --roles os:reader). ${NOTHING_THERE}`,
};
const NOT_DIALLED: Refusal = {
  codes: ['address_not_allowed'],
  says: (who) => `Medic's own settings do not allow it to dial ${who}`,
  advice: 'Correct the address in the inventory, or the networks in nodeCidrs, where Medic may look for nodes.',
};

/** The node is there, and it is our own credentials or settings that keep us from asking it. Of the node nothing is known. */
export const ourAccessRefused: Playbook = {
  name: 'our-access-refused',
  diagnose(evidence, { inventory }) {
    const { reach } = evidence;
    const refusal = refusalOf(evidence);
    if (refusal === undefined || reach.error === undefined) return [];
    const others = peersAccept(evidence, refusal.codes);
    const node = quote(inventory?.name ?? evidence.node);
    const isAll = isEverybodyAlike(others);
    const who = isAll ? few([node, ...others.alike]) : node;
    const finding: Finding = {
      code: 'our_access_refused',
      severity: 'critical',
      confidence: confidenceOf(refusal, others),
      summary: `${refusal.says(who, !isAll)}; whether ${node} is well cannot be seen${others.accepted.length > 0 ? `, while ${few(others.accepted)} answer${others.accepted.length === 1 ? 's' : ''}` : ''}.`,
      evidence: present([
        cite('reach', reach.error.message),
        isAll ? cite('peers', `${few(others.alike)} fail alike.`) : undefined,
        others.accepted.length > 0
          ? cite('peers', `The same certificate was taken by ${few(others.accepted)}.`)
          : undefined,
      ]),
      suggests: [],
      explains: true,
      rulesOut: present([
        refusal === NOT_DIALLED
          ? undefined
          : { code: 'node_silent', because: `${node} answers; it is the certificates that do not fit.` },
        reach.certificate?.isSignedByCluster === true
          ? { code: 'foreign_node_at_address', because: "Its own certificate is from this cluster's CA." }
          : undefined,
      ]),
      advice: refusal.advice,
    };
    return [finding];
  },
};

/** A foreign certificate at one address is a foreign node; at every address it is our idea of the CA. */
function refusalOf(evidence: Evidence): Refusal | undefined {
  const { mode, error, certificate } = evidence.reach;
  if (mode !== 'refused' || error === undefined) return undefined;
  if (OTHER_CA.codes.includes(error.code)) return isOurCaWrong(evidence) ? OTHER_CA : undefined;
  if (OTHER_CLIENT.codes.includes(error.code))
    return certificate?.isSignedByCluster === true ? OTHER_CLIENT : undefined;
  return [ROLE, NOT_DIALLED].find(({ codes }) => codes.includes(error.code));
}

export const isOurCaWrong = (evidence: Evidence): boolean => isEverybodyAlike(peersAccept(evidence, OTHER_CA.codes));

/** A role and a setting are said in so many words; why a certificate does not fit is not. */
function confidenceOf(refusal: Refusal, others: PeersAccept): Confidence {
  if (refusal === NOT_DIALLED) return 'certain';
  if (isEverybodyAlike(others)) return refusal === ROLE ? 'certain' : 'likely';
  return refusal === ROLE ? 'likely' : 'possible';
}
