import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { ServiceReading } from '../evidence/values.ts';
import { parseMinor } from '../versions/talos-version.ts';
import { cite, few, present, quote } from './cite.ts';
import { type ExtensionLayer, extensionOf } from './extension-layers.ts';
import type { Citation, Confidence, Facts, Finding, Playbook } from './finding.ts';
import { minutes, nodeNow } from './node-time.ts';
import { isExtension, onlyExtensionsAreBroken, restartsOf } from './services.ts';

/** As many ends within this time are a loop; Talos pauses 5 s between two. */
const LOOP_RESTARTS = 3;
const LOOP_WITHIN_MS = 15 * 60_000;

/** A shell or a loader that does not find what it shall run. */
const NOT_FOUND =
  /exit code 12[67]\b|exec format error|no such file or directory|error while loading shared libraries/i;
/** Seen of iscsid in siderolabs/extensions#1006: the service runs, and its files are not where it looks. */
const NO_CONFIG_FILE = /can(?:'t|not) open .{0,120}?configuration file (\/\S{1,200})/i;
const LOGGED_AGAIN = 3;
/** Each is a finding of its own, however many a node sends. */
const MAX_SERVICES = 4;

type Fault = {
  readonly service: ServiceReading;
  readonly confidence: Confidence;
  readonly says: string;
  readonly citations: readonly Citation[];
  /** What it lacks is in the image, not in the config. */
  readonly isOfImage: boolean;
};

/** The service of an extension ends as soon as it starts, or does not find its files: mostly a build for another Talos. */
export const extensionServiceBroken: Playbook = {
  name: 'extension-service-broken',
  diagnose(evidence, facts) {
    const stage = readValue(evidence.readings.machineStatus)?.stage;
    if (stage !== undefined && stage !== 'booting' && stage !== 'running') return [];
    const services = (readValue(evidence.readings.services) ?? []).filter(isExtension);
    return services
      .flatMap((service) => loopOf(evidence, service) ?? failureOf(service) ?? logFaultOf(evidence, service) ?? [])
      .slice(0, MAX_SERVICES)
      .map((fault) => findingOf(evidence, facts, fault));
  },
};

function findingOf(evidence: Evidence, facts: Facts, fault: Fault): Finding {
  const { service, isOfImage } = fault;
  const extension = extensionOf(evidence, service.id);
  const tag = readValue(evidence.readings.version)?.tag;
  const what = extension === undefined ? '' : ` (${quote(`${extension.name} ${extension.version}`)})`;
  const on = tag === undefined ? '' : ` with Talos ${quote(tag)}`;
  return {
    code: 'extension_service_broken',
    severity: 'warning',
    confidence: fault.confidence,
    summary: `${quote(service.id)}${what} on ${quote(facts.inventory?.name ?? evidence.node)}${on} ${fault.says}.`,
    evidence: present([
      ...fault.citations,
      extension && cite('extensions', `Extension ${extension.name} ${extension.version}, layer ${extension.id}.`),
      changeCitation(evidence, facts, extension?.name),
    ]),
    suggests: ['upgrade'],
    ...imageWithout(evidence, facts, fault, extension),
    ...(fault.confidence === 'certain' && onlyExtensionsAreBroken(evidence) ? { explains: true as const } : {}),
    rulesOut: [{ code: 'service_waits_forever', because: 'It was started, so it does not wait for a condition.' }],
    advice: isOfImage
      ? 'Upgrade to an image whose extensions belong to this Talos release (a newer patch release, or back to the former one), or to one without this extension, where nothing needs it: builds of another release do not start. A restart or a reboot runs the same files again.'
      : "Read the service's log for its last words; if its config is right, upgrade to an image with the build of this Talos release. A reboot runs the same again.",
  };
}

/** Back to the patch release on which it was well; else, where it can never start in this image, one without it. */
function imageWithout(
  { readings }: Evidence,
  { inventory }: Facts,
  { isOfImage }: Fault,
  extension: ExtensionLayer | undefined,
): Pick<Finding, 'parameters'> {
  const now = readValue(readings.version)?.tag;
  const former = inventory?.version;
  const isSameLine = parseMinor(now) !== undefined && parseMinor(now)?.minor === parseMinor(former)?.minor;
  if (former !== undefined && former !== now && isSameLine) return { parameters: { upgrade: { version: former } } };
  if (!isOfImage || extension === undefined) return {};
  return { parameters: { upgrade: { removeExtensions: extension.name } } };
}

/** What changed since the node was well. */
function changeCitation(evidence: Evidence, { inventory }: Facts, name: string | undefined): Citation | undefined {
  const had = inventory?.baseline?.extensions.filter((text) => name !== undefined && text.startsWith(`${name} `)) ?? [];
  const tag = readValue(evidence.readings.version)?.tag;
  const isOther = inventory?.version !== undefined && tag !== undefined && inventory.version !== tag;
  if (had.length === 0 && !isOther) return undefined;
  const on = inventory?.version === undefined ? '' : ` on Talos ${inventory.version}`;
  return cite('inventory', `While it was well it had ${had.length === 0 ? 'another build' : few(had)}${on}.`);
}

function loopOf(evidence: Evidence, service: ServiceReading): Fault | undefined {
  const restarts = restartsOf(service);
  const [first, last] = [restarts.at(-LOOP_RESTARTS), restarts.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const isLoop = Date.parse(last.at) - Date.parse(first.at) <= LOOP_WITHIN_MS;
  const isOver = service.state === 'Running' && nodeNow(evidence).atMs - Date.parse(last.at) > LOOP_WITHIN_MS;
  if (!isLoop || isOver) return undefined;
  const lines = readValue(evidence.readings.logs?.[service.id]) ?? [];
  const lastWords = lines.findLast((line) => !line.includes('Started task'));
  const isNotFound = NOT_FOUND.test(last.message) || NOT_FOUND.test(lastWords ?? '');
  const began = restarts[0];
  const spanMs = Date.parse(last.at) - Date.parse(began?.at ?? '');
  const cause = last.message.split(/going to restart[^:]{0,40}:?\s?/).at(-1) ?? '';
  const why = isNotFound ? ', because it does not find what it shall run' : '';
  return {
    service,
    confidence: 'certain',
    isOfImage: isNotFound,
    says: `ends as soon as it starts, ${restarts.length} times within ${minutes(spanMs)}${cause === '' ? '' : ` (${quote(cause)})`}${why}`,
    citations: present([
      cite('services', `${service.id} (${last.state}): ${last.message}`),
      lastWords === undefined ? undefined : cite('logs', `${service.id}: ${lastWords}`),
    ]),
  };
}

function failureOf(service: ServiceReading): Fault | undefined {
  const last = service.events.at(-1);
  // an aborted condition is how Talos stops what waits
  if (service.state !== 'Failed' || last === undefined || last.message.startsWith('Condition failed')) return undefined;
  return {
    service,
    confidence: 'certain',
    isOfImage: NOT_FOUND.test(last.message),
    says: `has failed and is not started again: ${quote(last.message)}`,
    citations: [cite('services', `${service.id} (Failed): ${last.message}`)],
  };
}

/** It runs and says again and again that its files are not there. */
function logFaultOf({ readings }: Evidence, service: ServiceReading): Fault | undefined {
  const lines = (readValue(readings.logs?.[service.id]) ?? []).filter((line) => NO_CONFIG_FILE.test(line));
  const last = lines.at(-1);
  if (last === undefined || lines.length < LOGGED_AGAIN) return undefined;
  const path = NO_CONFIG_FILE.exec(last)?.[1] ?? '';
  return {
    service,
    confidence: 'likely',
    isOfImage: true,
    says: `runs without its configuration file ${quote(path)}, which it does not find`,
    citations: [cite('logs', `${service.id}: ${last} (${lines.length} times)`)],
  };
}
