import { machineService as m } from '../../lib/talos/methods.ts';
import type { Ask } from './seen.ts';
import type { Identity } from './talos-calls.ts';

const OWN_PARTITIONS = ['META', 'STATE', 'EPHEMERAL'];

const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (found, key) =>
      typeof found === 'object' && found !== null ? Object.entries(found).find(([k]) => k === key)?.[1] : undefined,
    value,
  );
const textAt = (value: unknown, ...path: readonly string[]): string => String(at(value, ...path) ?? '');

/** A machine and its system disk, as whoever may read them sees them. Nobody answers while time goes on: as if there were none. */
export function machineSeen(ask: Ask) {
  const resources = async (
    name: string,
    namespace: string,
    type: string,
    identity: Identity = 'reader',
  ): Promise<Record<string, unknown>> => {
    const seen = await ask(name, identity).list(namespace, type);
    return 'reply' in seen ? seen.reply : {};
  };
  return {
    resources,
    async stage(name: string, identity: Identity = 'reader'): Promise<string> {
      const found = await resources(name, 'runtime', 'MachineStatuses.runtime.talos.dev', identity);
      return textAt(found, 'machine', 'stage');
    },
    /** Unix seconds. */
    async bootTime(name: string): Promise<number> {
      const seen = await ask(name).call(m.systemStat, {});
      return 'reply' in seen ? Number(seen.reply.messages[0]?.bootTime) : Number.NaN;
    },
    async version(name: string): Promise<string> {
      const seen = await ask(name).call(m.version, {});
      return 'reply' in seen ? (seen.reply.messages[0]?.version?.tag ?? '') : '';
    },
    /** `<name> <version>` of each layer of the image, the schematic among them. */
    async extensions(name: string, identity: Identity = 'reader'): Promise<readonly string[]> {
      const found = await resources(name, 'runtime', 'ExtensionStatuses.runtime.talos.dev', identity);
      return Object.values(found).map(
        (one) => `${textAt(one, 'metadata', 'name')} ${textAt(one, 'metadata', 'version')}`,
      );
    },
    /** What the boot loader started, from 1.11 on. */
    async cmdline(name: string, identity: Identity = 'reader'): Promise<string> {
      const found = await resources(name, 'runtime', 'KernelCmdlines.runtime.talos.dev', identity);
      return textAt(found, 'cmdline', 'cmdline');
    },
    async metaKeys(name: string, identity: Identity = 'reader'): Promise<Record<string, string>> {
      const found = await resources(name, 'runtime', 'MetaKeys.runtime.talos.dev', identity);
      return Object.fromEntries(Object.entries(found).map(([key, spec]) => [key, textAt(spec, 'value')]));
    },
    /** GPT id by label. */
    async partitions(name: string, identity: Identity = 'reader'): Promise<Record<string, string>> {
      const found = await resources(name, 'runtime', 'DiscoveredVolumes.block.talos.dev', identity);
      const all = Object.values(found).map((one) => [textAt(one, 'partition_label'), textAt(one, 'partition_uuid')]);
      return Object.fromEntries(all.filter(([label = '']) => OWN_PARTITIONS.includes(label)));
    },
    /** Its identity, which is kept in STATE. */
    async nodeId(name: string): Promise<string> {
      return textAt(await resources(name, 'cluster', 'Identities.cluster.talos.dev'), 'local', 'nodeId');
    },
    /** Whether nobody may schedule pods on it. */
    async isCordoned(name: string): Promise<boolean> {
      const found = await resources(name, 'k8s', 'NodeStatuses.kubernetes.talos.dev');
      return at(found, name, 'unschedulable') === true;
    },
    /** Its config as an admin reads it: the one that is stored where the version shows it, else the one in effect. */
    async config(name: string): Promise<string> {
      const found = await resources(name, 'config', 'MachineConfigs.config.talos.dev', 'admin');
      return textAt(found, 'persistent') || textAt(found, 'v1alpha1');
    },
  };
}
