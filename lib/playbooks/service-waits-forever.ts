import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { BOOT_TIMEOUT_MS, timedOutBootsMs } from './boot-times.ts';
import { cite, list, present, quote } from './cite.ts';
import { extensionService, loadModule } from './config-patch.ts';
import { extensionOf } from './extension-layers.ts';
import type { Citation, Confidence, Facts, Finding, Playbook } from './finding.ts';
import { deviceModule, howToLoad, moduleCitations, whyModuleIsMissing } from './missing-module.ts';
import { beganAtMs, clockTime, lastedMs, minutes } from './node-time.ts';
import { CONFIG_CONDITION, fileOf, type ServiceWait, serviceOf, TIME_CONDITION, waitOf } from './service-wait.ts';
import { isExtension, onlyExtensionsAreBroken } from './services.ts';

/** A boot takes less, so what waits longer waits for something that does not come by itself. */
const LONGER_THAN_A_BOOT_MS = 10 * 60_000;
/** Sooner it is said only as a hint, and of extensions alone. */
const HINT_AFTER_MS = 2 * 60_000;
/** Each is a finding of its own, however many a node sends. */
const MAX_SERVICES = 4;
const MAX_INTERVALS = 6;

/**
 * A service that never starts, because what it needs never comes. The boot waits for every service, gives up after 70
 * minutes and reboots, so the node is well for that long again and again (siderolabs/talos#9904, #12145).
 */
export const serviceWaitsForever: Playbook = {
  name: 'service-waits-forever',
  diagnose(evidence, facts) {
    const stage = readValue(evidence.readings.machineStatus)?.stage;
    // while it goes down services wait for others on purpose
    if (stage !== undefined && stage !== 'booting' && stage !== 'running') return [];
    const services = readValue(evidence.readings.services) ?? [];
    const waits = services.flatMap((service) => {
      const wait = waitOf(service);
      const conditions = (wait?.conditions ?? []).filter(isItsOwn(evidence));
      return wait === undefined || conditions.length === 0 ? [] : { ...wait, conditions };
    });
    return waits.slice(0, MAX_SERVICES).flatMap((wait) => findingOf(evidence, facts, wait));
  },
};

/** What waits for the time or for another broken service is ill because of that, and found there. */
const isItsOwn =
  ({ readings }: Evidence) =>
  (condition: string): boolean => {
    if (condition === TIME_CONDITION) return false;
    const other = serviceOf(condition);
    return other === undefined || !(readValue(readings.services) ?? []).some(({ id }) => id === other);
  };

function findingOf(evidence: Evidence, facts: Facts, wait: ServiceWait): readonly Finding[] {
  const intervals = timedOutBootsMs(evidence, facts.inventory);
  const confidence = confidenceOf(evidence, wait, intervals);
  if (confidence === undefined) return [];
  const { readings } = evidence;
  const isServing = readValue(readings.machineStatus)?.ready !== false;
  const cause = causeOf(evidence, facts, wait);
  const doesExplain = confidence !== 'possible' && cause.isKnown && onlyExtensionsAreBroken(evidence);
  return [
    {
      code: 'service_waits_forever',
      severity: isServing && readValue(readings.nodeStatus)?.nodeReady !== false ? 'warning' : 'critical',
      confidence,
      summary: `${quote(wait.service.id)} on ${quote(facts.inventory?.name ?? evidence.node)} ${waitedText(evidence, wait)} for ${quote(list(wait.conditions))}${cause.because === undefined ? '' : `, because ${cause.because}`}${endText(evidence, wait, intervals)}.`,
      evidence: present([
        cite('services', `${wait.service.id} (Waiting): ${wait.service.events.at(-1)?.message ?? ''}`),
        taskCitation(evidence, wait),
        ...cause.citations,
        intervals.length > 1
          ? cite(
              'inventory',
              `Last boots ${intervals.slice(-MAX_INTERVALS).map(minutes).join(', ')} apart: each ended by the boot timeout.`,
            )
          : undefined,
        stageCitation(evidence),
      ]),
      suggests: cause.suggests,
      ...withoutExtension(evidence, wait),
      ...(doesExplain ? { explains: true as const } : {}),
      rulesOut: present([
        {
          code: 'extension_service_broken',
          because: 'It has not started in this boot, so it did not fail either: it has no process and no exit.',
        },
        readings.timeStatus?.ok && readings.timeStatus.value.synced
          ? { code: 'time_not_synced', because: 'The clock is in time.' }
          : undefined,
        intervals.length > 1
          ? { code: 'power_or_kernel', because: 'Crashes and power losses do not come every 70 to 90 minutes.' }
          : undefined,
      ]),
      advice: cause.advice,
      ...(cause.patch === undefined ? {} : { patch: cause.patch }),
    },
  ];
}

function confidenceOf(evidence: Evidence, wait: ServiceWait, intervals: readonly number[]): Confidence | undefined {
  const lasted = lastedMs(evidence, wait.since);
  const isKnownHere = isExtension(wait.service);
  if (lasted !== undefined && lasted >= LONGER_THAN_A_BOOT_MS) {
    const isSure = isKnownHere && isClockSure(evidence, wait) && evidence.readings.machineStatus?.ok === true;
    return isSure ? 'certain' : 'likely';
  }
  // two intervals alike are no accident, and a boot that has just begun goes the same way
  if (isKnownHere && intervals.length > 1) return 'likely';
  return isKnownHere && lasted !== undefined && lasted >= HINT_AFTER_MS ? 'possible' : undefined;
}

/** The node's clock was read, or its own log spans the wait. */
function isClockSure(evidence: Evidence, wait: ServiceWait): boolean {
  const synced = readValue(evidence.readings.timeStatus)?.synced === true || evidence.readings.clock?.ok === true;
  const lines = taskLines(evidence, wait);
  const spanMs = Date.parse(lines.at(-1)?.at ?? '') - Date.parse(lines[0]?.at ?? '');
  return synced || spanMs >= LONGER_THAN_A_BOOT_MS;
}

/** The boot says every 15 seconds for which services it waits. */
const taskLines = ({ readings }: Evidence, { service }: ServiceWait) =>
  (readValue(readings.kernelLog) ?? []).filter(
    ({ message }) =>
      message.includes('task startAllServices') && message.includes(`service "${service.id}" to be "up"`),
  );

function taskCitation(evidence: Evidence, wait: ServiceWait): Citation | undefined {
  const lines = taskLines(evidence, wait);
  const last = lines.at(-1);
  if (last === undefined) return undefined;
  return cite(
    'kernelLog',
    `${last.message} (${lines.length} times${last.at === undefined ? '' : `, last ${last.at}`})`,
  );
}

function stageCitation({ readings }: Evidence): Citation | undefined {
  const status = readValue(readings.machineStatus);
  const isReady = readValue(readings.nodeStatus)?.nodeReady;
  if (status === undefined) return undefined;
  const kubernetes = isReady === undefined ? '' : ` Kubernetes says ${isReady ? 'Ready' : 'not Ready'}.`;
  return cite('machineStatus', `Stage ${status.stage}.${kubernetes}`);
}

function waitedText(evidence: Evidence, wait: ServiceWait): string {
  const lasted = lastedMs(evidence, wait.since);
  return lasted === undefined ? 'waits' : `has waited ${minutes(lasted)}`;
}

/** What comes of it. `panic=0` among the kernel arguments keeps a failed boot from rebooting. */
function endText(evidence: Evidence, wait: ServiceWait, intervals: readonly number[]): string {
  const { readings } = evidence;
  if (readValue(readings.machineStatus)?.stage !== 'booting') return '';
  if (/(?:^| )panic=0(?: |$)/.test(readValue(readings.kernelCmdline) ?? '')) return '; its boot never ends';
  const began = beganAtMs(evidence, wait.since);
  const again = intervals.length > 1 ? `, as ${intervals.length} times before` : '';
  const due = began === undefined ? 'within 70 min of its boot' : `at about ${clockTime(began + BOOT_TIMEOUT_MS)}`;
  return `; its boot times out and the node reboots ${due}${again}`;
}

/** What every upgrade of these can be: to an image that does not have the extension. */
function withoutExtension(evidence: Evidence, { service }: ServiceWait): Pick<Finding, 'parameters'> {
  const extension = isExtension(service) ? extensionOf(evidence, service.id) : undefined;
  return extension === undefined ? {} : { parameters: { upgrade: { removeExtensions: extension.name } } };
}

type Cause = Pick<Finding, 'suggests' | 'advice' | 'patch'> & {
  readonly advice: string;
  readonly because: string | undefined;
  readonly isKnown: boolean;
  readonly citations: readonly Citation[];
};

const NO_REBOOT = 'A reboot or a reset only starts the same wait again.';

function causeOf(evidence: Evidence, facts: Facts, wait: ServiceWait): Cause {
  const { service, conditions } = wait;
  if (!isExtension(service)) {
    return {
      because: undefined,
      isKnown: false,
      citations: [],
      suggests: [],
      advice: `Find out what keeps ${quote(list(conditions))} from coming; ${quote(service.id)} then starts by itself. ${NO_REBOOT}`,
    };
  }
  const without = 'or upgrade to an image without this extension';
  const name = quote(service.id.slice('ext-'.length));
  if (conditions.includes(CONFIG_CONDITION)) {
    return {
      because: `it has no ExtensionServiceConfig named ${name}`,
      isKnown: true,
      citations: [],
      suggests: ['apply_config', 'upgrade'],
      advice: `Apply an ExtensionServiceConfig document with name: ${name} (works without a reboot), ${without}. ${NO_REBOOT}`,
      patch: extensionService(service.id.slice('ext-'.length)),
    };
  }
  const path = conditions.map(fileOf).find((file) => file !== undefined);
  const module = path === undefined ? undefined : deviceModule(evidence, path);
  if (module === undefined || module.isLoaded === true) {
    const what = path === undefined ? quote(list(conditions)) : `the file ${quote(path)}`;
    return {
      because: undefined,
      isKnown: true,
      citations: module === undefined ? [] : moduleCitations(module),
      suggests: ['upgrade'],
      advice: `See to it that ${what} comes (its extension's documentation says what it needs), ${without}. ${NO_REBOOT}`,
    };
  }
  const shared = { because: whyModuleIsMissing(module), isKnown: true, citations: moduleCitations(module) };
  if (module.isConfigured || module.isInImage === false) {
    const what = `Upgrade to an image of this Talos version whose extension brings the module ${quote(module.name)}`;
    return { ...shared, suggests: ['upgrade'], advice: `${what}, ${without}. ${NO_REBOOT}` };
  }
  const how = howToLoad(module.name, evidence, facts);
  return {
    ...shared,
    suggests: ['apply_config', 'upgrade'],
    advice: `Apply ${how} (works without a reboot), ${without}. ${NO_REBOOT}`,
    patch: loadModule(module.name, readValue(evidence.readings.version)?.tag ?? facts.inventory?.version),
  };
}
