import { err, ok, type Result } from '../../result.ts';
import { type CallName, isOffered, ruleOf, type TalosRole } from '../../versions/calls.ts';
import { rulesFor, type VersionRules } from '../../versions/rules.ts';
import { type Connection, openConnection } from '../connection.ts';
import { mayDial } from '../dial-rules.ts';
import { verified } from '../node-policy.ts';
import { readVersion } from '../readings/machine.ts';
import type { ReadContext } from '../readings/read.ts';
import type { ClientIdentity, ClusterAccess, NodeTarget } from '../talos.ts';
import type { TalosError, TalosErrorCode } from '../talos-error.ts';

/** An open connection under the identity that the call needs, to a node whose version is known. */
export type Session = {
  readonly connection: Connection;
  readonly rules: VersionRules;
  readonly context: ReadContext;
};

const IDENTITIES = { 'os:reader': 'reader', 'os:operator': 'operator', 'os:admin': 'admin' } as const;
/** What an operator may do an administrator may do too: whoever holds one identity alone uses that. */
const identityOf = (access: ClusterAccess, role: TalosRole): ClientIdentity | undefined =>
  access[IDENTITIES[role]] ?? (role === 'os:operator' ? access.admin : undefined);

/**
 * For one call that changes a node, or that reads what not everybody may: refuses what can be refused here, asks for the version over the very connection that
 * will carry the call, then runs it. Until `run`, nothing was sent, and the error says so. One channel per action, so
 * that nothing is ever sent again behind our back. `deadlineMs` is for all of it.
 */
export async function withSession<T>(
  access: ClusterAccess,
  target: NodeTarget,
  call: CallName,
  deadlineMs: number,
  run: (session: Session) => Promise<Result<T, TalosError>>,
  as: TalosRole = ruleOf(call).role,
): Promise<Result<T, TalosError>> {
  const { name, address, role } = target;
  const unsent = (code: TalosErrorCode, text: string) =>
    err<TalosError>({ code, node: name, source: call, text, isUnsent: true });
  const rule = ruleOf(call);
  const identity = identityOf(access, as);
  if (identity === undefined) return unsent('permission_denied', `no ${IDENTITIES[as]} identity is configured`);
  const allowed = mayDial(address, access);
  if (!allowed.ok) return unsent('address_not_allowed', allowed.error);
  if (rule.nodes === 'controlplane' && role !== 'controlplane') return unsent('control_plane_only', '');
  const endsAtMs = performance.now() + deadlineMs;
  const connection = openConnection({ node: name, tls: verified(access, address, identity) });
  try {
    const { signal } = new AbortController();
    const version = await readVersion(connection, { timeoutMs: deadlineMs, signal, node: name });
    if (!version.ok) return err({ ...version.error, isUnsent: true });
    const { tag } = version.value.value;
    const rules = rulesFor(tag);
    if (!rules.ok) return unsent('version_not_known', rules.error);
    if (!isOffered(call, tag, false)) return unsent('not_supported_by_version', tag);
    const timeoutMs = Math.max(1, endsAtMs - performance.now());
    return await run({ connection, rules: rules.value, context: { timeoutMs, signal, node: name } });
  } finally {
    connection.close();
  }
}

/** Refused before anything was sent, because the order itself cannot be right. */
export const invalidOrder = (
  node: string,
  source: string,
  text: string,
): { readonly ok: false; readonly error: TalosError } =>
  err({ code: 'invalid_request', node, source, text, isUnsent: true });

/** Of a reply that says nothing but that it came. */
export const acknowledged = (message: Result<unknown, TalosError>): Result<void, TalosError> =>
  message.ok ? ok(undefined) : message;

/** Of a reply that names the sequence which it asked for. */
export const started = (
  message: Result<{ readonly actorId: string }, TalosError>,
): Result<{ readonly actorId: string }, TalosError> =>
  message.ok ? ok({ actorId: message.value.actorId.slice(0, 128) }) : message;
