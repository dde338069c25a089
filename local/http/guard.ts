import { createHmac, timingSafeEqual } from 'node:crypto';
import { isToken } from '../alert-tokens.ts';
import type { Request } from './request.ts';

export type Viewer = { readonly id: string; readonly name: string };

const COOKIE = 'medic_session';
const HOURS = 12;

/** The one guard of `/api` and `/audit`: a bearer token for programs, a signed session for people. */
export type Guard = {
  viewerOf(request: Request): Viewer | undefined;
  /** `set-cookie` that signs a person in. */
  signIn(viewer: Viewer): string;
  signOut(): string;
};

export function createGuard(options: {
  readonly apiToken: string;
  readonly sessionKey: string;
  readonly people: readonly Viewer[];
  readonly now: () => Date;
}): Guard {
  const { apiToken, sessionKey, people, now } = options;
  const seal = (text: string) => createHmac('sha256', sessionKey).update(text).digest('base64url');
  const fromCookie = (request: Request): Viewer | undefined => {
    const value = new RegExp(`(?:^|; )${COOKIE}=([\\w.-]{1,200})`).exec(request.headers['cookie'] ?? '')?.[1];
    const [id = '', until = '', given = ''] = value?.split('.') ?? [];
    const wanted = Buffer.from(seal(`${id}.${until}`));
    const isGenuine = wanted.length === Buffer.byteLength(given) && timingSafeEqual(wanted, Buffer.from(given));
    if (!isGenuine || Number(until) < now().getTime()) return undefined;
    return people.find((person) => person.id === id);
  };
  return {
    viewerOf(request) {
      const bearer = /^Bearer (\S{1,512})$/.exec(request.headers['authorization'] ?? '')?.[1];
      if (bearer !== undefined) return isToken(bearer, apiToken) ? { id: 'api', name: 'API token' } : undefined;
      return fromCookie(request);
    },
    signIn({ id }) {
      const text = `${id}.${now().getTime() + HOURS * 3_600_000}`;
      return `${COOKIE}=${text}.${seal(text)}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${HOURS * 3600}`;
    },
    signOut: () => `${COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0`,
  };
}
