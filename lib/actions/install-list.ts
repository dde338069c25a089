import * as z from 'zod';
import type { Step } from '../approvals/plan.ts';
import { extensionName } from '../factory/extension-names.ts';
import { parsePatch } from '../machine-config/apply-patch.ts';
import { isMain, type MachineConfig } from '../machine-config/machine-config.ts';
import { err, ok, type Result } from '../result.ts';
import type { TalosAdmin } from '../talos/orders.ts';
import { isAtLeast } from '../versions/talos-version.ts';
import type { Draft, PlanContext } from './action.ts';
import { applyStep, changeDetails } from './apply-plan.ts';
import { type PreparedChange, prepareChange, readBeforeChange } from './changed-config.ts';

/** Installers of this Talos and later do not read `machine.install.extensions`. Source: release notes of Talos 1.10. */
const IGNORED_FROM = '1.10';

/** Without the list the installer adds nothing of its own to the image. */
export const WITHOUT_LIST = parsePatch('{machine: {install: {extensions: {$patch: delete}}}}');

const Main = z.object({
  machine: z.object({
    install: z.object({ extensions: z.array(z.object({ image: z.string() })).nullish() }).nullish(),
  }),
});

/** Extensions that the config has the installer add, once each, as schematics name them. */
export function listedExtensions({ documents }: MachineConfig): readonly string[] {
  const main = Main.safeParse(documents.find(isMain)?.content);
  const images = main.success ? (main.data.machine.install?.extensions ?? []) : [];
  return [...new Set(images.map(({ image }) => extensionName(image)))];
}

type InstallList = {
  readonly names: readonly string[];
  readonly without: () => Promise<Result<PreparedChange, string>>;
};

/**
 * What the installer of `version` would add to the image because the config says so; undefined: nothing. `without` has
 * Talos dry-run the config that says nothing any more.
 */
export async function readInstallList(
  admin: Pick<TalosAdmin, 'readConfig' | 'applyConfig'>,
  { evidence, target }: PlanContext,
  now: string,
  version: string,
): Promise<Result<InstallList | undefined, string>> {
  if (isAtLeast(version, IGNORED_FROM)) return ok(undefined);
  const config = await readBeforeChange(admin, evidence, target);
  if (!config.ok) return config;
  const names = listedExtensions(config.value);
  if (names.length === 0) return ok(undefined);
  const without = async () =>
    WITHOUT_LIST.ok
      ? prepareChange(admin, target, config.value, { patch: WITHOUT_LIST.value, mode: 'no_reboot' }, now)
      : err('The list cannot be taken out.');
  return ok({ names, without });
}

/** What the plan of an upgrade has more, where a list is taken out of the config first. */
export function withoutListDraft(
  names: readonly string[],
  { change, mode, contentSha256 }: PreparedChange,
): { readonly step: Omit<Step, 'n'>; readonly consequence: string; readonly details: Draft['details'] } {
  return {
    step: applyStep(mode, contentSha256),
    consequence: `machine.install.extensions (${names.join(', ')}) is taken out of its config first, without a reboot: the installer would put the list in again. The new image has each of them from Image Factory, once, unless this plan removes it.`,
    details: changeDetails(change),
  };
}
