import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { CompositeIdentity } from './entry.ts';
import { isJunkSerial, isJunkUuid, isJunkWwid } from './junk-identity.ts';

export type HardwareFact = 'uuid' | 'serialNumber' | 'macs' | 'systemDiskWwid';

/** `because` is one sentence for a person. `different` and `same` are claims, `unproven` is the absence of one. */
export type IdentityProof = {
  readonly verdict: 'same' | 'different' | 'unproven';
  readonly agreeing: readonly HardwareFact[];
  readonly differing: readonly HardwareFact[];
  readonly because: string;
};

/** How many hardware facts must agree before a machine counts as proven. */
export const FACTS_THAT_PROVE = 2;

/**
 * What the node itself says about its machine. Facts that many machines share (placeholders, made-up addresses) are
 * left out. Sources: SystemInformations, LinkStatuses, Disks, SystemDisks, Identities.
 */
export function observedIdentity({ readings }: Evidence): CompositeIdentity {
  const system = readValue(readings.systemInformation);
  const uuid = system?.uuid.toLowerCase();
  const serialNumber = system?.serialNumber.trim();
  const systemDiskWwid = systemDiskWwidOf(readings);
  return {
    uuid: uuid && !isJunkUuid(uuid) ? uuid : undefined,
    serialNumber: serialNumber && !isJunkSerial(serialNumber) ? serialNumber : undefined,
    macs: permanentMacs(readings),
    systemDiskWwid: systemDiskWwid && !isJunkWwid(systemDiskWwid) ? systemDiskWwid : undefined,
    nodeId: readValue(readings.identity)?.nodeId || undefined,
  };
}

/** Of physical links only (those have no kind); a bond or bridge borrows its address. */
function permanentMacs({ links }: Evidence['readings']): readonly string[] {
  const macs = (readValue(links) ?? [])
    .filter(({ kind }) => kind === '')
    .map(({ permanentAddr }) => permanentAddr.toLowerCase())
    .filter((mac) => MAC.test(mac) && !NO_MAC.test(mac));
  return [...new Set(macs)].sort();
}
const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;
const NO_MAC = /^(00:){5}00$|^(ff:){5}ff$/;

function systemDiskWwidOf({ systemDisk, disks }: Evidence['readings']): string | undefined {
  const system = readValue(systemDisk);
  if (!system) return undefined;
  return readValue(disks)?.find(({ id, devPath }) => id === system.diskId || devPath === system.devPath)?.wwid;
}

/** Compares hardware facts only: the Talos node id lives on STATE, so it goes with the disk, not with the machine. */
export function compareIdentity(known: CompositeIdentity, observed: CompositeIdentity): IdentityProof {
  const compared = FACTS.map((fact) => ({ fact, answer: answers[fact](known, observed) }));
  const agreeing = compared.filter(({ answer }) => answer === 'agrees').map(({ fact }) => fact);
  const differing = compared.filter(({ answer }) => answer === 'differs').map(({ fact }) => fact);
  return { ...judge(agreeing, differing), agreeing, differing };
}

function judge(
  agreeing: readonly HardwareFact[],
  differing: readonly HardwareFact[],
): Pick<IdentityProof, 'verdict' | 'because'> {
  const agree = names(agreeing);
  const differ = names(differing);
  if (agreeing.length >= FACTS_THAT_PROVE && agreeing.length > differing.length) {
    const dissent = differing.length > 0 ? `, although another ${differ} is seen` : '';
    return { verdict: 'same', because: `It is the known machine: ${agree} agree with the inventory${dissent}.` };
  }
  if (differing.length >= FACTS_THAT_PROVE && agreeing.length < FACTS_THAT_PROVE) {
    const assent = agreeing.length > 0 ? `, although ${agree} agrees` : '';
    return { verdict: 'different', because: `It is another machine: ${differ} differ from the inventory${assent}.` };
  }
  const seen = [agreeing.length > 0 ? `${agree} agreed` : '', differing.length > 0 ? `${differ} differed` : '']
    .filter((part) => part !== '')
    .join(', ');
  return {
    verdict: 'unproven',
    because: `${FACTS_THAT_PROVE} hardware facts must agree with the inventory; ${seen || 'none could be compared'}.`,
  };
}

const FACTS: readonly HardwareFact[] = ['uuid', 'serialNumber', 'macs', 'systemDiskWwid'];
const NAMES: Readonly<Record<HardwareFact, string>> = {
  uuid: 'UUID',
  serialNumber: 'serial number',
  macs: 'permanent MAC',
  systemDiskWwid: 'system disk WWID',
};
const names = (facts: readonly HardwareFact[]): string => facts.map((fact) => NAMES[fact]).join(' and ');

type Answer = 'agrees' | 'differs' | 'unknown';
type Comparison = (known: CompositeIdentity, observed: CompositeIdentity) => Answer;

const answers: Readonly<Record<HardwareFact, Comparison>> = {
  uuid: (known, observed) => compareText(known.uuid?.toLowerCase(), observed.uuid?.toLowerCase(), isJunkUuid),
  serialNumber: (known, observed) =>
    compareText(known.serialNumber?.trim(), observed.serialNumber?.trim(), isJunkSerial),
  macs: (known, observed) => {
    if (known.macs.length === 0 || observed.macs.length === 0) return 'unknown';
    return known.macs.some((mac) => observed.macs.includes(mac)) ? 'agrees' : 'differs';
  },
  systemDiskWwid: (known, observed) => compareText(known.systemDiskWwid, observed.systemDiskWwid, isJunkWwid),
};

function compareText(
  known: string | undefined,
  observed: string | undefined,
  isJunk: (text: string) => boolean,
): Answer {
  if (!known || !observed || isJunk(known) || isJunk(observed)) return 'unknown';
  return known === observed ? 'agrees' : 'differs';
}
