import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { KernelLine } from '../evidence/values.ts';
import { cite, present, quote } from './cite.ts';
import type { Confidence, Facts, Finding, Playbook } from './finding.ts';
import { isHealthy } from './healthy.ts';
import { fieldOf, kernelSays, type Repeated, repeated, talosSays, timesText } from './log-lines.ts';

/** So often within one boot an address goes by no accident. Our own choice. */
const OFTEN = 3;
const REPEATS = 2;
/** Nobody reads more findings than these. */
const MAX_ADDRESSES = 4;

/** The lease of an address is not renewed, so that it goes and comes, and the kubelet with it. As in siderolabs/talos#7211. */
export const dhcpTakesAddressAway: Playbook = {
  name: 'dhcp-takes-address-away',
  diagnose(evidence, facts) {
    // a virtual address belongs to whoever leads, and moves by design
    const removals = changes(evidence, 'removed address').filter(({ address }) => !isSingle(address));
    const names = [...new Set(removals.map(({ address, link }) => `${link} ${address}`))];
    return names.slice(0, MAX_ADDRESSES).flatMap((name) => {
      const mine = removals.filter(({ address, link }) => `${link} ${address}` === name);
      const lines = repeated(
        mine.map(({ line }) => line),
        () => true,
      );
      const [first] = mine;
      return lines && first && lines.times >= REPEATS ? (flapping(evidence, facts, first, lines) ?? []) : [];
    });
  },
};

type Change = { readonly address: string; readonly link: string; readonly line: KernelLine };

/** Printed forms: `assigned address {… "address": "192.0.2.5/24", "link": "eth0"}`, `removed address {…}`. */
function changes(evidence: Evidence, what: 'assigned address' | 'removed address'): readonly Change[] {
  return talosSays(evidence).flatMap((line) => {
    if (!line.message.includes(what)) return [];
    const address = fieldOf(line.message, 'address');
    const link = fieldOf(line.message, 'link');
    return address === undefined || link === undefined ? [] : [{ address, link, line }];
  });
}

const isSingle = (address: string): boolean => address.endsWith('/32') || address.endsWith('/128');

function flapping(
  evidence: Evidence,
  { inventory }: Facts,
  { address, link }: Change,
  lines: Repeated,
): Finding | undefined {
  const layer = readValue(evidence.readings.addressSpecs)?.find(
    (spec) => spec.address === address && spec.link === link,
  )?.layer;
  // a static address that goes is taken by a person or a config
  if (layer !== undefined && layer !== 'operator') return undefined;
  const returned = changes(evidence, 'assigned address').filter((one) => one.address === address && one.link === link);
  const kubelet = repeated(talosSays(evidence), (message) => message.includes('service[kubelet](Stopping)'));
  const carrier = carrierLoss(evidence, link);
  return {
    code: 'dhcp_takes_address_away',
    severity: isHealthy(evidence) ? 'warning' : 'critical',
    confidence: confidenceOf(lines.times, layer, carrier),
    summary: `${quote(inventory?.name ?? evidence.node)} lost its address ${quote(address)} on ${quote(link)} ${timesText(lines)}: the lease is not renewed in time${kubelet === undefined ? '' : `, and its kubelet was stopped ${kubelet.times} times`}.`,
    evidence: present([
      cite(
        'kernelLog',
        `Removed ${timesText(lines)}, assigned ${returned.length} times in this boot: ${lines.last.message}`,
      ),
      layer && cite('addressSpecs', `${address} comes from the layer operator, so from DHCP.`),
      kubelet && cite('kernelLog', `The kubelet was stopped ${timesText(kubelet)}.`),
      carrier && cite('kernelLog', `The link lost its carrier ${timesText(carrier)}: ${carrier.last.message}`),
    ]),
    suggests: [],
    explains: true,
    rulesOut:
      carrier === undefined
        ? [{ code: 'cable_or_switch', because: `The kernel does not say that ${quote(link)} lost its carrier.` }]
        : [],
    advice: `${carrier === undefined ? '' : 'Look at cable and switch port first. '}Look at the DHCP server: lease time, whether it answers a renewal by unicast, and whether its server identifier is not 0.0.0.0; or give the node a static address (on a control plane another address also changes its etcd peer URL). A reboot only begins a new lease.`,
  };
}

function confidenceOf(times: number, layer: string | undefined, carrier: Repeated | undefined): Confidence {
  if (carrier !== undefined) return 'possible';
  return times >= OFTEN && layer !== undefined ? 'certain' : 'likely';
}

/** Printed form: `e1000e 0000:00:1f.6 eno1: NIC Link is Down`. */
const carrierLoss = (evidence: Evidence, link: string): Repeated | undefined =>
  repeated(kernelSays(evidence), (message) => {
    const words = message.split(/[\s:]+/);
    return words.includes(link) && /\bLink is Down\b|\blink down\b/i.test(message);
  });
