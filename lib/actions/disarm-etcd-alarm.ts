import { list } from '../playbooks/cite.ts';
import { gib } from '../playbooks/etcd-space.ts';
import { err, ok } from '../result.ts';
import type { TalosOperator } from '../talos/orders.ts';
import type { Action, ActionJudge } from './action.ts';
import { runningChecks } from './checks.ts';
import { alarmCheck, disarm, disarmStep, probeDisarm, whyNotYet } from './etcd-alarm.ts';
import { etcdFiles, fileText, otherAlarms } from './etcd-files.ts';
import { keepEvidence } from './steps.ts';
import { actionTraits } from './traits.ts';

const NO_PARAMETERS = 'Disarming takes no parameters.';

/** Where somebody has made room already, and only the alarm keeps etcd from taking writes. */
export const disarmEtcdAlarm = (talos: Pick<TalosOperator, 'etcdDisarmAlarms'>): Action => ({
  traits: actionTraits.disarm_etcd_alarm,
  async plan({ parameters, evidence }) {
    if (Object.keys(parameters).length > 0) return err({ because: NO_PARAMETERS });
    const seen = etcdFiles(evidence);
    const { files, alarm } = seen;
    if (alarm === undefined) return err({ because: 'No alarm NOSPACE is on any more.' });
    const others = otherAlarms(evidence);
    if (others.length > 0)
      return err({ because: `etcd has alarm ${list(others)} too, and disarming takes that back as well.` });
    const because = whyNotYet(seen);
    if (because !== undefined) return err({ because });
    return ok({
      steps: [keepEvidence(), disarmStep(1)],
      consequences: [
        'etcd takes its alarms back, and takes writes again. Nothing stops, nothing is deleted.',
        'Where a file is over the quota after all, its member raises the alarm again at the next write.',
      ],
      details: [
        { label: 'Alarm NOSPACE', text: list(alarm.alarmed) },
        { label: 'Quota', text: `${gib(alarm.quotaBytes)}${alarm.isQuotaRead ? '' : " (etcd's default)"}` },
        ...files.map((file) => ({ label: `File of ${file.node}`, text: fileText(file) })),
      ],
    });
  },
  execute: (step, _plan, target, { evidence }) => disarm(talos, step, target, evidence),
});

export const disarmEtcdAlarmJudge: ActionJudge = {
  traits: actionTraits.disarm_etcd_alarm,
  about: (parameters) => (Object.keys(parameters).length === 0 ? ok('') : err(NO_PARAMETERS)),
  probe: (_step, _plan, facts) => probeDisarm(facts),
  verify: (_plan, { evidence, entry }) => [alarmCheck(evidence), ...runningChecks(evidence, entry)],
};
