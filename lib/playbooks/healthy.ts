import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { compareIdentity, observedIdentity } from '../inventory/identity.ts';
import { cite, present, quote } from './cite.ts';
import { etcdNameOf } from './etcd-name.ts';
import type { Citation, Confidence, Facts, Finding } from './finding.ts';
import { isControlPlane } from './role.ts';
import { brokenServices, isExtension } from './services.ts';
import { brokenStaticPods, isApiServer } from './static-pods.ts';

/**
 * The stage comes first: `ready` is true in maintenance mode as well. Source: siderolabs/talos,
 * controllers/runtime/machine_status.go.
 */
export function isHealthy({ reach, readings }: Evidence): boolean {
  const status = readValue(readings.machineStatus);
  const isReached = reach.mode === 'mtls' || reach.mode === 'forwarded';
  const isBroken = brokenServices(readValue(readings.services) ?? []).length > 0;
  const isNotReady = readValue(readings.nodeStatus)?.nodeReady === false;
  const etcd = readValue(readings.etcdStatus);
  const isEtcdIll = etcd !== undefined && (etcd.leader === '0' || etcd.errors.length > 0);
  const hasAlarm = (readValue(readings.etcdAlarms) ?? []).length > 0;
  const isWell = !(isBroken || isNotReady || isEtcdIll || hasAlarm || lacksControlPlane(readings));
  return isReached && status?.stage === 'running' && status.ready && isWell;
}

/** Talos calls a control plane ready that has no static pod at all: it asks only after those that it knows of. */
function lacksControlPlane({ staticPods, machineType }: Evidence['readings']): boolean {
  const pods = readValue(staticPods);
  if (pods === undefined || readValue(machineType) === 'worker') return false;
  return !pods.some(isApiServer) || brokenStaticPods(pods).length > 0;
}

/** For a node that nothing was found on. What could not be read makes it less sure, never healthier. */
export function healthyFinding(evidence: Evidence, facts: Facts): Finding {
  const { readings } = evidence;
  const name = etcdNameOf(evidence);
  const services = readValue(readings.services);
  const unread = unreadOf(evidence, facts);
  return {
    code: 'healthy',
    severity: 'info',
    confidence: confidenceOf(unread),
    summary: `${quote(facts.inventory?.name ?? evidence.node)} runs and is ready${unread.length > 0 ? `; not read: ${unread.join(', ')}` : ''}.`,
    evidence: present([
      cite('machineStatus', 'Stage running, ready.'),
      services && cite('services', `All ${services.length} services are up.`),
      etcdCitation(evidence, facts),
      podsCitation(evidence, facts),
      readings.nodeStatus?.ok ? cite('nodeStatus', 'Kubernetes says Ready.') : undefined,
    ]),
    suggests: [],
    rulesOut: name?.isSame
      ? [
          {
            code: 'etcd_under_temporary_hostname',
            because: name.isFqdnOnly
              ? `${quote(name.etcd)} and ${quote(name.node)} are one name, short and as FQDN.`
              : `etcd and the node have the same name, ${quote(name.node)}.`,
          },
        ]
      : [],
  };
}

/** Readings without which something could be wrong and unseen. */
function unreadOf(evidence: Evidence, facts: Facts): readonly string[] {
  const { readings } = evidence;
  const { inventory } = facts;
  const isLeading = isControlPlane(evidence, facts);
  const isProven =
    inventory !== undefined && compareIdentity(inventory.identity, observedIdentity(evidence)).verdict === 'same';
  // the only witness of an extension that runs and does not work
  const logs = Object.entries(readings.logs ?? {}).filter(([id, { ok }]) => isExtension({ id }) && !ok);
  return present([
    readings.services?.ok ? undefined : 'services',
    readings.extensions?.ok ? undefined : 'extensions',
    readings.version?.ok && inventory?.version !== undefined ? undefined : 'version',
    ...logs.map(([id]) => `log of ${quote(id)}`),
    isProven ? undefined : 'identity of the machine',
    isLeading && etcdNameOf(evidence) === undefined ? 'etcd name' : undefined,
    isLeading && !readings.etcdStatus?.ok ? 'etcd status' : undefined,
    isLeading && !readings.staticPods?.ok ? 'static pods' : undefined,
    readings.diagnostics?.ok ? undefined : 'what Talos itself warns of',
    // the only witnesses of faults that a node which is ready can have: in memory, on disks, of network cards
    readings.kernelLog?.ok ? undefined : 'kernel log',
    readings.mounts?.ok ? undefined : 'how full /var is',
    readings.kubespanPeers?.ok ? undefined : 'KubeSpan peers',
    readings.links?.ok && readings.addresses?.ok && readings.addressSpecs?.ok ? undefined : 'addresses',
  ]);
}

function confidenceOf(unread: readonly string[]): Confidence {
  if (unread.length === 0) return 'certain';
  return unread.includes('services') || unread.includes('etcd name') ? 'possible' : 'likely';
}

function etcdCitation({ readings }: Evidence, { inventory }: Facts): Citation | undefined {
  const members = readValue(readings.etcdMembers);
  if (inventory?.role !== 'controlplane' || members === undefined) return undefined;
  const voters = members.filter(({ isLearner }) => !isLearner).length;
  return cite('etcdMembers', `etcd has ${voters} voting member${voters === 1 ? '' : 's'}.`);
}

function podsCitation({ readings }: Evidence, { inventory }: Facts): Citation | undefined {
  const pods = readValue(readings.staticPods);
  if (inventory?.role !== 'controlplane' || pods === undefined) return undefined;
  return cite('staticPods', `${pods.length} static pod${pods.length === 1 ? '' : 's'}, all ready.`);
}
