import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import { isAtLeast } from '../versions/talos-version.ts';
import { cite, present, quote } from './cite.ts';
import { apiServerLogs, crashingContainers, isUndecryptable } from './crashing-pods.ts';
import type { Confidence, Facts, Finding, Playbook } from './finding.ts';
import { brokenStaticPods, isApiServer } from './static-pods.ts';

/**
 * None of the keys in the config is the one that the Secrets in etcd were written with. As in siderolabs/talos#13885,
 * where a converted config names the key differently from what Talos had used.
 */
export const apiServerCannotDecrypt: Playbook = {
  name: 'api-server-cannot-decrypt',
  diagnose(evidence, facts) {
    const lines = apiServerLogs(evidence).filter(isUndecryptable);
    const line = lines.at(-1);
    if (line === undefined) return [];
    const pods = readValue(evidence.readings.staticPods);
    const crashing = crashingContainers(evidence).find(({ pod }) => isApiServer({ id: pod }));
    const isBroken = pods !== undefined && brokenStaticPods(pods).some(isApiServer);
    // it serves, so what it cannot read is not what keeps it from running
    if (pods !== undefined && !isBroken) return [];
    const confidence: Confidence = crashing === undefined ? 'likely' : 'certain';
    const restarts = crashing === undefined ? '' : `; it has crashed ${crashing.restarts} times`;
    const finding: Finding = {
      code: 'api_server_cannot_decrypt',
      severity: 'critical',
      confidence,
      explains: true,
      summary: `The API server of ${quote(facts.inventory?.name ?? evidence.node)} cannot decrypt Secrets: no key in its config is the one that they were written with${upgradeText(evidence, facts)}${restarts}.`,
      evidence: present([
        cite('logs', line),
        crashing &&
          cite(
            'staticPods',
            `${crashing.pod} is not ready: ${crashing.waitingFor || 'between two tries'}, ${crashing.restarts} restarts.`,
          ),
        versionCitation(evidence, facts),
      ]),
      suggests: ['apply_config'],
      rulesOut: present([
        readValue(evidence.readings.etcdStatus)?.leader !== undefined &&
        readValue(evidence.readings.etcdStatus)?.leader !== '0'
          ? { code: 'etcd_quorum_lost', because: 'etcd of this node has a leader: it is read, only not understood.' }
          : undefined,
        { code: 'etcd_data_lost', because: 'The Secrets are there, encrypted under a key of another name or value.' },
      ]),
      advice: adviceFor(evidence),
    };
    return [finding];
  },
};

const versionsOf = ({ readings }: Evidence, { inventory }: Facts) => {
  const now = readValue(readings.version)?.tag;
  const before = inventory?.version;
  return now === undefined || before === undefined || now === before ? undefined : { now, before };
};

function upgradeText(evidence: Evidence, facts: Facts): string {
  const versions = versionsOf(evidence, facts);
  return versions === undefined ? '' : `, since it runs ${quote(versions.now)} (before: ${quote(versions.before)})`;
}

function versionCitation(evidence: Evidence, facts: Facts) {
  const versions = versionsOf(evidence, facts);
  return versions && cite('version', `Talos ${versions.now}; ${versions.before} when it was last seen well.`);
}

function adviceFor(evidence: Evidence): string {
  const where = isAtLeast(readValue(evidence.readings.version)?.tag, '1.14')
    ? 'the name of the key in document KubeEtcdEncryptionConfig (keys[].name)'
    : 'cluster.secretboxEncryptionSecret (or aescbcEncryptionSecret)';
  return `Compare ${where} with a control plane whose API server runs, and put the old name and key back into the config. Never generate a new key: without the old one all Secrets are lost. A reboot or a reset changes nothing.`;
}
