import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Evidence } from '../../lib/evidence/evidence.ts';
import { runPlaybooks } from '../../lib/playbooks/diagnose.ts';
import type { Facts } from '../../lib/playbooks/finding.ts';
import {
  ALL_LABELS,
  apiServerCrashes,
  facts,
  failed,
  inMaintenance,
  kernel,
  learner,
  MEMBERS,
  memberRemoved,
  NO_KEY,
  nospace,
  notApproved,
  notRendered,
  ok,
  otherHardware,
  partitions,
  peer,
  quorumLost,
  refused,
  refusedLearner,
  running,
  SDA_ATTACHED,
  STATE_UUID,
  STATE_WENT_MISSING,
  sameName,
  stateVolume,
  temporaryName,
} from './build-evidence.ts';
import { ILL_NODES } from './ill-nodes.ts';
import {
  booting,
  cannotStop,
  extension,
  iscsiCrashes,
  notPulled,
  runtimeCorrupt,
  withoutTime,
  zfsWaits,
} from './services-in-trouble.ts';

const back = { discoveredVolumes: ok(partitions(ALL_LABELS)), volumes: ok([stateVolume('ready', STATE_UUID)]) };
const log = ok([STATE_WENT_MISSING, SDA_ATTACHED('2026-03-01T11:51:30Z')]);
const gone = (labels: readonly string[], peers = [peer('cp-2')]) =>
  inMaintenance({ discoveredVolumes: ok(partitions(labels)), volumes: ok([stateVolume('missing')]) }, { peers });
const left = [peer('cp-2', { members: ok([]), etcdMembers: ok(MEMBERS.slice(1)) })];

/** What each situation really is. Less may be said of it, never something else with certainty. */
const SITUATIONS: readonly (readonly [truth: string, evidence: Evidence])[] = [
  ['state_not_found_in_time', inMaintenance({ ...back, kernelLog: log })],
  ['state_missing', gone(['EFI', 'BOOT', 'META', 'EPHEMERAL'])],
  ['reset_on_purpose', gone(['EFI', 'BOOT', 'META'], left)],
  ['fresh_machine', gone([])],
  ['fresh_machine', inMaintenance({ ...otherHardware, discoveredVolumes: ok(partitions([])) })],
  ['foreign_machine_in_maintenance', inMaintenance({ ...back, ...otherHardware })],
  ['system_disk_missing', inMaintenance({ discoveredVolumes: ok([]), disks: ok([]), systemDisk: ok(null) })],
  ['etcd_under_temporary_hostname', temporaryName()],
  ['foreign_node_at_address', running(otherHardware)],
  ['service_waits_forever', zfsWaits()],
  ['duplicate_extensions', running({ extensions: ok([extension('zfs', 'v1'), extension('zfs', 'v2', '1')]) })],
  ['extension_service_broken', iscsiCrashes()],
  ['image_not_pulled_at_boot', booting([notPulled('kubelet', 'ghcr.io/siderolabs/kubelet:v1.31.1')])],
  ['time_not_synced', withoutTime()],
  ['container_runtime_state_corrupt', runtimeCorrupt()],
  ['extension_blocks_shutdown', cannotStop()],
  ['etcd_out_of_space', nospace(0.1)],
  ['etcd_member_removed', memberRemoved()],
  ['duplicate_hostnames', sameName()],
  ['etcd_quorum_lost', quorumLost(300)],
  ['static_pods_not_rendered', notRendered('v1.13.3', 5)],
  ['kubelet_certificates_not_approved', notApproved()],
  ['api_server_cannot_decrypt', apiServerCrashes([NO_KEY])],
  ['static_pod_crashes', apiServerCrashes(['flag provided but not defined'])],
  ['etcd_learner_not_promoted', learner(15)],
  ['etcd_learner_not_promoted', refusedLearner(15)],
  ['previous_version_booted', running({ version: ok({ tag: 'v1.12.6', platform: 'metal', mode: 'metal' }) })],
  ['config_not_in_effect', running({ kernelLog: ok([kernel('', '[talos] apply config request: mode staged')]) })],
  ['our_access_refused', refused('permission_denied', true)],
  ['address_not_in_certificate', refused('wrong_server_name', true)],
  ['clock_wrong', refused('server_certificate_expired', true)],
  ['healthy', running()],
  ...ILL_NODES,
];
/** Information that is true beside every cause. */
const BESIDE = ['node_rebooted'];

/** Readings at `failing` time out, those at `absent` were never made; the same for the answers of peers. */
function without(evidence: Evidence, fails: readonly string[], absent: readonly string[]): Evidence {
  const readings = Object.fromEntries(
    Object.entries(evidence.readings)
      .filter(([name]) => !absent.includes(name))
      .map(([name, reading]) => [name, fails.includes(name) ? failed() : reading]),
  );
  const peers = fails.includes('peers')
    ? evidence.peers.map(({ node }) => peer(node, { members: failed(), etcdMembers: failed(), etcdStatus: failed() }))
    : evidence.peers;
  return { ...evidence, readings, peers };
}

const certainOf = (evidence: Evidence, known: Facts) =>
  runPlaybooks(evidence, known).filter(({ confidence, code }) => confidence === 'certain' && !BESIDE.includes(code));

test.each(SITUATIONS)('%s is found when everything is read', (truth, evidence) => {
  expect(runPlaybooks(evidence, facts())[0]?.code).toBe(truth);
});

test.each(SITUATIONS)('%s with one reading missing becomes less sure, never certain and wrong', (truth, evidence) => {
  const names = [...Object.keys(evidence.readings), 'peers'];
  const wrong = names.flatMap((name) =>
    [without(evidence, [name], []), without(evidence, [], [name])].flatMap((less) =>
      certainOf(less, facts())
        .filter(({ code }) => code !== truth)
        .map(({ code }) => `${name}: ${code}`),
    ),
  );
  expect(wrong).toEqual([]);
});

test.each(SITUATIONS)(
  '%s with any readings missing, and any part of the inventory, is never certain and wrong',
  (truth, evidence) => {
    const names = [...Object.keys(evidence.readings), 'peers'];
    const forgotten = { statePartitionUuid: undefined, version: undefined, etcdName: undefined };
    fc.assert(
      fc.property(
        fc.subarray(names),
        fc.subarray(names),
        fc.constantFrom<Facts>(facts(), facts(forgotten), { inventory: undefined, ordered: [] }),
        (fails, absent, known) => {
          const codes = certainOf(without(evidence, fails, absent), known).map(({ code }) => code);
          expect(codes.filter((code) => code !== truth)).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  },
);

test('whatever is missing, something is said, in plain text and with its evidence', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...SITUATIONS),
      fc.subarray(['machineStatus', 'services', 'disks', 'links']),
      ([, evidence], fails) => {
        const findings = runPlaybooks(without(evidence, fails, []), facts());
        expect(findings.length).toBeGreaterThan(0);
        for (const { summary, evidence: cited } of findings) {
          expect(summary).toMatch(/^[^\n]{10,400}\.$/);
          expect(cited.length).toBeGreaterThan(0);
        }
      },
    ),
  );
});

test('what a node writes into its names cannot end up as control characters in a finding', () => {
  const hostname = ok({ hostname: 'cp-\u001b[31m1\u202e', domainname: '' });
  const text = JSON.stringify(runPlaybooks(temporaryName({ hostname, nodename: failed() }), facts()));
  expect(text).not.toMatch(/\\u001b|\u202e/);
});

test.each(SITUATIONS)(
  '%s stays one plain sentence, however hostile the names and however many there are',
  (_, evidence) => {
    const hostile = JSON.stringify(evidence)
      .replaceAll('"cp-', '"\\u202e\\u001b[31mcp-')
      .replaceAll('kube-system/', `kube-system/${'x'.repeat(5000)}\\n`);
    const { readings, ...rest }: Evidence = JSON.parse(hostile);
    const alarm = { memberId: '9'.repeat(20), alarm: 'NOSPACE' };
    const etcdAlarms = readings.etcdAlarms?.ok
      ? ok(Array.from({ length: 100 }, (__, n) => ({ ...alarm, memberId: `${n}` })))
      : failed<never>();
    const found = runPlaybooks({ ...rest, readings: { ...readings, etcdAlarms } }, facts());
    expect(JSON.stringify(found)).not.toMatch(/\\u001b|\u202e/);
    for (const { summary, advice = 'none.' } of found) {
      expect(summary).toMatch(/^[^\n]{10,600}\.$/);
      expect(advice).toMatch(/^[^\n]{1,1000}(?:\.|\. Patch: \{.+\})$/);
    }
  },
);
