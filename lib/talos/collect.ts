import type { Evidence, PeerEvidence, Readings } from '../evidence/evidence.ts';
import { SECOND_MAINTENANCE } from '../versions/rules.ts';
import { isAtLeast } from '../versions/talos-version.ts';
import { answersOf, askAll, type Pending } from './collect-readings.ts';
import { sourceOf } from './connection.ts';
import { machineService } from './methods.ts';
import {
  askPeer,
  closePeers,
  type Forwarding,
  forwardThroughPeers,
  openPeer,
  othersThan,
  type Witnesses,
} from './peers.ts';
import { type Probe, probeNode } from './probe.ts';
import { readVersion } from './readings/machine.ts';
import { talosVersion, VERSION_ID } from './resources/runtime.ts';
import { resource, type Source, type Sweep, takeReading, withSweep } from './sweep.ts';
import type { ClusterAccess, CollectOptions, NodeTarget } from './talos.ts';

/** One concurrent sweep: the node itself and, at the same time, what the control planes say about it. */
export async function collectEvidence(
  access: ClusterAccess,
  target: NodeTarget,
  { peers: candidates, mayEnterMaintenance, signal: outer }: CollectOptions,
): Promise<Evidence> {
  return withSweep(outer, async (sweep) => {
    const peers = othersThan(target, candidates).map((peer) => openPeer(access, peer, sweep));
    try {
      const asked = Promise.all(peers.map((peer) => askPeer(sweep, peer)));
      return await lookAtNode(access, target, sweep, { peers, ask: () => asked }, mayEnterMaintenance);
    } finally {
      closePeers(peers);
    }
  });
}

/** `onClosed`: the connection to the node itself is closed, however long its control planes are still asked. */
export async function lookAtNode(
  access: ClusterAccess,
  target: NodeTarget,
  sweep: Sweep,
  { peers, ask }: Witnesses,
  mayEnterMaintenance: boolean,
  onClosed: () => void = () => {},
): Promise<Evidence> {
  const startedMs = performance.now();
  let probe: Probe | undefined;
  const close = () => {
    probe?.connection?.close();
    onClosed();
  };
  try {
    let early: Pending | undefined;
    probe = await probeNode(access, target, sweep, mayEnterMaintenance, (source) => {
      early = askAll(sweep, source, { isMaintenance: false, role: target.role, version: target.lastKnownVersion });
    });
    if (!probe.version.ok && probe.version.error.code === 'connection_reset') {
      // one of the other questions may have brought the connection down: the version alone says whether the node answers
      early = undefined;
      probe = await probeNode(access, target, sweep, mayEnterMaintenance);
    }
    if (probe.connection === undefined) close();
    const isSilent = probe.reach.mode === 'silent';
    const asked = ask(!isSilent);
    const forwarding: Forwarding = isSilent ? await forwardThroughPeers(sweep, target, peers) : { dials: new Map() };
    const { reach, readings } = await readThrough(sweep, target, probe, forwarding, early);
    close();
    const said = await asked;
    return {
      cluster: target.cluster,
      node: target.name,
      address: target.address,
      collectedAt: new Date().toISOString(),
      tookMs: Math.round(performance.now() - startedMs),
      reach,
      readings,
      peers: said.map((peer) => withDial(peer, forwarding)),
    };
  } finally {
    close();
  }
}

async function readThrough(
  sweep: Sweep,
  { name, address, role, lastKnownVersion }: NodeTarget,
  { reach, version, connection }: Probe,
  { through }: Forwarding,
  early: Pending | undefined,
): Promise<Pick<Evidence, 'reach' | 'readings'>> {
  const questions = (said: Readings['version'], isMaintenance: boolean) => ({
    isMaintenance,
    role,
    version: said?.ok ? said.value.tag : lastKnownVersion,
  });
  if (through !== undefined) {
    const via = through.peer.target.name;
    const source: Source = { connection: through.peer.connection, name, address, via };
    const readings = await answersOf(askAll(sweep, source, questions(through.version, false)));
    return { reach: { ...reach, mode: 'forwarded', via }, readings: { version: through.version, ...readings } };
  }
  if (connection === undefined) return { reach, readings: { version } };
  const source: Source = { connection, name, address };
  if (reach.mode !== 'maintenance') {
    const readings = await answersOf(askAll(sweep, source, questions(version, false), early));
    return { reach, readings: { version, ...readings } };
  }
  const said = await readMaintenanceVersion(sweep, source);
  const readings = await answersOf(askAll(sweep, source, questions(said, true)));
  return { reach, readings: { version: said, ...readings } };
}

/** Up to 1.12 the Version call is not offered there; the resource exists from 1.10 on. Below that nothing tells. */
async function readMaintenanceVersion(sweep: Sweep, source: Source): Promise<NonNullable<Readings['version']>> {
  const said = await takeReading(sweep, source, talosVersion.type, resource(talosVersion, VERSION_ID));
  if (!said.ok || !isAtLeast(said.value.tag, SECOND_MAINTENANCE)) return said;
  const called = await takeReading(sweep, source, sourceOf(machineService.version), readVersion);
  return called.ok ? called : said;
}

function withDial(peer: PeerEvidence, { dials }: Forwarding): PeerEvidence {
  const proxyDial = dials.get(peer.node);
  return proxyDial === undefined ? peer : { ...peer, proxyDial };
}
