import { plainText } from '../lib/evidence/plain-text.ts';
import { readValue } from '../lib/evidence/reading.ts';
import { listReadings } from '../lib/flow/diagnose.ts';
import { find } from '../lib/flow/find.ts';
import { type Look, offersFor } from '../lib/flow/gather.ts';
import { UNKNOWN } from '../lib/flow/standing.ts';
import type { Offer } from '../lib/incidents/event.ts';
import type { InventoryEntry } from '../lib/inventory/entry.ts';
import { learn } from '../lib/inventory/learn.ts';
import { type OwnPlaybooks, ownPlaybooks } from '../lib/own-playbooks/own-playbooks.ts';
import { createReader } from '../lib/talos/reader.ts';
import { loadOwn } from './load-own.ts';
import { knowledge, lookAtScenario } from './scenario-look.ts';
import { onlyTo, readTalosconfig } from './talos-access.ts';
import { type Command, readFlags, UsageError } from './usage.ts';

/** `medic diagnose`: the real client and the real playbooks, against a scenario or a node. Changes nothing. */
export const diagnoseCommand: Command = async (args) => {
  const { values } = readFlags(args, {
    scenario: { type: 'string' },
    talosconfig: { type: 'string' },
    node: { type: 'string' },
    playbooks: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  if (values.node === undefined) throw new UsageError('Say which node: --node NAME.');
  if ((values.scenario === undefined) === (values.talosconfig === undefined)) {
    throw new UsageError('Say either --scenario FILE or --talosconfig FILE.');
  }
  const own = ownPlaybooks((await loadOwn(values.playbooks)).playbooks);
  const diagnosis =
    values.scenario === undefined
      ? await diagnoseNode(values.talosconfig ?? '', values.node, own)
      : await diagnoseScenario(values.scenario, values.node, own);
  console.log(values.json ? JSON.stringify(diagnosis, null, 2) : say(diagnosis));
  return 0;
};

type Diagnosis = {
  readonly node: string;
  readonly reachable: boolean;
  readonly reach: Look['evidence']['reach'];
  readonly tookMs: number;
  readonly findings: Look['findings'];
  readonly offers: readonly Offer[];
  readonly readings: ReturnType<typeof listReadings>;
};

function summarise(found: Pick<Look, 'evidence' | 'findings'>, offers: readonly Offer[]): Diagnosis {
  const { node, reach, tookMs } = found.evidence;
  const reachable = reach.mode === 'mtls' || reach.mode === 'forwarded' || reach.mode === 'maintenance';
  const readings = listReadings(found.evidence);
  return { node, reachable, reach, tookMs: Math.round(tookMs), findings: found.findings, offers, readings };
}

async function diagnoseScenario(scenario: string, node: string, own: OwnPlaybooks): Promise<Diagnosis> {
  const found = await lookAtScenario(scenario, node, own);
  if ('nodes' in found) {
    throw new UsageError(`The scenario has no node "${node}". It has: ${found.nodes.join(', ')}.`);
  }
  return summarise(found.look, found.offers);
}

/** One real node. Nothing is known of it from before, so its identity is not proven and offers say so. */
async function diagnoseNode(file: string, address: string, own: OwnPlaybooks): Promise<Diagnosis> {
  const { name: cluster, caPem, identity, endpoints } = await readTalosconfig(file);
  const access = { cluster, caPem, reader: identity, ...onlyTo([address, ...endpoints]) };
  const talos = createReader(access);
  // asked as a control plane: a worker answers the etcd questions with "control plane nodes only", which says it
  const target = { cluster, name: address, role: 'controlplane' as const, address, lastKnownVersion: undefined };
  const others = endpoints.filter((endpoint) => endpoint !== address);
  const peers = others.map((endpoint) => ({ ...target, name: endpoint, address: endpoint }));
  const evidence = await talos.collect(target, { peers, mayEnterMaintenance: true });
  const knows = knowledge(cluster, 'unknown', own);
  const found = { evidence, ...(await find(knows, evidence, { inventory: undefined, ordered: [] })) };
  const role = readValue(evidence.readings.machineType) === 'worker' ? 'worker' : 'controlplane';
  const place = { cluster, name: address, role, addresses: [address] } as const;
  const entry = learn(undefined, evidence, place, new Date().toISOString());
  if (entry === undefined) return summarise(found, []);
  const whole: Look = { ...found, entry: unproven(entry), entries: [entry], storedConfig: undefined };
  return summarise(found, offersFor(knows, whole, UNKNOWN));
}

/** What was only learned in this very look proves nothing about which machine it is. */
const unproven = (entry: InventoryEntry): InventoryEntry => ({
  ...entry,
  identity: { uuid: undefined, serialNumber: undefined, macs: [], systemDiskWwid: undefined, nodeId: undefined },
});

function say({ node, reach, tookMs, findings, offers, readings }: Diagnosis): string {
  const line = (text: string) => plainText(text, { maxLength: 400 });
  const answered = readings.filter(({ answer }) => !/^[a-z_]+: /.test(answer)).length;
  return [
    `${node}: reach ${reach.mode}${reach.error ? ` (${line(reach.error.message)})` : ''}, ${answered} of ${readings.length} readings, ${tookMs} ms`,
    '',
    ...findings.flatMap((finding) => [
      `${finding.severity.toUpperCase()} ${finding.code} (${finding.confidence})`,
      `  ${line(finding.summary)}`,
      ...finding.evidence.map(({ reading, says }) => `  - ${reading}: ${line(says)}`),
      ...finding.rulesOut.map(({ code, because }) => `  not ${code}: ${line(because)}`),
      ...(finding.advice ? [`  What to do: ${line(finding.advice)}`] : []),
      '',
    ]),
    ...offers.flatMap(({ action, answer, gates }) => [
      `Action ${action}: ${answer}`,
      ...gates.map(
        (gate) => `  ${gate.answer === 'allowed' ? 'ok     ' : gate.answer} ${gate.gate}: ${line(gate.because)}`,
      ),
    ]),
  ].join('\n');
}
