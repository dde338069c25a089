import type { ActionName } from '../../lib/approvals/action-name.ts';

/** One repair, from the alert to the verdict, in which Medic is killed somewhere between approval and verdict. */
export type Story = {
  readonly scenario: string;
  readonly action: ActionName;
  /** What has to reach nodes. `again`: it changes nothing, so it is asked for again when its reply was lost. */
  readonly calls: readonly { readonly node: string; readonly method: string; readonly times: 'once' | 'again' }[];
  /** Stands in the form once the plan is ready, and not before. */
  readonly shows: string;
  /** Values of the requester's form, and of the second person's; undefined: one person is enough. */
  readonly typed: Readonly<Record<string, string>>;
  readonly approves: Readonly<Record<string, string>> | undefined;
  /** How much faster the nodes live: what a scenario leaves of a boot has to outlast a start of Medic. */
  readonly clockFactor: string;
};

const once = (node: string, method: string) => ({ node, method, times: 'once' }) as const;
const typed = { reason: 'crash test' };

export const stories: readonly Story[] = [
  {
    scenario: 'c04-state-not-found-in-time',
    action: 'restore_config',
    calls: [once('w-2', 'ApplyConfiguration')],
    shows: 'SHA-256',
    typed: { node_name: 'w-2', ...typed },
    approves: { node_name: 'w-2' },
    clockFactor: '200',
  },
  {
    scenario: 'c05-etcd-under-temporary-hostname',
    action: 'reboot',
    calls: [once('cp-2', 'Reboot')],
    shows: 'DEFAULT',
    typed,
    approves: undefined,
    clockFactor: '200',
  },
  {
    scenario: 'c02-kernel-module-not-loaded',
    action: 'apply_config',
    calls: [once('w-2', 'ApplyConfiguration')],
    shows: 'without a reboot',
    typed,
    approves: undefined,
    clockFactor: '20',
  },
  {
    scenario: 'c01-extension-twice-in-schematic',
    action: 'upgrade',
    calls: [once('w-2', 'Upgrade')],
    shows: 'in the new image once',
    typed,
    approves: undefined,
    clockFactor: '200',
  },
  {
    scenario: 'c01-duplicate-extensions',
    action: 'upgrade',
    calls: [once('cp-2', 'ApplyConfiguration'), once('cp-2', 'Upgrade')],
    shows: 'is taken out of its config first',
    typed,
    approves: {},
    clockFactor: '200',
  },
  {
    scenario: 'c01-extension-twice-in-schematic-1.13',
    action: 'upgrade',
    calls: [
      { node: 'w-2', method: 'ImageService.Pull', times: 'again' },
      once('w-2', 'LifecycleService.Upgrade'),
      once('w-2', 'Reboot'),
    ],
    shows: 'in the new image once',
    typed,
    approves: undefined,
    clockFactor: '200',
  },
  {
    scenario: 'c06-etcd-out-of-space',
    action: 'defragment_etcd',
    calls: [
      once('cp-2', 'EtcdDefragment'),
      once('cp-3', 'EtcdDefragment'),
      once('cp-1', 'EtcdDefragment'),
      once('cp-2', 'EtcdAlarmDisarm'),
    ],
    shows: '2.00 GiB',
    typed,
    approves: {},
    clockFactor: '200',
  },
  {
    scenario: 'c15-ephemeral-corrupt',
    action: 'reset_ephemeral',
    calls: [once('w-3', 'Reset')],
    shows: 'EPHEMERAL is erased',
    typed: { node_name: 'w-3', ...typed },
    approves: { node_name: 'w-3' },
    clockFactor: '40',
  },
];
