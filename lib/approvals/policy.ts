import type { ActionTraits } from '../actions/action.ts';
import type { ClusterConfig } from '../config/config.ts';
import type { NodeRole } from '../inventory/entry.ts';
import type { Plan } from './plan.ts';

/** A person as Slack describes them at this moment. */
export type Person = {
  readonly id: string;
  readonly name: string;
  readonly teamId: string;
  readonly isBot: boolean;
  readonly isGuest: boolean;
  readonly isDeactivated: boolean;
};

/** undefined: yes. Otherwise one sentence that says why not and who can. */
export function mayDecide(
  person: Person,
  team: string,
  cluster: ClusterConfig,
  needs: ActionTraits['identity'],
): string | undefined {
  const who = ` ${whoCan(cluster, needs)}`;
  if (person.teamId !== team) return `You belong to another Slack workspace.${who}`;
  if (person.isBot) return `Bots cannot decide.${who}`;
  if (person.isDeactivated) return `Your Slack account is deactivated.${who}`;
  if (person.isGuest) return `Guests cannot decide.${who}`;
  if (decidersOf(cluster, needs).includes(person.id)) return undefined;
  return `You have no ${needs} role in ${cluster.name}.${who}`;
}

/** User ids that may ask for and approve what needs this identity. */
export const decidersOf = (cluster: ClusterConfig, needs: ActionTraits['identity']): readonly string[] => [
  ...new Set(cluster.bindings.filter(({ role }) => role === 'admin' || role === needs).flatMap(({ users }) => users)),
];

/** As many are named: nobody reads more, and a card has its limits. */
const PEOPLE_NAMED = 15;

export const whoCan = (cluster: ClusterConfig, needs: ActionTraits['identity']): string => {
  const people = decidersOf(cluster, needs).map((id) => `<@${id}>`);
  if (people.length === 0) return 'Nobody can: no binding gives the role.';
  const more = people.length - PEOPLE_NAMED;
  return `Who can: ${people.slice(0, PEOPLE_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}.`;
};

/** Where several people look after a cluster. The table is a floor: R3 always needs one more person. */
const approvalsUsual = (action: ActionTraits, role: NodeRole): number =>
  Math.max(action.approvals[role], action.risk === 'R3' ? 2 : 1);

type Policy = Pick<ClusterConfig, 'selfApproval'>;

/** Distinct people who must say yes. */
export const approvalsNeeded = (action: ActionTraits, role: NodeRole, { selfApproval }: Policy): number =>
  selfApproval ? 1 : approvalsUsual(action, role);

/** Of a frozen plan: never fewer than the policy asks today, whatever is stored of it. */
export const approvalsOf = (
  plan: Pick<Plan, 'approvalsNeeded' | 'role'>,
  action: ActionTraits,
  cluster: Policy,
): number => Math.max(plan.approvalsNeeded, approvalsNeeded(action, plan.role, cluster));

/** Fewer people than usual said yes, so a plan says what stands in for the others. */
export const isSelfApproved = (people: number, action: ActionTraits, role: NodeRole): boolean =>
  people < approvalsUsual(action, role);

const SELF_APPROVED_WAIT_MS = 60_000;

/** Between the last yes and the start, in ms: what one person decides to destroy can be cancelled for so long. */
export const waitBeforeStart = (people: number, action: ActionTraits, role: NodeRole): number =>
  action.risk === 'R3' && isSelfApproved(people, action, role) ? SELF_APPROVED_WAIT_MS : 0;

/** For whoever reads the plan; undefined: as many people as usual have to say yes. */
export function selfApprovalText(people: number, action: ActionTraits, role: NodeRole): string | undefined {
  if (!isSelfApproved(people, action, role)) return undefined;
  const says = `one yes is enough here instead of ${approvalsUsual(action, role)} (selfApproval).`;
  const waitMs = waitBeforeStart(people, action, role);
  if (waitMs === 0) return says;
  return `${says} It starts ${waitMs / 1_000} s after it; until then everyone who may decide can cancel it.`;
}
