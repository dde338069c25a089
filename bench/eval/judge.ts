import type { Evidence } from '../../lib/evidence/evidence.ts';
import type { Reading } from '../../lib/evidence/reading.ts';
import type { Offer } from '../../lib/incidents/event.ts';
import { spokenOn } from '../../lib/own-playbooks/own-playbooks.ts';
import type { Compiled } from '../../lib/own-playbooks/run.ts';
import { runPlaybooks } from '../../lib/playbooks/diagnose.ts';
import type { Facts, Finding } from '../../lib/playbooks/finding.ts';
import { allPlaybooks } from '../../lib/playbooks/registry.ts';
import type { Expect } from '../../simulator/nodes/scenario-schema.ts';

/** What a diagnosis is worth, measured by what its scenario expects. */

/** True beside every cause. */
const BESIDE: ReadonlySet<string> = new Set(['node_rebooted', 'healthy']);

/** Findings that are certain and not what it is. */
export function falselyCertain(findings: readonly Finding[], { finding, also = [] }: Expect): readonly string[] {
  const expected: ReadonlySet<string> = new Set([finding, ...also]);
  return findings
    .filter(({ code }, n) => n === 0 || !BESIDE.has(code))
    .filter(({ confidence, code }) => confidence === 'certain' && !expected.has(code))
    .map(({ code }) => code);
}

/** What somebody could do now: an action that no gate refuses, or a remedy that has no button yet. */
export function onOffer(findings: readonly Finding[], offers: readonly Offer[]): readonly string[] {
  const refused: ReadonlySet<string> = new Set(
    offers.filter(({ answer }) => answer === 'refused').map(({ action }) => action),
  );
  return [...new Set(findings.flatMap(({ suggests }) => suggests))].filter((remedy) => !refused.has(remedy));
}

export type Verdict = {
  readonly isRight: boolean;
  readonly falseCertain: readonly string[];
  readonly harmful: readonly string[];
  readonly missingOffers: readonly string[];
};

export function judge(findings: readonly Finding[], offers: readonly Offer[], wanted: Expect): Verdict {
  const offered = onOffer(findings, offers);
  const [top] = findings;
  const isThere = (code: string) => findings.some((found) => found.code === code);
  const isSure = wanted.confidence === undefined || wanted.confidence === top?.confidence;
  return {
    isRight: top?.code === wanted.finding && (wanted.also ?? []).every(isThere) && isSure,
    falseCertain: falselyCertain(findings, wanted),
    harmful: offered.filter((remedy) => wanted.refused.some((refused) => refused === remedy)),
    missingOffers: wanted.offers.filter((offer) => !offered.includes(offer)),
  };
}

const broken = (reading: Reading<unknown>, code: string): Reading<never> => ({
  source: reading.source,
  node: reading.node,
  at: reading.at,
  tookMs: reading.tookMs,
  ok: false,
  error: { code, message: code },
});

/** The same evidence with one reading timed out or denied, and with one peer silent, each in its turn. */
export function* withOneMissing(evidence: Evidence): Generator<readonly [string, Evidence]> {
  for (const code of ['deadline_exceeded', 'permission_denied']) {
    const { logs: _, ...single } = evidence.readings;
    for (const [name, reading] of Object.entries(single)) {
      if (reading === undefined) continue;
      const readings = { ...evidence.readings, [name]: broken(reading, code) };
      yield [`${name}: ${code}`, { ...evidence, readings }];
    }
    for (const [id, reading] of Object.entries(evidence.readings.logs ?? {})) {
      const logs = { ...evidence.readings.logs, [id]: broken(reading, code) };
      yield [`log ${id}: ${code}`, { ...evidence, readings: { ...evidence.readings, logs } }];
    }
  }
  for (const { node } of evidence.peers) {
    yield [`peer ${node}`, { ...evidence, peers: evidence.peers.filter((peer) => peer.node !== node) }];
  }
}

/** Where less evidence made a diagnosis certain and wrong. */
export async function wrongWithLess(
  evidence: Evidence,
  facts: Facts,
  wanted: Expect,
  own: readonly Compiled[] = [],
): Promise<readonly string[]> {
  const all = [...withOneMissing(evidence)];
  const looks = all.map(([, less]) => ({ evidence: less, facts }));
  const spoken = await spokenOn(own, looks);
  return all.flatMap(([missing, less], n) => {
    const codes = falselyCertain(runPlaybooks(less, facts, [...allPlaybooks, ...(spoken[n] ?? [])]), wanted);
    return codes.length === 0 ? [] : [`without ${missing}: ${codes.join(', ')}`];
  });
}
