import { describe, expect, test } from 'vitest';
import type { Readings } from '../../lib/evidence/evidence.ts';
import { booting, etcdStatus, failed, kernel, MEMBERS, ok, running } from './build-evidence.ts';
import { brief, top } from './diagnosed.ts';
import {
  addressGoes,
  HANG,
  HELLO_FAILED,
  hangingCard,
  LEASED,
  lonely,
  lostLease,
  lostPair,
  renamedCard,
  tunnel,
  version,
} from './ill-nodes.ts';

describe('a network card that hangs', () => {
  test('is certain from what its driver says, with how often and since when', () => {
    expect(brief(hangingCard())).toEqual(['nic_hangs certain reboot']);
    expect(top(hangingCard())?.summary).toBe(
      'The network card eno1 (driver e1000e) of cp-1 hung 3 times between 2026-03-01 11:30 and 11:34 UTC.',
    );
    expect(top(hangingCard())?.advice).toContain('ethtool -K');
    expect(top(hangingCard({ version: version('v1.10.0') }))?.advice).toContain(
      'features of an EthernetConfig document',
    );
  });

  test('of the leader of etcd is a reason to lead no more, while it lasts and where others can', () => {
    const leads = { etcdStatus: ok({ ...etcdStatus('1001'), leader: '1001' }) };
    expect(brief(hangingCard(leads))).toEqual(['nic_hangs certain forfeit_etcd_leadership reboot']);
    expect(top(hangingCard(leads))?.advice).toContain('It leads etcd: move the leadership away first.');
    const alone = { ...leads, etcdMembers: ok(MEMBERS.slice(0, 1)) };
    expect(brief(hangingCard(alone))).toEqual(['nic_hangs certain reboot']);
  });

  const watchdog = kernel(
    '2026-03-01T11:30:00Z',
    'NETDEV WATCHDOG: CPU: 3: eno1 (e1000e): transmit queue 0 timed out 5376 ms',
  );
  test.for<[what: string, log: Readings['kernelLog'], found: readonly string[]]>([
    ['hangs once', ok([HANG('2026-03-01T11:30:00Z')]), ['nic_hangs likely reboot']],
    ['is caught by the watchdog of the kernel', ok([watchdog, watchdog]), ['nic_hangs certain reboot']],
    ['is only said to hang', ok([{ ...watchdog, facility: 'user' }]), ['healthy certain']],
    ['cannot be asked about', failed(), ['healthy likely']],
  ])('and the card that %s', ([, kernelLog, found]) => {
    expect(brief(hangingCard({ ...(kernelLog && { kernelLog }) }))).toEqual(found);
  });
});

describe('a network card with another name', () => {
  test('is certain when every known card is there and the address is not', () => {
    expect(brief(renamedCard())).toEqual(['interface_renamed certain apply_config']);
    expect(top(renamedCard())?.summary).toBe(
      'The config of cp-1 gives 10.0.0.1/24 to eth0, but no link of cp-1 has that name; its cards are enp3s0.',
    );
    expect(top(renamedCard())?.advice).toContain('deviceSelector');
    expect(top(renamedCard())?.rulesOut.map(({ code }) => code)).toEqual(['network_card_missing']);
  });

  test('may be a card that is gone, when the inventory knows one that is not there', () => {
    const other = {
      id: 'eno2',
      kind: '',
      hardwareAddr: 'aa:00:00:00:00:02',
      permanentAddr: 'aa:00:00:00:00:02',
      isUp: true,
    };
    const finding = top(renamedCard({ links: ok([other]) }));
    expect(finding).toMatchObject({ code: 'interface_renamed', confidence: 'possible', rulesOut: [] });
    expect(finding?.advice).toContain('First see where the card b0:83:fe:00:00:01 is');
  });

  test('is likely where the node is not known to have had the address', () => {
    const spec = { address: '192.0.2.22/24', link: 'eth0', layer: 'configuration' } as const;
    expect(brief(renamedCard({ addressSpecs: ok([spec]) }))).toEqual(['interface_renamed likely apply_config']);
  });

  test('may only be late while the node boots', () => {
    const { links, addresses, addressSpecs } = renamedCard().readings;
    const evidence = booting({
      ...(links && { links }),
      ...(addresses && { addresses }),
      ...(addressSpecs && { addressSpecs }),
    });
    expect(brief(evidence)[0]).toBe('interface_renamed likely apply_config');
  });

  test.for<[what: string, more: Readings]>([
    ['the address is there, on a link known by an alias', { addresses: ok(['10.0.0.1/24']) }],
    [
      'DHCP gives it, and the card is not there',
      { addressSpecs: ok([{ address: '10.0.0.7/24', link: 'eth9', layer: 'operator' }]) },
    ],
  ])('is not what it is when %s', ([, more]) => {
    expect(brief(renamedCard(more))).toEqual(['healthy certain']);
  });

  test.for(['links', 'addresses', 'addressSpecs'])(
    'is not claimed without %s, nor is the node called well for certain',
    (name) => {
      expect(brief(renamedCard({ [name]: failed() }))).toEqual(['healthy likely']);
    },
  );
});

describe('an address that goes and comes', () => {
  test('is a lease for certain when the layer says so and the carrier stayed', () => {
    expect(brief(lostLease())).toEqual(['dhcp_takes_address_away certain']);
    expect(top(lostLease())?.summary).toBe(
      'cp-1 lost its address 10.0.0.1/24 on eno1 3 times between 2026-03-01 11:20 and 11:28 UTC: the lease is not renewed in time, and its kubelet was stopped 3 times.',
    );
  });

  const down = kernel('2026-03-01T11:19:59Z', 'e1000e 0000:00:1f.6 eno1: NIC Link is Down');
  test.for<[what: string, more: Readings, found: string]>([
    ['nothing says where the address comes from', { addressSpecs: failed() }, 'dhcp_takes_address_away likely'],
    ['it went twice', { kernelLog: ok(addressGoes([20, 24])) }, 'dhcp_takes_address_away likely'],
    ['it went once', { kernelLog: ok(addressGoes([20])) }, 'healthy certain'],
    [
      'the cable comes and goes',
      { kernelLog: ok([down, ...addressGoes([20, 24, 28])]) },
      'dhcp_takes_address_away possible',
    ],
    [
      'the address is static',
      { addressSpecs: ok([{ ...LEASED, layer: 'configuration' as const }]) },
      'healthy certain',
    ],
    [
      'it is a virtual address that moves by design',
      { kernelLog: ok(addressGoes([20, 24, 28], '10.0.0.100/32')) },
      'healthy certain',
    ],
  ])('is something else or less sure when %s', ([, more, found]) => {
    expect(brief(lostLease(more))).toEqual([found]);
  });
});

describe('the discovery service', () => {
  test('is out of reach for certain when it failed often, lately, and the node knows fewer members than others', () => {
    expect(brief(lonely())).toEqual(['discovery_unreachable certain']);
    expect(top(lonely())?.summary).toBe(
      "cp-1 does not reach the discovery service discovery.talos.dev:443: 3 times between 2026-03-01 11:50 and 11:58 UTC; it knows 1 of the cluster's 3 members.",
    );
    expect(top(lonely())?.advice).toContain('no reason to reboot');
  });

  const at = (...times: readonly string[]) => ok(times.map((time) => HELLO_FAILED(`2026-03-01T${time}:00Z`)));
  test.for<[what: string, more: Readings, found: string]>([
    ['it failed once, as during every boot', { kernelLog: at('11:58') }, 'healthy certain'],
    ['it failed often, an hour ago', { kernelLog: at('10:50', '10:54', '10:58') }, 'healthy certain'],
    ['both sides know everybody', { members: ok([]) }, 'discovery_unreachable certain'],
  ])('%s', ([, more, found]) => {
    expect(brief(lonely(more))).toEqual([found]);
  });

  test('is likely out of reach where nobody knows fewer', () => {
    const evidence = lonely({ members: failed() });
    expect(brief(evidence)).toEqual(['discovery_unreachable likely']);
  });
});

describe('a pair of nodes that lost each other in KubeSpan', () => {
  test('is certain when other peers are up and the lost one still announces itself', () => {
    expect(brief(lostPair())).toEqual(['kubespan_peer_down certain reboot']);
    expect(top(lostPair())?.summary).toBe(
      'cp-1 has lost cp-3 in KubeSpan since 2026-03-01 09:00 UTC, while 1 other peer is up.',
    );
    expect(top(lostPair())?.rulesOut.map(({ code }) => code)).toEqual(['kubespan_blocked', 'node_silent']);
  });

  test.for<[what: string, more: Readings]>([
    [
      'the other may just be off',
      { kubespanPeers: ok([tunnel('cp-2', 'up'), tunnel('cp-3', 'down', '2026-03-01T11:45:00Z')]) },
    ],
    ['nobody says whether the other is there', { affiliates: failed() }],
    [
      'there never was a handshake',
      { kubespanPeers: ok([tunnel('cp-2', 'up'), tunnel('cp-3', 'down', '0001-01-01T00:00:00Z')]) },
    ],
    [
      'every peer is lost',
      {
        kubespanPeers: ok([
          tunnel('cp-2', 'down', '2026-03-01T09:00:00Z'),
          tunnel('cp-3', 'down', '2026-03-01T09:00:00Z'),
        ]),
      },
    ],
  ])('is only likely, and no reboot is suggested, when %s', ([, more]) => {
    expect(brief(lostPair(more))).toEqual(['kubespan_peer_down likely']);
  });

  test('is nothing where KubeSpan is off, or a state is not known yet', () => {
    expect(brief(lostPair({ kubespanPeers: ok([]) }))).toEqual(['healthy certain']);
    expect(brief(running({ kubespanPeers: ok([tunnel('cp-2', 'unknown')]) }))).toEqual(['healthy certain']);
  });
});
