import { cite, few, present, quote } from './cite.ts';
import type { Confidence, Playbook } from './finding.ts';
import { minuteOf } from './log-lines.ts';
import { peersAccept } from './peers-accept.ts';

const EXPIRED = 'client_certificate_expired';

/** Every node refuses Medic's own certificate, because it is too old. The cluster is well, as far as anybody can see. */
export const ourCertificateExpired: Playbook = {
  name: 'our-certificate-expired',
  diagnose(evidence, { inventory }) {
    const { reach, collectedAt } = evidence;
    if (reach.mode !== 'refused' || reach.error?.code !== EXPIRED) return [];
    const { alike, accepted } = peersAccept(evidence, [EXPIRED]);
    const endsAtMs = Date.parse(reach.ourCertificateEndsAt ?? '');
    const isOver = endsAtMs < Date.parse(collectedAt);
    // others take the same certificate, so it is the clock of this node: clock-wrong.ts
    if (accepted.length > 0 && !isOver) return [];
    const ended = minuteOf(reach.ourCertificateEndsAt);
    const node = quote(inventory?.name ?? evidence.node);
    const everybody = few([node, ...alike]);
    return [
      {
        code: 'our_certificate_expired',
        severity: 'critical',
        confidence: confidenceOf(isOver, alike.length),
        summary: isOver
          ? `Medic's own certificate for this cluster ended at ${ended} UTC, so ${everybody} refuse${alike.length === 0 ? 's' : ''} it; whether ${node} is well cannot be seen.`
          : `${everybody} call${alike.length === 0 ? 's' : ''} Medic's own certificate expired${ended === undefined ? '' : `, which ends at ${ended} UTC: a clock is wrong`}.`,
        evidence: present([
          cite('reach', reach.error.message),
          ended === undefined
            ? undefined
            : cite('reach', `Our certificate ends at ${reach.ourCertificateEndsAt}; it was shown at ${collectedAt}.`),
          alike.length > 0
            ? cite('peers', `${few(alike)} refuse${alike.length === 1 ? 's' : ''} it alike.`)
            : undefined,
        ]),
        suggests: [],
        explains: true,
        rulesOut: [
          { code: 'node_silent', because: `${node} answers: it looked at our certificate and refused it.` },
          ...(alike.length > 0
            ? [
                {
                  code: 'node_clock_wrong',
                  because: `${few(alike)} say${alike.length === 1 ? 's' : ''} the same, so it is not this node.`,
                },
              ]
            : []),
        ],
        advice:
          'Issue a new talosconfig (talosctl config new --roles os:reader --crt-ttl 8760h, as an admin whose certificate is still good, or from the secrets bundle) and give it to Medic, for the roles operator and admin as well. Nothing is to be done on the nodes: no reboot, no config.',
      },
    ];
  },
};

/** The date in it is proof; without it the others are. */
function confidenceOf(isOver: boolean, alike: number): Confidence {
  if (isOver) return 'certain';
  return alike > 0 ? 'likely' : 'possible';
}
