import type { Evidence } from '../evidence/evidence.ts';
import { doesAnswer, type Vote } from './peers-vote.ts';

/** What a silent node most likely is, and what a person does about it. */
export type Silence = { readonly looks: string; readonly advice: string };

const OFF: Silence = {
  looks: 'it is switched off, or its cable or network card is away',
  advice:
    'Look at power and console of the machine, then at its cable and switch port; Talos cannot switch it on. Whoever has its out-of-band console sees at once.',
};
const UP_WITHOUT_API: Silence = {
  looks: 'the machine is there and its Talos API is not',
  advice:
    'Look at the console: it may be booting, shutting down or stuck there. Give a boot its time before you switch it off. "failed to load config from STATE: unknown keys" (or "not registered") means that it booted an older Talos than its config was written for: choose the newer entry in the boot menu, then upgrade again, and apply no older config.',
};
const HUNG: Silence = {
  looks: 'it accepts connections and hangs',
  advice:
    'Look at the console for memory or disk trouble before you switch it off: what the kernel said is gone with the next boot.',
};
const OFF_OR_CUT_OFF: Silence = {
  looks: 'it is off, or cut off from everybody',
  advice:
    'Look at power and console of the machine, then at the network between here and it; Talos cannot switch it on.',
};
const NOT_OURS: Silence = {
  looks: 'something else stands there: it answers the others under a certificate that is not of this cluster',
  advice:
    'Look at the console: in maintenance mode it waits for a config, else a machine of another cluster has the address. Look at the way from Medic to it as well, which is blocked.',
};
const UNKNOWN: Silence = {
  looks: '',
  advice: 'No control plane answers from here either: check the network of Medic before the node.',
};

/** Codes that control planes met when they dialled it. */
const FOREIGN: ReadonlySet<string> = new Set(['unknown_authority', 'client_certificate_required']);
const NEVER_ANSWERED: ReadonlySet<string> = new Set(['connection_timeout', 'no_route', 'unreachable']);
const STUCK: ReadonlySet<string> = new Set(['handshake_timeout', 'deadline_exceeded']);

/** What the others met counts for more than what we met: they are nearer, and they are several. */
export function silenceOf({ reach, peers }: Evidence, votes: readonly Vote[]): Silence {
  const met = peers
    .filter(doesAnswer)
    .flatMap(({ proxyDial }) => (proxyDial === undefined || proxyDial.ok ? [] : [proxyDial.error.code]));
  const own = reach.error?.code ?? 'unreachable';
  if (peers.length > 0 && !peers.some(doesAnswer)) return UNKNOWN;
  if (met.length === 0) return byCode(own);
  const all = (codes: ReadonlySet<string>) => met.every((code) => codes.has(code));
  if (all(FOREIGN)) return NOT_OURS;
  if (votes.some(({ topic, verdict }) => topic === 'reachable' && verdict === 'split')) return OFF_OR_CUT_OFF;
  // the neighbours ask for its hardware address and get no answer
  if (all(new Set(['no_route']))) return OFF;
  if (all(new Set(['connection_refused']))) return UP_WITHOUT_API;
  if (all(STUCK) && STUCK.has(own)) return HUNG;
  return all(NEVER_ANSWERED) ? OFF_OR_CUT_OFF : byCode(own);
}

function byCode(code: string): Silence {
  if (code === 'connection_refused') return UP_WITHOUT_API;
  return STUCK.has(code) ? HUNG : OFF_OR_CUT_OFF;
}
