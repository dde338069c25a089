import * as z from 'zod';
import type { Parameters } from '../approvals/action-name.ts';
import { type ConfigPatch, parsePatch } from '../machine-config/apply-patch.ts';
import { describeConfigProblem } from '../machine-config/config-problem.ts';
import { type ConfigMapping, type ConfigValue, isMain } from '../machine-config/machine-config.ts';
import { err, ok, type Result } from '../result.ts';

/** As Talos calls them, without the one that has to reboot. */
const ApplyMode = z.enum(['auto', 'no_reboot', 'staged', 'try']);
export type ApplyMode = z.infer<typeof ApplyMode>;

/** `patch`: as talosctl takes it. `mode`: how it is to take effect, else the mildest that lets it. */
const ApplyParameters = z.strictObject({ patch: z.string().min(1).max(16_384), mode: ApplyMode.optional() });

export type ApplyWanted = { readonly patch: ConfigPatch; readonly mode: ApplyMode | undefined };

export function parseApply(parameters: Parameters): Result<ApplyWanted, string> {
  const parsed = ApplyParameters.safeParse(parameters);
  if (!parsed.success) return err('A change of the config is a patch, and a mode: auto, no_reboot, staged or try.');
  const patch = parsePatch(parsed.data.patch);
  if (!patch.ok) return err(`The patch cannot be used: ${describeConfigProblem(patch.error)}.`);
  return ok({ patch: patch.value, mode: parsed.data.mode });
}

/** What a patch is about, for the button: documents by their names, of the main one the place. */
export function applyAbout({ patch, mode }: ApplyWanted): string {
  const how = mode === undefined ? '' : ` (${mode})`;
  if (patch.kind === 'json')
    return `${[...new Set(patch.operations.map(({ path }) => path.join('.')))].join(', ')}${how}`;
  return `${patch.parts.map(({ document }) => (isMain(document) ? placeIn(document.content) : document.title)).join(', ')}${how}`;
}

/** As far down as there is one key only: `machine.kernel.modules`. */
function placeIn(content: ConfigMapping): string {
  const [[key, value] = ['', null], ...more] = Object.entries(content);
  if (more.length > 0) return Object.keys(content).join(', ');
  return isMapping(value) ? [key, placeIn(value)].filter((name) => name !== '').join('.') : key;
}
const isMapping = (value: ConfigValue): value is ConfigMapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
