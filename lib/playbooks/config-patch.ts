import { isAtLeast } from '../versions/talos-version.ts';
import { quote } from './cite.ts';

/**
 * Changes of a machine config as people write them, on one line: flow YAML, for `talosctl patch mc --patch` and for
 * config patches of Omni or Cluster API. Words in capitals are for a person to fill in. Names from outside are quoted,
 * because JSON strings are YAML.
 */
const text = (value: string): string => JSON.stringify(quote(value));

/** Since 1.14 a document; the list in the machine config is deprecated there. Source: siderolabs/talos, config types. */
export const loadModule = (name: string, tag: string | undefined): string =>
  isAtLeast(tag, '1.14')
    ? `{apiVersion: v1alpha1, kind: KernelModuleConfig, name: ${text(name)}}`
    : `{machine: {kernel: {modules: [{name: ${text(name)}}]}}}`;

/** What stands in it the documentation of the extension says. */
export const extensionService = (name: string): string =>
  `{apiVersion: v1alpha1, kind: ExtensionServiceConfig, name: ${text(name)}, configFiles: [{content: "CONTENT", mountPath: "PATH"}]}`;

/** HostnameConfig exists from 1.12 on; it takes either a hostname or auto, which then has to go. */
export const hostname = (name: string, tag: string | undefined): string =>
  isAtLeast(tag, '1.12')
    ? `{apiVersion: v1alpha1, kind: HostnameConfig, hostname: ${text(name)}}`
    : `{machine: {network: {hostname: ${text(name)}}}}`;

/** 8 GiB, the most that etcd recommends. */
export const LARGER_ETCD_QUOTA = '{cluster: {etcd: {extraArgs: {quota-backend-bytes: "8589934592"}}}}';
export const OOM_CONTROLLER_OFF = '{apiVersion: v1alpha1, kind: OOMConfig, triggerExpression: "false"}';
export const GROW_EPHEMERAL = '{apiVersion: v1alpha1, kind: VolumeConfig, name: EPHEMERAL, provisioning: {grow: true}}';
export const TIME_SERVERS = '{machine: {time: {servers: ["SERVER"]}}}';
export const NAME_SERVERS = '{machine: {network: {nameservers: ["SERVER"]}}}';

/** By hardware address, which stays when the kernel names the card anew. */
export const addressByCard = (hardwareAddr: string | undefined, addresses: readonly string[]): string =>
  `{machine: {network: {interfaces: [{deviceSelector: {hardwareAddr: ${text(hardwareAddr ?? 'HARDWARE ADDRESS')}}, addresses: [${addresses.map(text).join(', ')}]}]}}}`;

export const certSan = (address: string): string => `{machine: {certSANs: [${text(address)}]}}`;

/** Nothing in it is left for a person to fill in. */
export const isWhole = (patch: string): boolean => !/"[A-Z]+(?: [A-Z]+)*"/.test(patch);
