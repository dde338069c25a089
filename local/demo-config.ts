import { MedicConfig } from '../lib/config/config.ts';

/** Who exists in the local Slack (simulator/slack/people.ts) and what they may do in the simulated cluster. */
export const demoConfig = (cluster: string): MedicConfig =>
  MedicConfig.parse({
    slack: { team: 'T0LOCAL', botUser: 'U0MEDIC', bot: 'B0MEDIC' },
    clusters: [
      {
        name: cluster,
        channel: 'C0TALOS',
        playbooks: { default: 'act' },
        // whoever tries it out breaks the same node again and again
        repeat: { withinHours: 0 },
        singleControlPlane: 'allow', // its scenarios have clusters of one
        bindings: [{ users: ['U0ONCALL', 'U0SECOND', 'U0LEAD'], role: 'admin' }],
      },
    ],
  });

/** Who may sign in to the audit pages of the demo. */
export const demoReviewers = [
  { id: 'U0ONCALL', name: 'On-call engineer', says: 'asks for and approves actions' },
  { id: 'U0SECOND', name: 'Second engineer', says: 'asks for and approves actions' },
  { id: 'U0LEAD', name: 'Platform lead', says: 'asks for and approves actions' },
  { id: 'U0VIEWER', name: 'Viewer', says: 'reads, decides nothing' },
] as const;
