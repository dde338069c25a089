import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { KernelLine } from '../evidence/values.ts';
import { cite, few, list, present, quote } from './cite.ts';
import type { Playbook } from './finding.ts';
import { minuteOf } from './log-lines.ts';

/** How Talos logs a request, before it is carried out: `mode staged`, `mode auto(no_reboot)`. */
const APPLIED = /apply config request: mode ([a-z_]{1,20})/;
/** It is undone by itself after a minute, so it says nothing about what is stored. */
const TRIED = 'try';

/**
 * What was applied and does not work yet. The config itself is for admins, so only its traces are read: a request to
 * stage it since the boot, and kernel modules that it asks for and that are not loaded.
 */
export const configNotInEffect: Playbook = {
  name: 'config-not-in-effect',
  diagnose(evidence, { inventory }) {
    const { readings } = evidence;
    const stage = readValue(readings.machineStatus)?.stage;
    if (stage !== undefined && stage !== 'running' && stage !== 'booting') return [];
    const staged = stagedRequest(evidence);
    const modules = modulesNotLoaded(evidence);
    if (staged === undefined && modules.length === 0) return [];
    const name = quote(inventory?.name ?? evidence.node);
    const at = minuteOf(staged?.at);
    const when = at === undefined ? 'since its boot' : `at ${at} UTC`;
    const parts = present([
      staged && `a config that was staged ${when} waits for a reboot`,
      modules.length === 0
        ? undefined
        : `the kernel ${modules.length === 1 ? 'module' : 'modules'} ${few(modules)} ${modules.length === 1 ? 'is' : 'are'} configured and not loaded`,
    ]);
    return [
      {
        code: 'config_not_in_effect',
        severity: 'warning',
        confidence: 'likely',
        summary: `Not all of the config of ${name} is in effect: ${list(parts)}.`,
        evidence: present([
          staged &&
            cite('kernelLog', `${staged.message}${staged.at === undefined ? '' : ` at ${staged.at}`}; no boot since.`),
          modules.length === 0
            ? undefined
            : cite('kernelModuleSpecs', `Configured: ${few(modules)}; not in the list of loaded modules.`),
        ]),
        suggests: present([staged && ('reboot' as const), modules.length === 0 ? undefined : ('upgrade' as const)]),
        rulesOut: [],
        advice: [
          staged &&
            'Reboot it when the cluster can spare it, or apply the same config with --mode=no-reboot where the change allows it.',
          modules.length > 0 &&
            'Upgrade to an image of this version that has the modules, or take them out of the config.',
          'Kernel arguments, extensions and the install image never follow a config: they take an upgrade.',
        ]
          .filter((text) => typeof text === 'string')
          .join(' '),
      },
    ];
  },
};

/** The last request of this boot, if it was to stage: a later one that was carried out has stored another config. */
function stagedRequest({ readings }: Evidence): KernelLine | undefined {
  const requests = (readValue(readings.kernelLog) ?? [])
    .map((line) => ({ line, mode: APPLIED.exec(line.message)?.[1] }))
    .filter(({ mode }) => mode !== undefined && mode !== TRIED);
  const last = requests.at(-1);
  return last?.mode === 'staged' ? last.line : undefined;
}

/** Only from where modules that are part of the kernel are listed too: elsewhere those would be missed by mistake. */
function modulesNotLoaded({ readings }: Evidence): readonly string[] {
  const { kernelModules } = readings;
  if (!kernelModules?.ok || kernelModules.cut !== undefined) return [];
  if (!kernelModules.value.some(({ state }) => state === 'built-in')) return [];
  const names = new Set(kernelModules.value.map(({ name }) => name));
  return (readValue(readings.kernelModuleSpecs) ?? []).map(({ name }) => name).filter((name) => !names.has(name));
}
