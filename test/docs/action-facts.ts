import { actionJudges } from '../../lib/actions/registry.ts';
import { actionTraits } from '../../lib/actions/traits.ts';
import type { ActionName } from '../../lib/approvals/action-name.ts';
import type { Plan, Step } from '../../lib/approvals/plan.ts';
import { planOf } from '../incidents/events.ts';
import { inventory, running } from '../playbooks/build-evidence.ts';

const step = (method: Step['method'], request: Step['request'] = {}): Step => ({
  n: 1,
  method,
  request,
  probe: '',
  deadlineMs: 1,
});

/** Plans of an action that are verified differently, where there is more than one way. */
const PLANS: Readonly<Record<ActionName, readonly Partial<Plan>[]>> = {
  restart_service: [{ steps: [step('ServiceRestart', { service: 'SERVICE' })] }],
  reboot: [{ findings: [] }, { findings: ['etcd_under_temporary_hostname'] }],
  apply_config: [{ steps: [step('ApplyConfiguration')] }, { steps: [step('ApplyConfiguration'), step('Reboot')] }],
  restore_config: [{}],
  upgrade: [{}],
  rollback: [{}],
  defragment_etcd: [{ steps: [step('EtcdDefragment'), step('EtcdAlarmDisarm')] }],
  disarm_etcd_alarm: [{}],
  forfeit_etcd_leadership: [{}],
  remove_etcd_member: [{}],
  reset_ephemeral: [{ steps: [step('Reset', { labels: 'EPHEMERAL' })] }],
  reset_state_and_ephemeral: [{ steps: [step('Reset', { labels: 'STATE EPHEMERAL' })] }],
};

const ROLES = ['worker', 'controlplane'] as const;
const minutes = (ms: number): string => `${ms / 60_000} min`;

/** What an action checks afterwards, by name; `NODE` and `SERVICE` stand for those of the plan. */
function checksOf(name: ActionName): readonly string[] {
  const checks = ROLES.flatMap((role) =>
    PLANS[name].flatMap((change) => {
      const plan = planOf({ action: name, node: 'NODE', role, ...change });
      return actionJudges[name].verify(plan, { evidence: running(), entry: { ...inventory, role }, findings: [] });
    }),
  );
  return [...new Set(checks.map((check) => check.name))];
}

/** The table at the head of an action's page. */
export function factsTable(name: ActionName): string {
  const { risk, identity, approvals, typedName, startsIn, stops, wipes, gates, ...times } = actionTraits[name];
  const rows = [
    ['Risk', risk],
    ['Certificate', `\`os:${identity}\``],
    ['People who say yes', `worker ${approvals.worker}, control plane ${approvals.controlplane}`],
    ['They type the name of the node', typedName === 'required' ? 'yes' : 'no'],
    ['The node is', startsIn === 'running' ? 'running or booting' : 'in maintenance mode'],
    ['Stands still meanwhile', stops],
    ['System volumes erased', wipes.join(', ') || 'none'],
    ['A plan expires after', minutes(times.expiresAfterMs)],
    ['Gates', gates.map((gate) => `\`${gate}\``).join(', ')],
    ['Checks', checksOf(name).join(', ')],
    ['Looks for them', minutes(times.verifyWithinMs)],
  ];
  return ['| | |', '| --- | --- |', ...rows.map(([label, text]) => `| ${label} | ${text} |`)].join('\n');
}
