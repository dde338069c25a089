import { bootFacts } from '../evidence/boot.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { isGeneratedName, shortName } from '../inventory/host-name.ts';
import { quote } from './cite.ts';
import { hostname } from './config-patch.ts';
import { type EtcdName, etcdNameOf } from './etcd-name.ts';
import { etcdNameCitations, hostnameLayer } from './etcd-name-citations.ts';
import type { Confidence, Facts, Finding, Playbook } from './finding.ts';
import { type HostnameOrder, hostnameOrder } from './hostname-log.ts';

/** etcd took the name that Talos had made up, because the real one came after etcd had started. Seen in siderolabs/talos#10105. */
export const etcdUnderTemporaryHostname: Playbook = {
  name: 'etcd-under-temporary-hostname',
  diagnose(evidence, facts) {
    const name = etcdNameOf(evidence);
    if (name === undefined || name.isSame) return [];
    const log = hostnameOrder(evidence, name.node);
    return [
      isTemporary(evidence, facts, name, log) ? temporary(evidence, facts, name, log) : renamed(evidence, name, log),
    ];
  },
};

/** A node that was known under the made-up name, or was named long after its boot, was renamed by a person. */
function isTemporary(evidence: Evidence, { inventory }: Facts, { etcd, node }: EtcdName, log: HostnameOrder): boolean {
  if (!isGeneratedName(etcd) || isGeneratedName(node) || log.order === 'renamed') return false;
  const wasCalledSo = inventory !== undefined && shortName(inventory.hostname) === shortName(etcd);
  return !wasCalledSo || log.order === 'late' || isKnownBefore(evidence, inventory, node);
}

function temporary(evidence: Evidence, facts: Facts, name: EtcdName, log: HostnameOrder): Finding {
  const layer = hostnameLayer(evidence, name.node);
  const source = layer === undefined ? '' : `, set by layer ${layer.layer},`;
  const code = 'etcd_under_temporary_hostname';
  return {
    code,
    severity: 'warning',
    confidence: confidenceOf(evidence, facts, name, log),
    summary: `etcd on ${quote(facts.inventory?.name ?? evidence.node)} runs under the temporary name ${quote(name.etcd)}, because the hostname ${quote(name.node)}${source} came after etcd had started.`,
    evidence: etcdNameCitations(evidence, name, log),
    suggests: ['reboot'],
    rulesOut: [
      {
        code: 'fqdn_or_short_name',
        because: `${quote(name.etcd)} and ${quote(name.node)} differ in the host part too.`,
      },
      {
        code: 'etcd_name_follows_at_next_start',
        because: `${quote(name.etcd)} is a name that Talos makes up; nobody called the node so.`,
      },
      {
        code: 'stale_etcd_member',
        because:
          name.provenBy === 'member id'
            ? 'The member has the id that the local etcd runs with, so it must not be removed.'
            : 'A wrong name alone is no reason to remove a member: its identity is id and peer URL.',
      },
    ],
    advice:
      'A reboot starts etcd under the current name; a static hostname in the machine config (in place of auto in HostnameConfig, where it has one) keeps it from coming back.',
    patch: hostname(name.node, readValue(evidence.readings.version)?.tag ?? facts.inventory?.version),
  };
}

/** That both names differ is read; that the hostname came late needs a witness beside them. */
function confidenceOf(evidence: Evidence, { inventory }: Facts, name: EtcdName, log: HostnameOrder): Confidence {
  const agree = name.provenBy === 'member id' && name.spec !== undefined;
  const layer = hostnameLayer(evidence, name.node)?.layer;
  const comesFromOutside = layer === 'platform' || layer === 'operator' || layer === 'cmdline';
  const witness = log.order === 'late' || comesFromOutside || isKnownBefore(evidence, inventory, name.node);
  if (name.provenBy === 'none' && name.spec === undefined) return 'possible';
  return agree && witness && log.order !== 'early' ? 'certain' : 'likely';
}

/** The inventory had the current name before this boot. */
function isKnownBefore(evidence: Evidence, inventory: Facts['inventory'], node: string): boolean {
  const bootTimeS = bootFacts(evidence).bootTimeS;
  if (inventory === undefined || bootTimeS === undefined) return false;
  return shortName(inventory.hostname) === shortName(node) && Date.parse(inventory.seenAt) / 1000 < bootTimeS;
}

/** No harm: the identity of a member is its id and peer URL. Its name follows at the next start of etcd. */
function renamed(evidence: Evidence, name: EtcdName, log: HostnameOrder): Finding {
  return {
    code: 'etcd_name_follows_at_next_start',
    severity: 'info',
    confidence: name.provenBy === 'member id' && name.spec !== undefined ? 'certain' : 'likely',
    summary: `etcd still runs under the earlier name ${quote(name.etcd)} of ${quote(name.node)}; the name follows when etcd starts the next time.`,
    evidence: etcdNameCitations(evidence, name, log),
    suggests: [],
    rulesOut: [
      {
        code: 'etcd_under_temporary_hostname',
        because: isGeneratedName(name.etcd)
          ? `The node was called ${quote(name.etcd)} when etcd started.`
          : `${quote(name.etcd)} is not a name that Talos makes up.`,
      },
    ],
    advice: 'Nothing has to be done; do not remove the member because of its name.',
  };
}
