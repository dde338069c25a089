import { createHash, timingSafeEqual } from 'node:crypto';
import type { AlertTokens } from '../lib/flow/receive.ts';

const digest = (token: string) => createHash('sha256').update(token).digest();

/** Tokens with the clusters that they may speak for. Every known token is compared, in constant time. */
export function alertTokens(
  known: readonly { readonly token: string; readonly clusters: readonly string[] }[],
): AlertTokens {
  const hashed = known.map(({ token, clusters }) => ({ hash: digest(token), clusters }));
  return {
    clustersOf(token) {
      const given = digest(token);
      return hashed.filter(({ hash }) => timingSafeEqual(hash, given))[0]?.clusters;
    },
  };
}

export const isToken = (given: string, wanted: string): boolean => timingSafeEqual(digest(given), digest(wanted));
