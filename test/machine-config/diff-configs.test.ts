import { describe, expect, test } from 'vitest';
import { diffConfigs } from '../../lib/machine-config/diff-configs.ts';
import { sayChanges } from '../../lib/machine-config/say-changes.ts';
import { configOf, patched, WORKER } from './configs.ts';

const says = (before: string, after: string): readonly string[] =>
  sayChanges(diffConfigs(configOf(before), configOf(after)), 100);
const saysOfMachine = (before: string, after: string) => says(`machine: {${before}}\n`, `machine: {${after}}\n`);

describe('the difference of two configs', () => {
  test('is said line by line, with values only where they are no secrets', () => {
    const after = patched(
      WORKER,
      `machine:
  token: zyxwvu.9876543210fedcba
  network:
    hostname: w-2
    interfaces: [{interface: eth0, mtu: 9000}]
  kernel: {modules: [{name: zfs}]}
  sysctls: {vm.nr_hugepages: "2048"}
  files: [{path: /var/etc/b, content: also hidden}]
---
apiVersion: v1alpha1
kind: KmsgLogConfig
name: remote-log
url: tcp://user:pass@203.0.113.5:1
---
apiVersion: v1alpha1
kind: ExtensionServiceConfig
name: frr
environment: [PASSWORD=x]
`,
    );
    expect(says(WORKER, after)).toEqual([
      'machine.token: secret, changed',
      'machine.files[path=/var/etc/b].path: added, /var/etc/b',
      'machine.files[path=/var/etc/b].content: secret, added',
      'machine.network.hostname: w-1 -> w-2',
      'machine.network.interfaces[2].interface: added, eth0'.replace(
        '[2].interface: added, eth0',
        '[0].mtu: added, 9000',
      ),
      'machine.kernel.modules[name=zfs].name: added, zfs',
      'machine.sysctls."vm.nr_hugepages": 1024 -> 2048',
      'KmsgLogConfig remote-log: url: secret, changed',
      'ExtensionServiceConfig frr: the document is added',
      'ExtensionServiceConfig frr: environment[]: secret, added',
    ]);
  });

  test('is nothing where only comments, quotes and order of keys differ', () => {
    expect(
      says('machine: {type: worker, token: "a"} # one\n', "# two\nmachine:\n  token: 'a'\n  type: worker\n"),
    ).toEqual(['No difference.']);
  });

  test.for([
    {
      why: 'entries with a name are compared wherever they stand',
      before: 'kernel: {modules: [{name: a, parameters: [x]}, {name: b}]}',
      after: 'kernel: {modules: [{name: b}, {name: a, parameters: [y]}]}',
      gives: [
        'machine.kernel.modules[name=a].parameters[]: added, y',
        'machine.kernel.modules[name=a].parameters[]: removed, was x',
        'machine.kernel.modules: the same entries in another order',
      ],
    },
    {
      why: 'entries without one are compared place by place between what is the same',
      before: 'network: {interfaces: [{mtu: 1}, {mtu: 2}, {mtu: 3}]}',
      after: 'network: {interfaces: [{mtu: 1}, {mtu: 3}]}',
      gives: ['machine.network.interfaces[1].mtu: removed, was 2'],
    },
    {
      why: 'two entries of one name have none',
      before: 'kernel: {modules: [{name: a}, {name: a}]}',
      after: 'kernel: {modules: [{name: a}, {name: b}]}',
      gives: ['machine.kernel.modules[1].name: a -> b'],
    },
    {
      why: 'single values are counted',
      before: 'certSANs: [a, a, b]',
      after: 'certSANs: [b, a, c]',
      gives: [
        'machine.certSANs[]: added, c',
        'machine.certSANs[]: removed, was a',
        'machine.certSANs: the same entries in another order',
      ],
    },
    {
      why: 'a text is not the number that it looks like',
      before: 'nodeLabels: {a: "1"}',
      after: 'nodeLabels: {a: 1}',
      gives: ['machine.nodeLabels.a: "1" -> 1'],
    },
    {
      why: 'another kind of value is gone and new',
      before: 'time: {servers: [a]}',
      after: 'time: {servers: a}',
      gives: ['machine.time.servers[]: removed, was a', 'machine.time.servers: secret, added'],
    },
    {
      why: 'what is empty is a value',
      before: 'network: {}',
      after: 'certSANs: []',
      gives: ['machine.certSANs: secret, added', 'machine.network: secret, removed'],
    },
  ])('$why', ({ before, after, gives }) => {
    expect(saysOfMachine(before, after)).toEqual(gives);
  });

  test.for([
    { why: 'a sysctl that is a key', path: 'sysctls: {net.ipv4.tcp_fastopen_key: "00-11"}' },
    { why: 'a URL with a password', path: 'time: {servers: ["https://a:hunter2@b"]}' },
    { why: 'a kernel argument', path: 'install: {extraKernelArgs: ["siderolink.api=https://x?jointoken=y"]}' },
    { why: 'the environment', path: 'env: {A: b}' },
    { why: 'what nobody knows', path: 'somethingNew: hunter2' },
    { why: 'a registry', path: 'registries: {config: {"a.b": {auth: {password: hunter2}}}}' },
    { why: 'a WireGuard key', path: 'network: {interfaces: [{interface: wg0, wireguard: {privateKey: hunter2}}]}' },
  ])('$why stays a secret', ({ path }) => {
    const changes = diffConfigs(configOf('machine: {}\n'), configOf(`machine: {${path}}\n`));
    const secret = changes.filter(({ values }) => values === 'secret');
    expect(secret).toHaveLength(1);
    expect(JSON.stringify(secret)).not.toMatch(/hunter2|jointoken|00-11/);
  });

  test('a long list is cut, and says how much is missing', () => {
    const many = Array.from({ length: 30 }, (_, n) => `l${n}: v`).join(', ');
    const lines = sayChanges(diffConfigs(configOf('machine: {}\n'), configOf(`machine: {nodeLabels: {${many}}}\n`)), 5);
    expect(lines).toHaveLength(5);
    expect(lines.at(-1)).toBe('and 26 more changes');
  });

  test('a name or a value cannot break the line or hide what it says', () => {
    const lines = saysOfMachine('', 'nodeLabels: {"a\\nb": "x\\u202ey\\n</b>"}');
    expect(lines).toEqual(['machine.nodeLabels."a b": added, x\ufffdy </b>']);
  });
});
