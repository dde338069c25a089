import type { Evidence } from '../evidence/evidence.ts';
import { compareIdentity, observedIdentity } from '../inventory/identity.ts';
import { cite, present, quote } from './cite.ts';
import type { Facts, Finding, Playbook } from './finding.ts';
import { membershipOf } from './membership.ts';
import { membershipCitation } from './membership-citation.ts';
import { isOurCaWrong } from './our-access-refused.ts';

const CODE = 'foreign_node_at_address';

/** Somebody else answers at the node's address: a node of another cluster, or another machine of this one. */
export const foreignNodeAtAddress: Playbook = {
  name: 'foreign-node-at-address',
  diagnose: (evidence, facts) => [...otherCluster(evidence, facts), ...otherMachine(evidence, facts)],
};

/**
 * A running node demands a certificate of its own cluster; one in maintenance mode does not. A rotated CA looks the
 * same from outside, so this is never certain. Source: siderolabs/talos, internal/app/maintenance/server.go (<= 1.12),
 * internal/app/apid/service.go (>= 1.13).
 */
function otherCluster(evidence: Evidence, facts: Facts): readonly Finding[] {
  const { reach, address } = evidence;
  const { mode, error, certificate } = reach;
  if (mode !== 'refused' || error === undefined || certificate?.isSignedByCluster === true) return [];
  // the same at every address: our-access-refused.ts
  if (!FOREIGN.has(error.code) || isOurCaWrong(evidence)) return [];
  const demands = error.code !== 'unknown_authority';
  const name = quote(facts.inventory?.name ?? evidence.node);
  return [
    {
      code: CODE,
      severity: 'critical',
      confidence: demands && certificate !== undefined ? 'likely' : 'possible',
      summary: `At the address of ${name} (${address}) a node answers that does not belong to this cluster.`,
      evidence: present([
        cite('reach', error.message),
        certificate &&
          cite(
            'reach',
            `Its certificate is ${certificate.subject}, issued by ${certificate.issuer}, not by this cluster's CA.`,
          ),
        membershipCitation(membershipOf(evidence, facts.inventory)),
      ]),
      suggests: [],
      rulesOut: demands
        ? [
            {
              code: 'maintenance_mode',
              because: 'It demands a client certificate; a node in maintenance mode answers without.',
            },
          ]
        : [],
      advice: `Find out who has ${address} now (DHCP lease, switch port). If the cluster's CA was rotated, renew Medic's talosconfig.`,
    },
  ];
}
const FOREIGN: ReadonlySet<string> = new Set([
  'unknown_authority',
  'client_certificate_required',
  'client_certificate_refused',
]);

/** The cluster vouches for the node, but the hardware is not what the inventory knows. */
function otherMachine(evidence: Evidence, { inventory }: Facts): readonly Finding[] {
  const { mode } = evidence.reach;
  if ((mode !== 'mtls' && mode !== 'forwarded') || inventory === undefined) return [];
  const proof = compareIdentity(inventory.identity, observedIdentity(evidence));
  if (proof.verdict !== 'different') return [];
  return [
    {
      code: CODE,
      severity: 'warning',
      confidence: proof.agreeing.length === 0 ? 'certain' : 'likely',
      summary: `Another machine of this cluster answers at the address of ${quote(inventory.name)} (${evidence.address}).`,
      evidence: [cite('systemInformation', proof.because)],
      suggests: [],
      rulesOut: [{ code: 'other_cluster', because: "It answers under this cluster's certificate." }],
      advice: 'If the hardware was replaced, take the node in anew; else correct the addresses in the inventory.',
    },
  ];
}
