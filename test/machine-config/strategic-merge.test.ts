import { describe, expect, test } from 'vitest';
import { configOf, machine, patched, refusal, WORKER } from './configs.ts';

/** What a config says, without the way it is written. */
const contentOf = (text: string) => configOf(text).documents.map(({ content }) => content);

describe('a strategic merge patch', () => {
  test('changes what it names and leaves every other line, comment and odd number as it is', () => {
    const after = patched(WORKER, 'machine:\n  network:\n    hostname: w-2\n');
    const expected = WORKER.replace('hostname: w-1', 'hostname: w-2')
      .replace('[10.1.0.5/24]', '[ 10.1.0.5/24 ]')
      .replace(
        '                - vlanId: 100\n                  addr',
        '                    - vlanId: 100\n                      addr',
      )
      .replace('[usermode_helper=disabled]', '[ usermode_helper=disabled ]')
      .replace('[10.244.0.0/16]', '[ 10.244.0.0/16 ]');
    expect(after.replaceAll(/^ +/gm, '')).toBe(expected.replaceAll(/^ +/gm, ''));
    expect(after).toContain('permissions: 0644 # eight');
    expect(after.endsWith(WORKER.slice(WORKER.indexOf('---')))).toBe(true);
  });

  test.for([
    { why: 'appends to lists', of: 'certSANs: [a]', patch: 'certSANs: [b, a]', gives: 'certSANs: [a, b, a]' },
    { why: 'adds keys', of: 'sysctls: {a: "1"}', patch: 'sysctls: {b: "2"}', gives: 'sysctls: {a: "1", b: "2"}' },
    {
      why: 'takes false for a value',
      of: 'install: {wipe: true}',
      patch: 'install: {wipe: false}',
      gives: 'install: {wipe: false}',
    },
    {
      why: 'merges interfaces of the same name and appends others',
      of: 'network: {interfaces: [{interface: eth0, dhcp: true}]}',
      patch: 'network: {interfaces: [{interface: eth1}, {interface: eth0, dhcp: false, mtu: 9000}]}',
      gives: 'network: {interfaces: [{interface: eth0, dhcp: false, mtu: 9000}, {interface: eth1}]}',
    },
    {
      why: 'merges interfaces of the same selector',
      of: 'network: {interfaces: [{deviceSelector: {driver: e1000}}, {interface: eth0}]}',
      patch:
        'network: {interfaces: [{deviceSelector: {driver: e1000}, mtu: 9000}, {deviceSelector: {driver: virtio}}]}',
      gives:
        'network: {interfaces: [{deviceSelector: {driver: e1000}, mtu: 9000}, {interface: eth0}, {deviceSelector: {driver: virtio}}]}',
    },
    {
      why: 'merges VLANs by their id, and their addresses append',
      of: 'network: {interfaces: [{interface: eth0, vlans: [{vlanId: 100, addresses: [a]}]}]}',
      patch: 'network: {interfaces: [{interface: eth0, vlans: [{vlanId: 100, addresses: [b]}, {vlanId: 101}]}]}',
      gives: 'network: {interfaces: [{interface: eth0, vlans: [{vlanId: 100, addresses: [a, b]}, {vlanId: 101}]}]}',
    },
    {
      why: 'merges interfaces with each other that the config did not have',
      of: 'network: {hostname: a}',
      patch: 'network: {interfaces: [{interface: eth0, mtu: 1500}, {interface: eth0, dhcp: true}]}',
      gives: 'network: {hostname: a, interfaces: [{interface: eth0, mtu: 1500, dhcp: true}]}',
    },
    {
      why: 'replaces arguments of the kubelet one by one, texts and lists alike',
      of: 'kubelet: {extraArgs: {v: "2", a: b}}',
      patch: 'kubelet: {extraArgs: {v: ["4", "5"]}}',
      gives: 'kubelet: {extraArgs: {v: ["4", "5"], a: b}}',
    },
    { why: 'fills what is empty', of: 'ca: ', patch: 'ca: {crt: a}', gives: 'ca: {crt: a}' },
    { why: 'deletes a key', of: 'token: a, type: worker', patch: 'token: {$patch: delete}', gives: 'type: worker' },
    {
      why: 'deletes the first entry with that value, before it appends',
      of: 'network: {interfaces: [{interface: eth0, dhcp: true}, {interface: eth1}]}',
      patch: 'network: {interfaces: [{interface: eth0, $patch: delete}, {interface: eth0, dummy: true}]}',
      gives: 'network: {interfaces: [{interface: eth1}, {interface: eth0, dummy: true}]}',
    },
    {
      why: 'deletes the last entry and leaves an empty list',
      of: 'kernel: {modules: [{name: drbd}]}',
      patch: 'kernel: {modules: [{name: drbd, $patch: delete}]}',
      gives: 'kernel: {modules: []}',
    },
  ])('$why', ({ of, patch, gives }) => {
    const after = patched(`machine: {${of}}\n`, `machine: {${patch}}\n`);
    expect(contentOf(after)).toEqual(contentOf(`machine: {${gives}}\n`));
  });

  test('replaces subnets, an audit policy and the ports of a firewall rule as a whole', () => {
    const before = `cluster: {network: {podSubnets: [a], serviceSubnets: [b]}, apiServer: {auditPolicy: {rules: [x], kind: Policy}, admissionControl: [{name: A, configuration: {a: 1}}]}}
---
{apiVersion: v1alpha1, kind: NetworkRuleConfig, name: r, portSelector: {ports: [1, 2], protocol: tcp}, ingress: [{subnet: a}]}
`;
    const after = patched(
      before,
      `cluster: {network: {podSubnets: [c]}, apiServer: {auditPolicy: {rules: [y]}, admissionControl: [{name: A, configuration: {b: 2}}, {name: B}]}}
---
{apiVersion: v1alpha1, kind: NetworkRuleConfig, name: r, portSelector: {ports: [3]}, ingress: [{subnet: b}]}
`,
    );
    expect(contentOf(after)).toEqual([
      {
        cluster: {
          network: { podSubnets: ['c'], serviceSubnets: ['b'] },
          apiServer: {
            auditPolicy: { rules: ['y'] },
            admissionControl: [{ name: 'A', configuration: { a: 1, b: 2 } }, { name: 'B' }],
          },
        },
      },
      {
        apiVersion: 'v1alpha1',
        kind: 'NetworkRuleConfig',
        name: 'r',
        portSelector: { ports: [3], protocol: 'tcp' },
        ingress: [{ subnet: 'b' }],
      },
    ]);
  });

  const service = (rest: string) => `---\n{apiVersion: v1alpha1, kind: ExtensionServiceConfig, name: frr, ${rest}}\n`;
  test('merges documents of the same kind and name, appends others, deletes those it names', () => {
    const before = `machine: {}\n${service('configFiles: [{content: old, mountPath: /a}], environment: [A=1]')}---\n{apiVersion: v1alpha1, kind: KmsgLogConfig, name: gone}\n`;
    const after = patched(
      before,
      `${service('configFiles: [{content: new, mountPath: /a}, {content: b, mountPath: /b}], environment: [B=2]')}---
{apiVersion: v1alpha1, kind: KmsgLogConfig, name: gone, $patch: delete}
---
{apiVersion: v1alpha1, kind: WatchdogTimerConfig, device: /dev/watchdog0}
---
{apiVersion: v1alpha1, kind: NeverThere, $patch: delete}
`,
    );
    expect(contentOf(after)).toEqual([
      { machine: {} },
      {
        apiVersion: 'v1alpha1',
        kind: 'ExtensionServiceConfig',
        name: 'frr',
        configFiles: [
          { content: 'new', mountPath: '/a' },
          { content: 'b', mountPath: '/b' },
        ],
        environment: ['A=1', 'B=2'],
      },
      { apiVersion: 'v1alpha1', kind: 'WatchdogTimerConfig', device: '/dev/watchdog0' },
    ]);
  });

  test('takes its documents in order, so that a list can be emptied and filled again', () => {
    const doc = (rest: string) => `---\napiVersion: v1alpha1\nkind: RegistryMirrorConfig\nname: docker.io\n${rest}`;
    const after = patched(
      `machine: {}\n${doc('endpoints: [{url: http://a}]\n')}`,
      `${doc('endpoints: {$patch: delete}\n')}${doc('endpoints: [{url: http://b}]\n')}${doc('skipFallback: true\n')}`,
    );
    expect(contentOf(after)[1]).toMatchObject({ endpoints: [{ url: 'http://b' }], skipFallback: true });
  });

  test('a text that looks like a truth or a number stays the text that it is', () => {
    const after = patched(
      machine('type: worker'),
      machine('sysctls: {a: "no", b: "0x10"}', 'files: [{permissions: 0o600}]'),
    );
    expect(after).toContain('a: "no"');
    expect(after).toContain('b: "0x10"');
    expect(after).toContain('0o600');
  });

  test.for([
    {
      why: 'deletes what is not there',
      patch: 'kubelet: {image: {$patch: delete}}',
      says: 'v1alpha1, machine.kubelet.image: the config has nothing there',
    },
    {
      why: 'deletes an entry that is not there',
      patch: 'kernel: {modules: [{name: zfs, $patch: delete}]}',
      says: 'machine.kernel.modules[name]: the config has nothing there',
    },
    {
      why: 'deletes a key of an entry',
      patch: 'kernel: {modules: [{name: drbd, parameters: {$patch: delete}}]}',
      says: 'machine.kernel.modules[0].parameters: "$patch: delete" works on',
    },
    {
      why: 'selects an entry by nothing',
      patch: 'kernel: {modules: [{$patch: delete}]}',
      says: '"$patch: delete" works on',
    },
    {
      why: 'knows another $patch',
      patch: 'kernel: {$patch: replace}',
      says: 'neither a strategic merge patch nor a JSON patch',
    },
    {
      why: 'sets a list to a text',
      patch: 'certSANs: abc',
      says: 'machine.certSANs: the patch has another kind of value',
    },
    {
      why: 'sets a text to a mapping',
      patch: 'type: {a: b}',
      says: 'machine.type: the patch has another kind of value',
    },
    { why: 'empties a text', patch: 'network: {hostname: ""}', says: 'machine.network.hostname: an empty value' },
    { why: 'overwrites with nothing', patch: 'network: ', says: 'machine.network: an empty value' },
    {
      why: 'sets a number to 0',
      patch: 'network: {interfaces: [{deviceSelector: {hardwareAddr: "aa:bb:cc:00:00:01"}, mtu: 0}]}',
      says: '.mtu: an empty value',
    },
  ])('is refused when it $why', ({ patch, says }) => {
    expect(refusal(WORKER, `machine: {${patch}}\n`)).toContain(says);
  });

  test('the v1alpha1 document cannot be deleted, and no key of a document that is not there', () => {
    expect(refusal(WORKER, 'version: v1alpha1\n$patch: delete\n')).toContain('v1alpha1: "$patch: delete" works on');
    expect(refusal(WORKER, '{apiVersion: v1alpha1, kind: A, b: {$patch: delete}}\n')).toContain(
      'A: the config has nothing there',
    );
  });

  test('an empty patch, and one that is no patch, are no patches', () => {
    expect(refusal(WORKER, '')).toContain('there is nothing in it');
    expect(refusal(WORKER, 'just text\n')).toContain('a mapping is needed here');
  });
});
