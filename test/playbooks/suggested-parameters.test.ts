import { expect, test } from 'vitest';
import { actionJudges } from '../../lib/actions/registry.ts';
import { titleOf } from '../../lib/approvals/action-name.ts';
import type { Evidence } from '../../lib/evidence/evidence.ts';
import { runPlaybooks } from '../../lib/playbooks/diagnose.ts';
import type { Facts } from '../../lib/playbooks/finding.ts';
import { facts, memberRemoved, notRendered, ok, running } from './build-evidence.ts';
import { eagerController, starvedApid } from './ill-nodes.ts';
import { booting, crashing, extension, later, notPulled, waiting, zfsWaits } from './services-in-trouble.ts';

/** Buttons of one finding: a suggestion that does not say what it is to do here has none. */
function buttons(code: string, evidence: Evidence, known: Facts): readonly string[] {
  const found = runPlaybooks(evidence, known).filter((finding) => finding.code === code);
  expect(found).toHaveLength(1);
  return found.flatMap(({ suggests, parameters }) =>
    suggests.flatMap((action) => {
      const about = actionJudges[action].about(parameters?.[action] ?? {});
      return about.ok ? [titleOf({ action, about: about.value })] : [];
    }),
  );
}

const version = (tag: string) => ok({ tag, platform: 'metal', mode: 'metal' });
const before = (tag: string) => facts({ version: tag });
const hadExtensions = (...extensions: readonly string[]) =>
  facts({
    baseline: {
      services: [],
      extensions,
      kernelModules: [],
      timeServers: [],
      seenAt: '2026-02-28T00:00:00.000Z',
    },
  });
const iscsi = { extensions: ok([extension('iscsi-tools', 'v0.1.1')]), version: version('v1.9.3') };
const crashes = booting(
  [crashing('ext-iscsid', 4, 'Error running Containerd(ext-iscsid), going to restart forever: exit code 127')],
  iscsi,
);
const failsForAnotherReason = booting(
  [crashing('ext-iscsid', 4, 'Error running Containerd(ext-iscsid), going to restart forever: exit code 1')],
  iscsi,
);
const twice = running({ extensions: ok([extension('zfs', 'v2.2.6'), extension('zfs', 'v2.2.7', '1')]) });
const module = running({
  kernelModuleSpecs: ok([{ name: 'drbd', parameters: [] }]),
  kernelModules: ok([{ name: 'tcp_cubic', state: 'built-in' }]),
});

test.for<readonly [string, string, Evidence, Facts, readonly string[]]>([
  ['one extension twice', 'duplicate_extensions', twice, facts(), ['Upgrade (clean image)']],
  [
    'the version that was lost',
    'previous_version_booted',
    running({ version: version('v1.12.6') }),
    before('v1.13.2'),
    ['Upgrade to v1.13.2'],
  ],
  [
    'a pre-release that was lost, which the factory may not have any more',
    'previous_version_booted',
    running({ version: version('v1.12.6') }),
    before('v1.13.0-rc.1'),
    [],
  ],
  [
    'all extensions gone, but not the records of Image Factory among them',
    'extension_missing',
    running({ extensions: ok([]) }),
    hadExtensions('iscsi-tools v0.1.6', 'schematic 37656', 'util-linux-tools 2.40.2'),
    ['Upgrade with iscsi-tools, util-linux-tools'],
  ],
  [
    'an extension under a name that is none',
    'extension_missing',
    running({ extensions: ok([]) }),
    hadExtensions('iscsi,tools;--x v0.1.6'),
    [],
  ],
  [
    'a module that is in the image and not loaded',
    'service_waits_forever',
    zfsWaits(),
    facts(),
    ['Change config machine.kernel.modules', 'Upgrade without zfs'],
  ],
  [
    'a config that only a person can write',
    'service_waits_forever',
    booting(
      [waiting('ext-lldpd', 'extension service config')],
      { extensions: ok([extension('lldpd', '1')]) },
      later(52),
    ),
    facts(),
    ['Upgrade without lldpd'],
  ],
  [
    'an extension that the image does not list',
    'service_waits_forever',
    booting([waiting('ext-lldpd', 'extension service config')], {}, later(52)),
    facts(),
    [],
  ],
  ['a broken build, well before', 'extension_service_broken', crashes, before('v1.9.1'), ['Upgrade to v1.9.1']],
  ['a broken build, always', 'extension_service_broken', crashes, before('v1.9.3'), ['Upgrade without iscsi-tools']],
  [
    'a broken build, well on another line of Talos, where a config may be newer than that',
    'extension_service_broken',
    crashes,
    before('v1.8.4'),
    ['Upgrade without iscsi-tools'],
  ],
  [
    'a failure of which nobody knows the cause',
    'extension_service_broken',
    failsForAnotherReason,
    before('v1.9.3'),
    [],
  ],
  ['a module that no extension is known to bring', 'config_not_in_effect', module, facts(), []],
  [
    'a release that renders no pods',
    'static_pods_not_rendered',
    notRendered('v1.13.3', 5),
    facts(),
    ['Upgrade to v1.13.4', 'Roll back'],
  ],
  [
    'too little memory for apid',
    'system_service_out_of_memory',
    starvedApid(),
    facts({ version: 'v1.10.2' }),
    ['Upgrade to v1.10.3'],
  ],
  [
    'the same two lines before the release that gives it more',
    'system_service_out_of_memory',
    starvedApid({ version: version('v1.8.4') }),
    facts({ version: 'v1.8.4' }),
    [],
  ],
  [
    'an eager OOM controller',
    'oom_controller_kills_pods',
    eagerController(),
    facts({ version: 'v1.12.1' }),
    ['Change config OOMConfig', 'Upgrade to v1.12.2'],
  ],
  [
    'the image of kubelet',
    'image_not_pulled_at_boot',
    booting([notPulled('kubelet', 'ghcr.io/siderolabs/kubelet:v1.31.1')]),
    facts(),
    ['Restart service kubelet'],
  ],
  [
    'a member that cannot leave any more',
    'etcd_member_removed',
    memberRemoved(),
    facts(),
    ['Wipe EPHEMERAL (not graceful)'],
  ],
])('%s', ([, code, evidence, known, expected]) => {
  expect(buttons(code, evidence, known)).toEqual(expected);
});
