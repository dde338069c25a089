import { readValue } from '../evidence/reading.ts';
import { cite, present, quote } from './cite.ts';
import type { Playbook } from './finding.ts';

const HOUR_MS = 3_600_000;
/** Of the day that server certificates live, half is over when they are renewed. Source: siderolabs/talos, secrets/api.go. */
const LATE_BELOW_MS = 6 * HOUR_MS;
/** Certificates that live longer are of another hand, and renewed when that one likes. */
const TALOS_LIFETIME_MS = 25 * HOUR_MS;

/** The certificate of the node's own API was due for renewal and is still the old one: when it ends, nobody gets in. */
export const nodeCertificateNotRenewed: Playbook = {
  name: 'node-certificate-not-renewed',
  diagnose(evidence, { inventory }) {
    const { reach, collectedAt, readings } = evidence;
    const { certificate } = reach;
    if (reach.mode !== 'mtls' || certificate === undefined || !certificate.isSignedByCluster) return [];
    const endsMs = Date.parse(certificate.validTo);
    const lifetimeMs = endsMs - Date.parse(certificate.validFrom);
    const leftMs = endsMs - Date.parse(collectedAt);
    if (!(leftMs < LATE_BELOW_MS && lifetimeMs > 0 && lifetimeMs < TALOS_LIFETIME_MS)) return [];
    const name = quote(inventory?.name ?? evidence.node);
    const time = readValue(readings.timeStatus);
    const isClockRight = time?.synced === true;
    return [
      {
        code: 'node_certificate_not_renewed',
        severity: 'warning',
        confidence: isClockRight ? 'likely' : 'possible',
        summary: `The API certificate of ${name} ends at ${quote(certificate.validTo)}, in ${Math.max(0, Math.floor(leftMs / HOUR_MS))} h, and should have been renewed hours ago; when it ends, nobody can speak to the node.`,
        evidence: present([
          cite('reach', `Valid from ${certificate.validFrom} to ${certificate.validTo}; shown at ${collectedAt}.`),
          time && cite('timeStatus', isClockRight ? 'Its clock is synchronised.' : 'Its clock is not synchronised.'),
        ]),
        suggests: [],
        rulesOut: isClockRight ? [{ code: 'clock_wrong', because: 'Its clock is synchronised.' }] : [],
        advice:
          'Look at the clock of the node first, then at whether it reaches trustd of the control planes (port 50001), from where it gets its certificate, and at its kernel log. Collect logs while it still answers; afterwards there is its console alone.',
      },
    ];
  },
};
