import { endOf } from './peer-certificate.ts';
import type { ClusterAccess } from './talos.ts';

export type OwnCertificateEnd = { readonly role: 'reader' | 'operator' | 'admin'; readonly endsAt: string };

/** Until when each of our identities for a cluster is good, ISO 8601. */
export const ownCertificates = (
  access: Pick<ClusterAccess, 'reader' | 'operator' | 'admin'>,
): readonly OwnCertificateEnd[] =>
  (['reader', 'operator', 'admin'] as const).flatMap((role) => {
    const identity = access[role];
    return identity === undefined ? [] : [{ role, endsAt: endOf(identity) }];
  });
