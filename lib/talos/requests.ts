import { err, ok, type Result } from '../result.ts';
import type {
  ApplyConfigurationRequest,
  RebootRequest,
  ResetRequest,
  UpgradeRequest,
} from './generated/machine/machine.ts';
import { ResetRequest as ResetMessage } from './generated/machine/machine.ts';
import type { ApplyOrder, RebootMode, ResetOrder, UpgradeOrder } from './orders.ts';

/**
 * The messages that change a node, with every field said: their zero values wipe whole disks, power machines off, reboot
 * or skip checks. Source: api/machine/machine.proto and v1alpha1_server.go of Talos 1.8 to 1.14.
 */
const REBOOT_MODES = { default: 'DEFAULT', powercycle: 'POWERCYCLE', force: 'FORCE' } as const;
export const rebootRequest = (mode: RebootMode): RebootRequest => ({ mode: REBOOT_MODES[mode] });

const WIPES = { ephemeral: ['EPHEMERAL'], state_and_ephemeral: ['STATE', 'EPHEMERAL'] } as const;

/** An empty list is the whole disk; `wipe: false` is nothing from 1.10 on, and the whole disk before. */
export const resetRequest = ({ wipe, graceful }: ResetOrder): ResetRequest => ({
  graceful,
  reboot: true,
  systemPartitionsToWipe: WIPES[wipe].map((label) => ({ label, wipe: true })),
  userDisksToWipe: [],
  mode: 'SYSTEM_DISK',
});

/** Looks at the message as the node will read it, because types do not survive a plan that was stored as JSON. */
export function checkedReset(request: ResetRequest): Result<ResetRequest, string> {
  const read = ResetMessage.decode(ResetMessage.encode(request).finish());
  const partitions = read.systemPartitionsToWipe;
  const isNamed = partitions.length > 0 && partitions.every(({ label, wipe }) => wipe && isWiped(label));
  if (!isNamed) return err('it names no partition to wipe, or one that is never wiped');
  if (!read.reboot) return err('it would power the machine off');
  if (read.mode !== 'SYSTEM_DISK' || read.userDisksToWipe.length > 0) return err('it would wipe more than partitions');
  return ok(request);
}
const isWiped = (label: string): boolean => WIPES.state_and_ephemeral.some((known) => known === label);

/** `preserve` switches the check of etcd off from 1.12 on, `force` in all versions: neither is ever sent. */
export const upgradeRequest = ({ image, stage, rebootMode }: UpgradeOrder): UpgradeRequest => ({
  image,
  preserve: false,
  stage,
  force: false,
  rebootMode: rebootMode === 'powercycle' ? 'POWERCYCLE' : 'DEFAULT',
});

const APPLY_MODES = { auto: 'AUTO', no_reboot: 'NO_REBOOT', staged: 'STAGED', try: 'TRY' } as const;

/** Mode 0 is REBOOT, and cannot be said. */
export const applyRequest = (order: ApplyOrder): ApplyConfigurationRequest => ({
  data: Buffer.from(order.config, 'utf8'),
  mode: APPLY_MODES[order.mode],
  dryRun: order.dryRun,
  ...(order.mode === 'try' ? { tryModeTimeout: { seconds: String(order.revertAfterS), nanos: 0 } } : {}),
});

/** Host, path, and a tag or a digest: without one of them a registry picks for us. */
export const isImageReference = (image: string): boolean =>
  image.length <= 512 &&
  /^[a-z0-9][a-z0-9.-]{0,252}(?::\d{1,5})?(?:\/[a-z0-9][a-z0-9._-]{0,127}){1,8}(?::[A-Za-z0-9_][\w.-]{0,127}(?:@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$/.test(
    image,
  );

const MAX_UINT64 = 2n ** 64n - 1n;
/** A decimal uint64; 0 is nobody. */
export const isMemberId = (id: string): boolean => /^[1-9]\d{0,19}$/.test(id) && BigInt(id) <= MAX_UINT64;

/** Talos restarts nothing else by its API. Source: internal/app/machined/pkg/system/services. */
export const isRestartable = (service: string): boolean => /^(?:kubelet|ext-[a-z0-9][a-z0-9-]{0,62})$/.test(service);
