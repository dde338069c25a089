import { describe, expect, test } from 'vitest';
import type { Readings } from '../../lib/evidence/evidence.ts';
import { EXCLUDE_EACH_OTHER, withoutContradictions } from '../../lib/playbooks/contradictions.ts';
import { runPlaybooks } from '../../lib/playbooks/diagnose.ts';
import type { Confidence, Finding } from '../../lib/playbooks/finding.ts';
import {
  ALL_LABELS,
  BOOT_S,
  facts,
  inMaintenance,
  learner,
  memberRemoved,
  notApproved,
  ok,
  otherHardware,
  partitions,
  quorumLost,
  running,
  silent,
} from './build-evidence.ts';
import { extension } from './services-in-trouble.ts';

const claim = (code: string, confidence: Confidence = 'certain'): Finding => ({
  code,
  severity: 'critical',
  confidence,
  summary: code,
  evidence: [],
  suggests: [],
  rulesOut: [],
});
const brief = (findings: readonly Finding[]) => findings.map(({ code, confidence }) => `${code} ${confidence}`);

describe('of claims that exclude each other none stays certain', () => {
  test.for([
    ['etcd_member_removed', 'etcd_quorum_lost'],
    ['etcd_member_removed', 'duplicate_hostnames'],
    ['node_silent', 'unreachable_from_here'],
    ['state_missing', 'reset_on_purpose'],
    ['previous_version_booted', 'fresh_machine'],
    ['system_disk_failed', 'ephemeral_corrupt'],
    ['oom_controller_kills_pods', 'node_out_of_memory'],
  ] as const)('%s and %s', ([one, other]) => {
    const both = withoutContradictions([claim(one), claim(other), claim('nic_hangs')]);
    expect(brief(both)).toEqual([`${one} likely`, `${other} likely`, 'nic_hangs certain']);
  });

  test('one that is only likely takes nothing from one that is certain', () => {
    const found = [claim('etcd_member_removed'), claim('etcd_quorum_lost', 'likely')];
    expect(withoutContradictions(found)).toEqual(found);
  });

  test('the same claim about two things is no contradiction', () => {
    const twice = [claim('volume_locked'), claim('volume_locked'), claim('node_silent'), claim('node_silent')];
    expect(withoutContradictions(twice)).toEqual(twice);
  });

  test('what can be true together stays certain', () => {
    const both = [claim('ephemeral_full'), claim('time_not_synced'), claim('duplicate_extensions')];
    expect(withoutContradictions(both)).toEqual(both);
  });

  test('every code of the table is one that is looked up', () => {
    expect(EXCLUDE_EACH_OTHER.flat().filter((code) => !/^[a-z]+(_[a-z]+)+$/.test(code))).toEqual([]);
    expect(EXCLUDE_EACH_OTHER.filter((group) => new Set(group).size < 2)).toEqual([]);
  });
});

describe('two situations in one piece of evidence', () => {
  test.for([
    ['removed, and no quorum', memberRemoved({}, quorumLost(300).peers)],
    ['a learner, and no quorum', { ...learner(15), peers: quorumLost(300).peers }],
    ['silent, with readings of before', { ...silent('no_route'), readings: notApproved().readings }],
  ] as const)('%s: at most one of each group is certain', ([, evidence]) => {
    const certain = runPlaybooks(evidence, facts()).filter(({ confidence }) => confidence === 'certain');
    for (const group of EXCLUDE_EACH_OTHER) {
      expect(new Set(certain.map(({ code }) => code).filter((code) => group.includes(code))).size).toBeLessThan(2);
    }
  });
});

describe('another machine at the address of the node', () => {
  const past = facts({
    version: 'v1.13.9',
    baseline: {
      services: ['apid', 'ext-iscsid'],
      extensions: ['iscsi-tools v0.1.4'],
      kernelModules: [],
      timeServers: [],
      seenAt: '2026-02-28T00:00:00.000Z',
    },
  });
  const booted: Readings = { systemStat: ok({ bootTimeS: BOOT_S }) };

  test('has not rebooted, lost no extension and fell back from no version', () => {
    expect(brief(runPlaybooks(running({ ...booted, ...otherHardware }), past))).toEqual([
      'foreign_node_at_address certain',
    ]);
    const waiting = inMaintenance({ ...booted, ...otherHardware, discoveredVolumes: ok(partitions(ALL_LABELS)) });
    expect(brief(runPlaybooks(waiting, past))).toEqual(['foreign_machine_in_maintenance certain']);
  });

  test('on the machine that is known all of that is said', () => {
    expect(brief(runPlaybooks(running({ ...booted, extensions: ok([extension('zfs', 'v2')]) }), past))).toEqual([
      'previous_version_booted likely',
      'node_rebooted certain',
      'extension_missing possible',
    ]);
  });
});
