import { partitionName, partitionNumbers } from './disk-steps.ts';
import { etcdFileOf } from './etcd-file.ts';
import { BUILTIN_MODULES, loadedModules } from './kernel-modules.ts';
import { roleOf } from './physical.ts';
import { bootOf } from './record.ts';
import { visibleDisks } from './resources-block.ts';
import type { NodeState } from './state.ts';
import { varUsage } from './storage-usage.ts';

/** The part of a node's files that a reader can ask for: names and sizes, never what is in them. */
export type FileEntry =
  | { readonly kind: 'directory'; readonly entries: Readonly<Record<string, FileEntry>> }
  | { readonly kind: 'file'; readonly bytes: number }
  | { readonly kind: 'link'; readonly target: string };

const directory = (entries: Readonly<Record<string, FileEntry>> = {}): FileEntry => ({ kind: 'directory', entries });
const file = (bytes: number): FileEntry => ({ kind: 'file', bytes });
const link = (target: string): FileEntry => ({ kind: 'link', target });

/** sysfs shows every attribute with the size of a page. */
const ATTRIBUTE = file(4096);

function sysModule(node: NodeState): FileEntry {
  const builtin = BUILTIN_MODULES.map((name) => [name, directory({ uevent: ATTRIBUTE })] as const);
  const loaded = loadedModules(node).map(({ name, usedBy }) => {
    const holders = Object.fromEntries(usedBy.map((user) => [user, link(`../../${user}`)]));
    const attributes = { coresize: ATTRIBUTE, initstate: ATTRIBUTE, refcnt: ATTRIBUTE, uevent: ATTRIBUTE };
    return [name, directory({ ...attributes, holders: directory(holders) })] as const;
  });
  return directory(Object.fromEntries([...builtin, ...loaded]));
}

function devices(node: NodeState): FileEntry {
  const names = visibleDisks(node).flatMap((disk) => {
    const parts = disk.isSystem ? partitionNumbers(node).map(({ n }) => partitionName(disk.name, n)) : [];
    return [disk.name, ...parts];
  });
  return directory(Object.fromEntries(['kmsg', 'null', ...names].map((name) => [name, file(0)])));
}

/** On EPHEMERAL: most of it are the layers of container images. */
function variable(node: NodeState): FileEntry {
  if (bootOf(node).volumes['EPHEMERAL']?.phase !== 'ready') return directory();
  const { usedBytes } = varUsage(node);
  const logs = Math.floor(usedBytes * 0.04);
  const kubelet = Math.floor(usedBytes * 0.11);
  const isMember = roleOf(node.name) === 'controlplane';
  const etcd = isMember ? etcdFileOf(node).bytes : 0;
  const lib = {
    containerd: directory({ 'io.containerd.content.v1.content': file(usedBytes - logs - kubelet - etcd) }),
    kubelet: directory({ pods: file(kubelet) }),
    ...(isMember ? { etcd: directory({ member: directory({ snap: directory({ db: file(etcd) }) }) }) } : {}),
  };
  return directory({ lib: directory(lib), log: directory({ pods: file(logs) }), run: link('/run') });
}

export function filesOf(node: NodeState): FileEntry {
  const isStateMounted = bootOf(node).volumes['STATE']?.phase === 'ready' && bootOf(node).activeConfig !== undefined;
  const state = isStateMounted ? { 'config.yaml': file(6_000), 'node-identity.yaml': file(52) } : {};
  return directory({
    dev: devices(node),
    etc: directory({ hostname: file(6), hosts: file(180), 'os-release': file(310), 'resolv.conf': file(48) }),
    run: directory(),
    sys: directory({ module: sysModule(node) }),
    system: directory({ state: directory(state) }),
    tmp: directory(),
    usr: directory({ lib: directory({ modules: directory() }) }),
    var: variable(node),
  });
}
