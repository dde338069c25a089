import { expect, test } from 'vitest';
import { runPlaybooks } from '../../lib/playbooks/diagnose.ts';
import type { Finding } from '../../lib/playbooks/finding.ts';
import { allPlaybooks } from '../../lib/playbooks/registry.ts';
import {
  BOOT_S,
  facts,
  failed,
  ok,
  otherHardware,
  PEERS,
  peer,
  refused,
  running,
  silent,
  temporaryName,
} from './build-evidence.ts';

const brief = (findings: readonly Finding[]) => findings.map(({ code, confidence }) => `${code} ${confidence}`);

test('a node that runs and is ready is healthy, and surely so only when everything was read', () => {
  expect(brief(runPlaybooks(running(), facts()))).toEqual(['healthy certain']);
  const found = runPlaybooks(running({ services: failed() }), facts());
  expect(brief(found)).toEqual(['healthy possible']);
  expect(found[0]?.summary).toBe('cp-1 runs and is ready; not read: services.');
});

test('a control plane whose static pods could not be read is not certainly healthy', () => {
  const found = runPlaybooks(running({ staticPods: failed() }), facts());
  expect(brief(found)).toEqual(['healthy likely']);
  expect(found[0]?.summary).toBe('cp-1 runs and is ready; not read: static pods.');
});

test('ready alone is not health: the stage has to be running', () => {
  const machineStatus = ok({ stage: 'booting' as const, ready: true, unmetConditions: [] });
  expect(brief(runPlaybooks(running({ machineStatus }), facts()))).toEqual(['unknown_cause possible']);
});

test('an unhealthy node that nothing explains is unknown, with the symptoms first and what was not read named', () => {
  const services = ok([
    {
      id: 'kubelet',
      state: 'Waiting',
      health: 'unknown' as const,
      lastMessage: '',
      events: [{ state: 'Waiting', message: 'Waiting for network', at: '' }],
    },
  ]);
  const machineStatus = ok({
    stage: 'running' as const,
    ready: false,
    unmetConditions: [{ name: 'services', reason: 'kubelet not running' }],
  });
  const unread = { kernelLog: failed<[]>(), sequences: failed<[]>() };
  const found = runPlaybooks(running({ services, machineStatus, ...unread }), facts());
  expect(brief(found)).toEqual(['unknown_cause possible']);
  expect(found[0]?.summary).toBe(
    'cp-1 is not healthy and what was read does not say why (stage running, services: kubelet not running).',
  );
  expect(found[0]?.evidence.slice(0, 2).map(({ says }) => says)).toEqual([
    'Stage running, not ready; waiting for services (kubelet not running).',
    'kubelet is Waiting: Waiting for network',
  ]);
  expect(found[0]?.evidence.map(({ reading }) => reading)).toContain('etcdMembers');
  expect(found[0]?.advice).toBe(
    'Three readings would narrow it down: its kernel log (talosctl dmesg), its volumes (talosctl get volumestatus) and its memory (talosctl memory).',
  );
});

test('a wrong etcd name does not explain a node that is not ready', () => {
  const machineStatus = ok({ stage: 'running' as const, ready: false, unmetConditions: [] });
  expect(brief(runPlaybooks(temporaryName({ machineStatus }), facts()))).toEqual([
    'etcd_under_temporary_hostname certain',
    'unknown_cause possible',
    'node_rebooted certain',
  ]);
});

test('a silent node: its neighbours are quoted, and nothing is offered', () => {
  const affiliate = { id: 'n1', nodeId: 'n1', hostname: 'cp-1', nodename: 'cp-1', machineType: 'controlplane' };
  const affiliates = ok([{ ...affiliate, addresses: ['10.0.0.77'] }]);
  const peers = [
    peer('cp-2', { proxyDial: failed('connection_timeout'), affiliates }),
    peer('cp-3', { proxyDial: failed('no_route') }),
  ];
  const found = runPlaybooks(silent('connection_timeout', peers), facts());
  expect(brief(found)).toEqual(['node_silent certain']);
  expect(found[0]?.summary).toBe(
    'cp-1 does not answer at 10.0.0.1 (connection_timeout), while cp-2 and cp-3 do; most likely it is off, or cut off from everybody.',
  );
  expect(found[0]?.evidence.map(({ says }) => says)).toEqual([
    'cp-1: connection_timeout',
    'cp-2 does not reach it either: cp-1: connection_timeout',
    'cp-3 does not reach it either: cp-1: no_route',
    'Its peers: it is an etcd member (cp-2 and cp-3).',
    'Its peers: etcd has a leader and no errors (cp-2 and cp-3).',
    'Its peers: discovery lists it (cp-2 and cp-3).',
    'Only one says: it has announced itself (cp-2 says so).',
    'Discovery last saw it at 10.0.0.77, not at 10.0.0.1.',
  ]);
  expect(found[0]?.suggests).toEqual([]);
  const same = peers.map((one) => ({ ...one, proxyDial: failed<never>('no_route') }));
  expect(runPlaybooks(silent('no_route', same), facts())[0]?.evidence[1]?.says).toBe(
    'cp-2 and cp-3 do not reach it either: cp-1: no_route',
  );
  const oneDial = [peers[0] ?? peer('cp-2'), peer('cp-3')];
  expect(brief(runPlaybooks(silent('connection_timeout', oneDial), facts()))).toEqual(['node_silent likely']);
});

test('when no control plane answers either it may be us', () => {
  const none = {
    members: failed<never>(),
    etcdMembers: failed<never>(),
    etcdStatus: failed<never>(),
    machineStatus: failed<never>(),
  };
  const found = runPlaybooks(silent('no_route', [peer('cp-2', none), peer('cp-3', none)]), facts());
  expect(brief(found)).toEqual(['unreachable_from_here likely', 'node_silent possible']);
  expect(found[0]?.summary).toBe(
    'None of the 3 nodes that Medic asked answers (cp-1, cp-2 and cp-3): the network between Medic and the cluster is down, or the whole site is.',
  );
  expect(found[1]?.summary).toContain('it may be us');
  const [one] = [peer('cp-2', none)];
  expect(brief(runPlaybooks(silent('no_route', [one]), facts()))).toEqual([
    'unreachable_from_here possible',
    'node_silent possible',
  ]);
});

test.for<[met: string, own: string, codes: readonly [string, string], looks: string]>([
  [
    'no hardware address',
    'connection_timeout',
    ['no_route', 'no_route'],
    'it is switched off, or its cable or network card is away',
  ],
  [
    'a closed port',
    'connection_refused',
    ['connection_refused', 'connection_refused'],
    'the machine is there and its Talos API is not',
  ],
  ['no handshake', 'handshake_timeout', ['deadline_exceeded', 'deadline_exceeded'], 'it accepts connections and hangs'],
  ['nothing', 'connection_timeout', ['connection_timeout', 'no_route'], 'it is off, or cut off from everybody'],
  [
    'a foreign certificate',
    'no_route',
    ['unknown_authority', 'unknown_authority'],
    'something else stands there: it answers the others under a certificate that is not of this cluster',
  ],
  [
    'nothing, and it refuses us alone',
    'connection_refused',
    ['no_route', 'connection_timeout'],
    'it is off, or cut off from everybody',
  ],
])('where its neighbours meet %s, a silent node is most likely just that', ([, own, [one, two], looks]) => {
  const peers = [peer('cp-2', { proxyDial: failed(one) }), peer('cp-3', { proxyDial: failed(two) })];
  const [found] = runPlaybooks(silent(own, peers), facts());
  expect(found).toMatchObject({ code: 'node_silent', suggests: [] });
  expect(found?.summary).toBe(
    `cp-1 does not answer at 10.0.0.1 (${own}), while cp-2 and cp-3 do; most likely ${looks}.`,
  );
});

test('a running node of another cluster at the address is told from maintenance mode', () => {
  const found = runPlaybooks(refused('client_certificate_required'), facts());
  expect(brief(found)).toEqual(['foreign_node_at_address likely']);
  expect(found[0]?.rulesOut.map(({ code }) => code)).toEqual(['maintenance_mode']);
  expect(brief(runPlaybooks(refused('unknown_authority'), facts()))).toEqual(['foreign_node_at_address possible']);
});

test('another machine of this cluster under the name of the node is not called healthy', () => {
  expect(brief(runPlaybooks(running(otherHardware), facts()))).toEqual(['foreign_node_at_address certain']);
});

test('a reboot is told with its time and whether the services are up', () => {
  const found = runPlaybooks(running({ systemStat: ok({ bootTimeS: BOOT_S }) }), facts());
  expect(brief(found)).toEqual(['healthy certain', 'node_rebooted certain']);
  expect(found[1]?.summary).toBe('cp-1 rebooted at 2026-03-01 11:50 UTC; its services are up.');
});

test('a boot time that moved by seconds, or back, is no reboot', () => {
  const last = { bootTimeS: BOOT_S, seenAt: '2026-03-01T11:55:00.000Z' };
  for (const bootTimeS of [BOOT_S + 30, BOOT_S - 4000]) {
    const found = runPlaybooks(running({ systemStat: ok({ bootTimeS }) }), facts({ boots: [last] }));
    expect(found.map(({ code }) => code)).not.toContain('node_rebooted');
  }
});

test('two certain claims that exclude each other are both made less sure', () => {
  const claim = (code: string): Finding => ({
    code,
    severity: 'critical',
    confidence: 'certain',
    summary: code,
    evidence: [],
    suggests: [],
    rulesOut: [],
  });
  const playbooks = ['state_missing', 'fresh_machine'].map((code) => ({ name: code, diagnose: () => [claim(code)] }));
  expect(brief(runPlaybooks(silent('no_route', PEERS), facts(), playbooks))).toEqual([
    'state_missing likely',
    'fresh_machine likely',
  ]);
});

test('a playbook that breaks off takes nothing away but its own word', () => {
  const broken = {
    name: 'broken',
    diagnose: () => {
      throw new Error('<b>no\nsuch</b> thing');
    },
  };
  const [healthy, failure] = runPlaybooks(running(), facts({ baseline: undefined }), [...allPlaybooks, broken]);
  expect(healthy).toMatchObject({ code: 'healthy', confidence: 'likely' });
  expect(failure).toMatchObject({ code: 'playbook_failed', severity: 'info' });
  expect(failure?.summary).not.toContain('\n');
  const silentNode = runPlaybooks(silent('no_route', []), facts(), [broken, ...allPlaybooks]);
  expect(silentNode[0]?.code).toBe('node_silent');
});
