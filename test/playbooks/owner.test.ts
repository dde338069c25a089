import { describe, expect, test } from 'vitest';
import type { Evidence, Readings } from '../../lib/evidence/evidence.ts';
import { runPlaybooks } from '../../lib/playbooks/diagnose.ts';
import type { Finding } from '../../lib/playbooks/finding.ts';
import {
  ALL_LABELS,
  facts,
  inMaintenance,
  nospace,
  ok,
  partitions,
  running,
  STATE_UUID,
  stateVolume,
  temporaryName,
} from './build-evidence.ts';
import { ILL_NODES } from './ill-nodes.ts';
import { extension, iscsiCrashes, withoutTime, zfsWaits } from './services-in-trouble.ts';

const byLabel = (key: string): Readings => ({
  nodeStatus: ok({ nodename: 'cp-1', nodeReady: true, unschedulable: false, labels: {}, annotations: { [key]: 'x' } }),
});
const CLUSTER_API = byLabel('cluster.x-k8s.io/machine');
const OMNI = byLabel('omni.sidero.dev/machine-set');
const SIDEROLINK: Readings = { kernelCmdline: ok('console=tty0 siderolink.api=grpc://10.9.9.9:8090?jointoken=x') };
const owned = (evidence: Evidence, readings: Readings): Evidence => ({
  ...evidence,
  readings: { ...evidence.readings, ...readings },
});
const of = (evidence: Evidence): Finding | undefined => runPlaybooks(evidence, facts())[0];

describe('a machine that somebody manages', () => {
  test.for([
    ['Cluster API', CLUSTER_API, 'in its TalosControlPlane or TalosConfigTemplate'],
    ['Omni', OMNI, 'as a config patch in Omni'],
    ['Omni \\(or whoever serves its SideroLink\\)', SIDEROLINK, 'as a config patch in Omni'],
  ] as const)(
    '%s: the change is said with its place and its patch, and the config is not offered',
    ([name, seen, place]) => {
      const found = of(owned(zfsWaits(), seen));
      expect(found).toMatchObject({ code: 'service_waits_forever', suggests: ['upgrade'] });
      expect(found?.advice).toMatch(new RegExp(`${name} manages this machine \\(.*\\), so change it there`));
      expect(found?.advice).toContain(place);
      expect(found?.advice).toMatch(/ Patch: \{machine: \{kernel: \{modules: \[\{name: "zfs"\}\]\}\}\}$/);
    },
  );

  test('a saved config is not offered either: its owner gives it one', () => {
    const back = { discoveredVolumes: ok(partitions(ALL_LABELS)), volumes: ok([stateVolume('ready', STATE_UUID)]) };
    expect(of(inMaintenance(back))?.suggests).toEqual(['restore_config', 'reboot']);
    expect(of(inMaintenance({ ...back, ...SIDEROLINK }))?.suggests).toEqual(['reboot']);
  });

  test('every finding that changes config or image says so, and none offers a config', () => {
    const more = [zfsWaits(), iscsiCrashes(), withoutTime(), nospace(0.95), temporaryName()];
    const twice = running({ extensions: ok([extension('zfs', 'v1'), extension('zfs', 'v2', '1')]) });
    for (const evidence of [...ILL_NODES.map(([, one]) => one), ...more, twice]) {
      const changing = runPlaybooks(evidence, facts())
        .filter(
          ({ suggests, advice = '' }) =>
            /apply_config|upgrade|rollback/.test(suggests.join()) || /Patch: /.test(advice),
        )
        .map(({ code }) => code);
      for (const { code, suggests, advice } of runPlaybooks(owned(evidence, SIDEROLINK), facts())) {
        expect(suggests).not.toContain('apply_config');
        if (changing.includes(code)) expect(advice).toContain('manages this machine');
      }
    }
  });

  test('a finding that changes neither does not speak of the owner', () => {
    const found = runPlaybooks(owned(running(), CLUSTER_API), facts());
    expect(found.map(({ advice = '' }) => advice).join()).not.toContain('manages');
  });
});

test('without an owner the config is offered, with the patch', () => {
  expect(of(zfsWaits())).toMatchObject({ suggests: ['apply_config', 'upgrade'] });
  expect(of(zfsWaits())?.advice).toMatch(/ Patch: \{.*\}$/);
  expect(of(withoutTime())?.advice).toContain('Patch: {machine: {network: {nameservers: ["SERVER"]}}}');
});
