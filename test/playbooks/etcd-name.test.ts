import { expect, test } from 'vitest';
import { isGeneratedName } from '../../lib/inventory/host-name.ts';
import { runPlaybooks } from '../../lib/playbooks/diagnose.ts';
import {
  BOOT_S,
  facts,
  failed,
  kernel,
  MEMBERS,
  member,
  ok,
  running,
  settingHostname,
  temporaryName,
} from './build-evidence.ts';

const top = (findings: ReturnType<typeof runPlaybooks>) =>
  findings.slice(0, 1).map(({ code, confidence, suggests }) => ({ code, confidence, suggests }))[0];
const ETCD_STARTS = kernel('2026-03-01T11:50:20Z', '[talos] service[etcd](Starting): Starting service');

test('etcd under the made-up name of a late platform name is certain, names the layer and offers a reboot', () => {
  const found = runPlaybooks(temporaryName(), facts());
  expect(top(found)).toEqual({ code: 'etcd_under_temporary_hostname', confidence: 'certain', suggests: ['reboot'] });
  expect(found[0]?.summary).toBe(
    'etcd on cp-1 runs under the temporary name talos-8qy-c5p, because the hostname cp-1, set by layer platform, came after etcd had started.',
  );
  expect(found[0]?.rulesOut.map(({ code }) => code)).toEqual([
    'fqdn_or_short_name',
    'etcd_name_follows_at_next_start',
    'stale_etcd_member',
  ]);
  expect(found.map(({ code }) => code)).toContain('node_rebooted');
});

test('on Talos 1.8, where a reader may not ask for the status, the local member proves it too', () => {
  const found = runPlaybooks(temporaryName({ etcdStatus: failed('permission_denied'), kernelLog: failed() }), facts());
  expect(top(found)).toMatchObject({ code: 'etcd_under_temporary_hostname', confidence: 'certain' });
});

test.each([
  ['the list of members', { etcdMembers: failed<never>() }],
  ['the name at the start', { etcdSpec: failed<never>() }],
])('is at most likely without %s', (_what, missing) => {
  const evidence = { ...temporaryName(missing), peers: [] };
  expect(top(runPlaybooks(evidence, facts()))).toMatchObject({
    code: 'etcd_under_temporary_hostname',
    confidence: 'likely',
  });
});

test('is not certain when the log says that the hostname was there before etcd started', () => {
  const kernelLog = ok([settingHostname('2026-03-01T11:50:05Z', 'cp-1'), ETCD_STARTS]);
  expect(top(runPlaybooks(temporaryName({ kernelLog }), facts()))?.confidence).toBe('likely');
});

test('a made-up name in the form of an address counts, a name that a person chose does not', () => {
  expect(isGeneratedName('talos-10-0-0-1')).toBe(true);
  expect(isGeneratedName('talos-8qy-c5p')).toBe(true);
  expect(isGeneratedName('talos-8qy-c5p.example.org')).toBe(true);
  expect(isGeneratedName('talos-cp-1')).toBe(false);
  expect(isGeneratedName('talos-8QY1-c5p')).toBe(false);
  expect(isGeneratedName('mytalos-8qy-c5p')).toBe(false);
});

test('a short name against an FQDN is no mismatch', () => {
  const found = runPlaybooks(running({ hostname: ok({ hostname: 'cp-1.example.org', domainname: '' }) }), facts());
  expect(found.map(({ code }) => code)).toEqual(['healthy']);
  expect(found[0]?.rulesOut[0]?.because).toBe('cp-1 and cp-1.example.org are one name, short and as FQDN.');
});

test('a renamed node is information: the name follows at the next start', () => {
  const renamed = running({ hostname: ok({ hostname: 'control-1', domainname: '' }), hostnameSpecs: failed() });
  const found = runPlaybooks(renamed, facts());
  expect(found.map(({ code, severity, suggests }) => ({ code, severity, suggests }))).toEqual([
    { code: 'healthy', severity: 'info', suggests: [] },
    { code: 'etcd_name_follows_at_next_start', severity: 'info', suggests: [] },
  ]);
});

test('a node that was called by its made-up name until somebody named it was renamed, not late', () => {
  const evidence = temporaryName({
    kernelLog: failed(),
    systemStat: ok({ bootTimeS: BOOT_S }),
  });
  const found = runPlaybooks(evidence, facts({ hostname: 'talos-8qy-c5p' }));
  expect(found.map(({ code }) => code)).toContain('etcd_name_follows_at_next_start');
  expect(found.map(({ code }) => code)).not.toContain('etcd_under_temporary_hostname');
});

test('a name that came two hours after etcd had started is a rename', () => {
  const kernelLog = ok([ETCD_STARTS, settingHostname('2026-03-01T13:50:20Z', 'cp-1')]);
  expect(runPlaybooks(temporaryName({ kernelLog }), facts()).map(({ code }) => code)).toContain(
    'etcd_name_follows_at_next_start',
  );
});

test('nothing is said when the start name and the member list contradict each other', () => {
  const etcdMembers = ok([member('1001', 'somebody-else', '10.0.0.1'), ...MEMBERS.slice(1)]);
  const codes = runPlaybooks(temporaryName({ etcdMembers }), facts()).map(({ code }) => code);
  expect(codes).toEqual(['healthy', 'node_rebooted']);
  expect(runPlaybooks(temporaryName({ etcdMembers }), facts())[0]?.confidence).toBe('possible');
});

test('where Cluster API manages the machine, the hostname is changed there', () => {
  const annotations = { 'cluster.x-k8s.io/machine': 'cp-x' };
  const nodeStatus = ok({ nodename: 'cp-1', nodeReady: true, unschedulable: false, annotations });
  const [found] = runPlaybooks(temporaryName({ nodeStatus }), facts());
  expect(found?.advice).toMatch(
    /Cluster API manages this machine .* not on the node\. Patch: \{apiVersion: v1alpha1, kind: HostnameConfig, hostname: "cp-1"\}$/,
  );
});
