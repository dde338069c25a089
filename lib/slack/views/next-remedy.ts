import { actionTraits } from '../../actions/traits.ts';
import { type ActionName, ActionName as Names, offerId } from '../../approvals/action-name.ts';
import type { IncidentState } from '../../incidents/state.ts';

type Remedy = { readonly action: ActionName; readonly about: string };

/** From mild to harsh: by risk, within one as the actions are listed. */
const LADDER = Names.options.toSorted((a, b) => actionTraits[a].risk.localeCompare(actionTraits[b].risk));

/**
 * After an action that was not proven to have helped: what the findings since then suggest next, the rungs below what was
 * tried last. To be read, never begun by itself. undefined: nothing failed last, or nothing else is suggested.
 */
export function nextRemedy({ plans, diagnosis }: IncidentState): Remedy | undefined {
  const judged = Object.values(plans).filter(({ verdict }) => verdict !== undefined);
  const last = judged.toSorted((a, b) => (a.endedAt ?? '').localeCompare(b.endedAt ?? '')).at(-1);
  if (last === undefined || diagnosis === undefined || !isBad(last.verdict)) return undefined;
  if (diagnosis.at < (last.endedAt ?? '')) return undefined;
  const tried = new Set(
    judged.filter(({ verdict }) => isBad(verdict)).map((plan) => offerId(plan.action, plan.parameters)),
  );
  const suggested = diagnosis.findings.flatMap(({ suggests, parameters }) =>
    suggests.flatMap((name) => {
      const action = Names.safeParse(name);
      if (!action.success) return [];
      const id = offerId(action.data, parameters?.[action.data] ?? {});
      const about = diagnosis.offers.find((offer) => offer.id === id)?.about ?? '';
      return tried.has(id) ? [] : [{ action: action.data, about }];
    }),
  );
  const upwards = suggested.toSorted((a, b) => rung(a.action) - rung(b.action));
  return upwards.find(({ action }) => rung(action) >= rung(last.action)) ?? upwards[0];
}

const rung = (action: ActionName): number => LADDER.indexOf(action);
const isBad = (verdict: string | undefined): boolean => verdict === 'unverified' || verdict === 'failed';
