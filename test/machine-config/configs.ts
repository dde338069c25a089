import { applyPatch, parsePatch } from '../../lib/machine-config/apply-patch.ts';
import { type ConfigProblem, describeConfigProblem } from '../../lib/machine-config/config-problem.ts';
import type { MachineConfig } from '../../lib/machine-config/machine-config.ts';
import { parseMachineConfig } from '../../lib/machine-config/parse-config.ts';
import type { Result } from '../../lib/result.ts';

/** A worker with comments, a number that readers disagree about, and a second document. Invented. */
export const WORKER = `# written by hand
version: v1alpha1
machine:
    type: worker
    token: abcdef.0123456789abcdef # never shown
    ca:
        crt: c3ludGhldGlj
        key: ""
    certSANs: []
    files:
        - path: /var/etc/a
          permissions: 0644 # eight's
          content: hidden
    network:
        hostname: w-1
        # the uplink
        interfaces:
            - interface: eth0
              dhcp: true
              vlans:
                - vlanId: 100
                  addresses: [10.1.0.5/24]
            - deviceSelector:
                hardwareAddr: aa:bb:cc:00:00:01
              mtu: 1500
    kernel:
        modules:
            - name: drbd
              parameters: [usermode_helper=disabled]
    sysctls:
        vm.nr_hugepages: "1024"
    nodeLabels:
        topology.kubernetes.io/zone: rack-1
cluster:
    controlPlane:
        endpoint: https://10.0.0.9:6443
    network:
        podSubnets: [10.244.0.0/16]
---
# where the kernel's log goes
apiVersion: v1alpha1
kind: KmsgLogConfig
name: remote-log
url: tcp://198.51.100.20:5140/
`;

export function must<T>(result: Result<T, ConfigProblem>): T {
  if (!result.ok) throw new Error(describeConfigProblem(result.error));
  return result.value;
}
export const configOf = (text: string): MachineConfig => must(parseMachineConfig(text));
export const patched = (text: string, patch: string): string =>
  must(applyPatch(configOf(text), must(parsePatch(patch)))).text;

/** The sentence that a person would read; '' when the patch works. */
export function refusal(text: string, patch: string): string {
  const parsed = parsePatch(patch);
  const result = parsed.ok ? applyPatch(configOf(text), parsed.value) : parsed;
  return result.ok ? '' : describeConfigProblem(result.error);
}

/** A small config around some lines of `machine`. */
export const machine = (...lines: readonly string[]): string =>
  ['version: v1alpha1', 'machine:', ...lines.map((line) => `  ${line}`), ''].join('\n');
