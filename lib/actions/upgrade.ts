import type { Plan, Step } from '../approvals/plan.ts';
import { bootFacts, bootText } from '../evidence/boot.ts';
import { readValue } from '../evidence/reading.ts';
import type { ImageFactory } from '../factory/image-factory.ts';
import { err, ok, type Result } from '../result.ts';
import type { TalosAdmin, TalosOperator } from '../talos/orders.ts';
import { rulesFor } from '../versions/rules.ts';
import type { Action, PlanContext, StepFacts, StepOutcome } from './action.ts';
import { lookForChange, sendChange } from './changed-config.ts';
import { etcdDetails } from './etcd-details.ts';
import { readInstallList, WITHOUT_LIST, withoutListDraft } from './install-list.ts';
import { notDone, started } from './sent.ts';
import { keepEvidence, rebootStep } from './steps.ts';
import { actionTraits } from './traits.ts';
import { type UpgradeImage, upgradeImage } from './upgrade-image.ts';
import { parseUpgrade } from './upgrade-parameters.ts';

const MINUTE = 60_000;
/** Talos pulls the image within the call, up to 1.12. */
const UPGRADE_MS = 10 * MINUTE;
const PULL_MS = 10 * MINUTE;
const INSTALL_MS = 10 * MINUTE;

/** META key of an upgrade that no good boot has confirmed yet. Source: siderolabs/talos, internal/pkg/meta/constants.go. */
export const UNCONFIRMED = '0x06';

type UpgradePorts = {
  readonly admin: Pick<TalosAdmin, 'upgrade' | 'installUpgrade' | 'readConfig' | 'applyConfig'>;
  readonly operator: Pick<TalosOperator, 'pullImage' | 'reboot'>;
  readonly factory: ImageFactory;
};

/**
 * Talos RPC `Upgrade` up to 1.12; from 1.13 on `ImageService.Pull`, `LifecycleService.Upgrade` and `Reboot`, each a step
 * of its own. Role os:admin. The image comes from Image Factory and keeps what the node has. What an installer up to 1.9
 * would add from the machine config is taken out of there first, because a schematic names it.
 */
export const upgrade = ({ admin, operator, factory }: UpgradePorts): Action => ({
  traits: actionTraits.upgrade,
  async plan(context) {
    const wanted = parseUpgrade(context.parameters);
    if (!wanted.ok) return err({ because: wanted.error });
    const { evidence } = context;
    const now = readValue(evidence.readings.version)?.tag;
    const rules = rulesFor(now);
    if (now === undefined || !rules.ok) return err({ because: 'The node did not say which Talos it runs.' });
    if (bootText(bootFacts(evidence)) === '')
      return err({
        because: 'The node does not say when it booted, so the boot after the upgrade could not be proven.',
      });
    const meta = readValue(evidence.readings.metaKeys);
    if (meta?.includes(UNCONFIRMED) === true)
      return err({
        because: 'An upgrade before this one is not confirmed by a good boot yet; a second would leave no way back.',
      });
    const version = wanted.value.version ?? now;
    const list = await readInstallList(admin, context, now, version);
    if (!list.ok) return err({ because: list.error });
    const listed = list.value?.names ?? [];
    const image = await upgradeImage(factory, evidence, version, wanted.value.change, listed);
    if (!image.ok) return err({ because: image.error });
    const without = await list.value?.without();
    if (without?.ok === false) return err({ because: without.error });
    const first = without === undefined ? undefined : withoutListDraft(listed, without.value);
    const isOneCall = rules.value.upgrade === 'machine';
    const before = [keepEvidence(), ...(first === undefined ? [] : [{ ...first.step, n: 1 }])];
    const calls = (isOneCall ? oneCall : threeCalls)(image.value, version, before.length);
    return ok({
      steps: [...before, ...calls],
      consequences: [
        ...(first === undefined ? [] : [first.consequence]),
        ...consequences(context, now, version, image.value, isOneCall),
      ],
      details: [...details(context, now, version, image.value), ...(first?.details ?? [])],
    });
  },
  async execute(step, _plan, target, { results }) {
    if (step.method === 'ApplyConfiguration') {
      if (!WITHOUT_LIST.ok) return { outcome: 'refused', because: 'Not sent: the list cannot be taken out.' };
      return sendChange(admin, step, WITHOUT_LIST.value, target);
    }
    const { deadlineMs } = step;
    const image = imageOf(step, results);
    if (!image.ok) return { outcome: 'refused', because: image.error };
    switch (step.method) {
      case 'Upgrade': {
        const reply = await admin.upgrade(target, {
          image: image.value,
          stage: false,
          rebootMode: 'default',
          deadlineMs,
        });
        return started(reply);
      }
      case 'ImagePull': {
        const reply = await operator.pullImage(target, { image: image.value, deadlineMs });
        if (!reply.ok) return notDone(reply.error);
        return { outcome: 'done', because: `Stored as ${reply.value.name}`, result: reply.value.name };
      }
      case 'LifecycleUpgrade': {
        const reply = await admin.installUpgrade(target, { image: image.value, deadlineMs });
        return reply.ok ? { outcome: 'done', because: lastWords(reply.value.says) } : notDone(reply.error);
      }
      case 'Reboot': {
        const reply = await operator.reboot(target, { mode: 'default', deadlineMs });
        return started(reply);
      }
      default:
        return { outcome: 'refused', because: `An upgrade has no step ${step.method}.` } satisfies StepOutcome;
    }
  },
  async inspect(step, _plan, target, facts) {
    if (step.method !== 'ApplyConfiguration' || !WITHOUT_LIST.ok) return undefined;
    return lookForChange(admin, step, WITHOUT_LIST.value, target, facts);
  },
});

const lastWords = (says: readonly string[]): string => says.at(-1) ?? 'The installer ended with exit code 0.';

/** The name to send: that of the plan, or the one under which the pull before has stored it. */
function imageOf({ method, request }: Step, results: StepFacts['results']): Result<string, string> {
  if (method !== 'LifecycleUpgrade') return ok(String(request['image'] ?? ''));
  const stored = results[Number(request['pulledByStep'])];
  return stored === undefined ? err('The pull left no name of the image.') : ok(stored);
}

/** What verification compares with: names of extensions with blanks between. */
const wantedOf = ({ schematic, extensions }: UpgradeImage, version: string) => {
  return { version, schematic, extensions: extensions.join(' ') };
};

const oneCall = (image: UpgradeImage, version: string, n: number): readonly Step[] => [
  {
    n,
    method: 'Upgrade',
    request: { image: image.image, rebootMode: 'DEFAULT', ...wantedOf(image, version) },
    probe: 'Another boot, stage upgrading, or an upgrade sequence in the event log shows that it arrived.',
    deadlineMs: UPGRADE_MS,
  },
];

const threeCalls = (image: UpgradeImage, version: string, n: number): readonly Step[] => [
  {
    n,
    method: 'ImagePull',
    request: { image: image.image },
    probe: 'It is asked for again: a pull of an image that is there changes nothing.',
    deadlineMs: PULL_MS,
  },
  {
    n: n + 1,
    method: 'LifecycleUpgrade',
    request: { pulledByStep: n, ...wantedOf(image, version) },
    probe: `META key ${UNCONFIRMED} shows that it is installed; without it the installer was stopped with its call.`,
    deadlineMs: INSTALL_MS,
  },
  { n: n + 2, ...rebootStep() },
];

function consequences(
  { entry }: PlanContext,
  now: string,
  version: string,
  { changed }: UpgradeImage,
  isOneCall: boolean,
): Plan['consequences'] {
  const { added, removed, madeOne } = changed.extensions;
  const what = now === version ? `installs Talos ${version} again` : `goes from Talos ${now} to ${version}`;
  return [
    `${entry.name} ${what} from another image and reboots into it; it is away for one boot (minutes).`,
    isOneCall
      ? 'Talos cordons and drains it first; pods that do not go in time are stopped.'
      : 'Nothing is drained: pods on it restart.',
    ...madeOne.map((name) => `The extension ${name} is in the new image once.`),
    ...added.map((name) => `The extension ${name} is added.`),
    ...removed.map((name) => `The extension ${name} is removed: what it provided is gone.`),
    ...(changed.kernelArgs.added.length > 0 ? [`Kernel arguments added: ${changed.kernelArgs.added.join(' ')}.`] : []),
    ...(changed.kernelArgs.removed.length > 0
      ? [`Kernel arguments removed: ${changed.kernelArgs.removed.join(' ')}.`]
      : []),
    'Config and data stay. If the new image does not come up, Talos boots the one of now again by itself.',
  ];
}

const details = (
  { evidence, entry }: PlanContext,
  now: string,
  version: string,
  image: UpgradeImage,
): Plan['details'] => [
  { label: 'Talos', text: now === version ? `${version}, as now` : `${now} before, ${version} after` },
  { label: 'Image', text: image.image },
  { label: 'Schematic', text: image.schematic },
  { label: 'Extensions after', text: image.extensions.join(', ') || 'none' },
  ...etcdDetails(evidence, entry),
];
