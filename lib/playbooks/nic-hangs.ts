import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { KernelLine } from '../evidence/values.ts';
import { isAtLeast } from '../versions/talos-version.ts';
import { cite, present, quote } from './cite.ts';
import { leadsEtcd } from './etcd-leader.ts';
import type { Facts, Finding, Playbook } from './finding.ts';
import { isHealthy } from './healthy.ts';
import { isLately, kernelSays, type Repeated, repeated, timesText } from './log-lines.ts';

/** Printed forms: `e1000e 0000:00:1f.6 eno1: Detected Hardware Unit Hang:`, `NETDEV WATCHDOG: eno1 (e1000e): transmit queue 0 timed out`. */
const HANG = /^(\w{1,32}) [\da-fA-F:.]{4,32} (\w{1,32}): Detected Hardware Unit Hang/;
const TIMED_OUT = /NETDEV WATCHDOG: (?:CPU: \d{1,4}: )?(\w{1,32}) \((\w{1,32})\): transmit queue \d{1,4} timed out/;
/** One hang may be an accident. Our own choice. */
const REPEATS = 2;
/** Nobody reads more findings than these. */
const MAX_LINKS = 4;
/** Offloads can be set by an EthernetConfig document. */
const ETHERNET_CONFIG = '1.10';

/** A network card stops sending and is reset by its driver, again and again. As in siderolabs/talos#10200. */
export const nicHangs: Playbook = {
  name: 'nic-hangs',
  diagnose(evidence, facts) {
    const found = kernelSays(evidence).flatMap((line) => hangOf(line) ?? []);
    return [...new Set(found.map(({ link }) => link))].slice(0, MAX_LINKS).flatMap((link) => {
      const hangs = found.filter((one) => one.link === link);
      const lines = repeated(
        hangs.map(({ line }) => line),
        () => true,
      );
      return lines && hangs[0] ? [hanging(evidence, facts, hangs[0], lines)] : [];
    });
  },
};

type Hang = { readonly link: string; readonly driver: string; readonly line: KernelLine };

function hangOf(line: KernelLine): Hang | undefined {
  const [, driver, link] = HANG.exec(line.message) ?? [];
  if (driver !== undefined && link !== undefined) return { driver, link, line };
  const [, name, its] = TIMED_OUT.exec(line.message) ?? [];
  return name !== undefined && its !== undefined ? { driver: its, link: name, line } : undefined;
}

function hanging(evidence: Evidence, facts: Facts, { link, driver }: Hang, lines: Repeated): Finding {
  const { readings } = evidence;
  const { inventory } = facts;
  const status = readValue(readings.links)?.find(({ id }) => id === link);
  const isNow = isLately(evidence, lines);
  // a leader whose network breaks off again and again stops the whole cluster each time
  const isLeader = isNow && leadsEtcd(evidence, facts);
  const hasDocument = isAtLeast(readValue(readings.version)?.tag, ETHERNET_CONFIG);
  return {
    code: 'nic_hangs',
    severity: isHealthy(evidence) || !isNow ? 'warning' : 'critical',
    confidence: lines.times >= REPEATS ? 'certain' : 'likely',
    summary: `The network card ${quote(link)} (driver ${quote(driver)}) of ${quote(inventory?.name ?? evidence.node)} hung ${timesText(lines)}.`,
    evidence: present([
      cite('kernelLog', `${timesText(lines)}: ${lines.last.message}`),
      status && cite('links', `${link} is ${status.isUp ? 'up' : 'down'} now.`),
    ]),
    suggests: isLeader ? ['forfeit_etcd_leadership', 'reboot'] : ['reboot'],
    ...(isNow ? { explains: true } : {}),
    rulesOut: [
      {
        code: 'cable_or_switch',
        because: 'The driver says that the card itself stopped; it does not speak of the carrier.',
      },
    ],
    advice: `${isLeader ? 'It leads etcd: move the leadership away first. ' : ''}Switch the offloads of ${quote(link)} off (TSO, GSO, GRO: ${hasDocument ? 'features of an EthernetConfig document' : 'ethtool -K from a privileged pod, or EthernetConfig from Talos 1.10 on'}) and look for newer firmware of the board and its ASPM setting. A reboot brings the network back, if it stays away, and does not keep the hang from coming again.`,
  };
}
