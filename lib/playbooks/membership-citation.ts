import { cite, list } from './cite.ts';
import type { Citation } from './finding.ts';
import type { Membership } from './membership.ts';

/** What the peers say, etcd first because it does not forget by itself. */
export function membershipCitation({
  askedEtcd,
  askedDiscovery,
  inEtcd,
  inDiscovery,
}: Membership): Citation | undefined {
  if (inEtcd === 'yes') return cite('peers', `Still an etcd member, says ${list(askedEtcd)}.`);
  if (inEtcd === 'no') return cite('peers', `No etcd member any more, says ${list(askedEtcd)}.`);
  if (inDiscovery === 'yes') return cite('peers', `Still listed by discovery, says ${list(askedDiscovery)}.`);
  if (inDiscovery === 'no') {
    return cite(
      'peers',
      `Not listed by discovery any more, says ${list(askedDiscovery)}; entries expire after 30 min.`,
    );
  }
  return undefined;
}
