import { err, ok, type Result } from '../result.ts';
import { type Append, append } from './append.ts';
import { text } from './attributes.ts';
import { readHead, type StoreParts, writerOf } from './heads.ts';
import type { Decision, LedgerError, Stamped, StreamKind } from './ledger-types.ts';
import { MAX_TRIES, type Outcome, pause, transact, whyTransient } from './transact.ts';

type Decide<S, N, R> = (state: S | undefined, at: string) => Promise<Decision<N, R>> | Decision<N, R>;
/** Why to try again. `resend`: what must be sent again as it is, because its outcome is unknown. */
type Retry<R> = LedgerError & { readonly is: 'retry'; readonly resend?: Append<R> };
type Try<R> = { readonly is: 'nothing_to_do' | 'committed'; readonly result: R } | Retry<R>;
export type Changed<R> = { readonly result: R; readonly committed: boolean };

/** `Ledger.change` without the chain per stream: up to 12 tries, each on what is there then. */
export async function changeStream<S, N extends object, E extends N & Stamped, R>(
  parts: StoreParts,
  kind: StreamKind<S, N, E>,
  stream: string,
  decide: Decide<S, N, R>,
): Promise<Result<Changed<R>, LedgerError>> {
  /** Sent, and never seen to have lost. One may still arrive: whoever finds its token in the table has won. */
  const unsettled = new Map<string, Append<R>>();
  let last: Retry<R> = { is: 'retry', code: 'contended', message: '' };
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    if (tries > 1) await pause(tries, parts.random);
    const tried = await tryOnce(parts, kind, stream, decide, unsettled, last.resend);
    if (tried.is !== 'retry') return ok({ result: tried.result, committed: tried.is === 'committed' });
    last = tried;
  }
  const late = await arrivedAnyway(parts, stream, unsettled);
  if (late !== undefined) return ok({ result: late.result, committed: true });
  const { code, message } = last;
  return err({ code, message: `${stream} was not changed after ${MAX_TRIES} tries: ${message}` });
}

async function tryOnce<S, N extends object, E extends N & Stamped, R>(
  parts: StoreParts,
  kind: StreamKind<S, N, E>,
  stream: string,
  decide: Decide<S, N, R>,
  unsettled: Map<string, Append<R>>,
  resend: Append<R> | undefined,
): Promise<Try<R>> {
  let next = resend;
  if (next === undefined) {
    const read = await readAgain(parts, stream, unsettled);
    if (read.is !== 'read') return read;
    const { head } = read;
    const state = head.body === undefined ? undefined : kind.decode(head.body);
    const at = parts.now();
    const { events, writes = [], result } = await decide(state, at.toISOString());
    if (events.length === 0) return { is: 'nothing_to_do', result };
    next = append(kind, { tables: parts.tables, stream, head, state, at, events, writes }, result);
  }
  unsettled.set(next.token, next);
  return judge(await transact(parts.client, next.input), next, unsettled);
}

/** The head; or that an earlier try, whose reply was lost, has been committed after all. */
async function readAgain<R>(parts: StoreParts, stream: string, unsettled: Map<string, Append<R>>) {
  try {
    const head = await readHead(parts, stream);
    for (const sent of unsettled.values()) {
      if (sent.seq > head.seq) continue;
      if ((await writerOf(parts, stream, sent.seq)) === sent.token) {
        return { is: 'committed' as const, result: sent.result };
      }
      unsettled.delete(sent.token); // its number is another's for ever
    }
    return { is: 'read' as const, head };
  } catch (error) {
    return { is: 'retry' as const, code: 'unavailable' as const, message: whyTransient(error) };
  }
}

function judge<R>(outcome: Outcome, sent: Append<R>, unsettled: Map<string, Append<R>>): Try<R> {
  if (outcome.is === 'committed') return { is: 'committed', result: sent.result };
  if (outcome.is === 'unknown') return { is: 'retry', resend: sent, code: 'unavailable', message: outcome.message };
  const [first] = outcome.reasons;
  if (first?.Code === 'ConditionalCheckFailed') {
    const winner = unsettled.get(text(first.Item, 'writer') ?? '');
    if (winner !== undefined) return { is: 'committed', result: winner.result };
    unsettled.delete(sent.token);
  }
  const codes = outcome.reasons.map(({ Code }) => Code ?? 'None').filter((code) => code !== 'None');
  const isThrottled = codes.some((code) => code === 'ThrottlingError' || code === 'ProvisionedThroughputExceeded');
  return { is: 'retry', code: isThrottled ? 'unavailable' : 'contended', message: codes.join(', ') };
}

async function arrivedAnyway<R>(parts: StoreParts, stream: string, unsettled: Map<string, Append<R>>) {
  try {
    for (const sent of unsettled.values()) {
      if ((await writerOf(parts, stream, sent.seq)) === sent.token) return sent;
    }
  } catch (error) {
    whyTransient(error); // still out of reach: the caller gets `unavailable`
  }
  return undefined;
}
