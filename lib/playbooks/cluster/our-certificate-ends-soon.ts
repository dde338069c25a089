import { cite, list } from '../cite.ts';
import type { ClusterPlaybook, OwnCertificate } from './cluster-facts.ts';

/** Of the year that talosctl gives by default, the last month: time for a holiday and for whoever must sign. */
const SOON_DAYS = 30;
const DAY_MS = 86_400_000;

/** Our own identities for the cluster. One that is over already is `our_certificate_expired`, seen on each node. */
export const ourCertificateEndsSoon: ClusterPlaybook = {
  name: 'our-certificate-ends-soon',
  compare({ at, cluster, certificates }) {
    const nowMs = Date.parse(at);
    const leftDays = ({ endsAt }: OwnCertificate) => Math.floor((Date.parse(endsAt) - nowMs) / DAY_MS);
    const soon = certificates
      .filter(({ endsAt }) => Date.parse(endsAt) - nowMs < SOON_DAYS * DAY_MS)
      .toSorted((a, b) => a.endsAt.localeCompare(b.endsAt));
    const [first] = soon;
    if (first === undefined) return [];
    const roles = list(soon.map(({ role }) => role));
    const left = leftDays(first);
    const when = left < 0 ? 'is over' : `ends in ${left} day${left === 1 ? '' : 's'}`;
    const finding = {
      code: 'our_certificate_ends_soon',
      severity: 'warning' as const,
      confidence: 'certain' as const,
      summary: `Medic's own certificate for ${cluster} as ${roles} ${when}; after that no node answers it.`,
      evidence: soon.map(({ role, endsAt }) => cite('reach', `Certificate for os:${role} ends at ${endsAt}.`)),
      suggests: [],
      rulesOut: [
        { code: 'our_certificate_expired', because: 'The one that Medic reads with is still accepted.' },
      ].filter(() => soon.every(({ role }) => role !== 'reader') || left >= 0),
      advice: `Issue new talosconfigs before that (talosctl config new --roles os:reader --crt-ttl 8760h, as an admin whose certificate is good; the same for operator and admin) and give them to Medic.`,
    };
    return [{ node: '', finding }];
  },
};
