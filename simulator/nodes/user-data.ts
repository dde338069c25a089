import { bootOf, controller, talos } from './record.ts';
import type { NodeState } from './state.ts';
import { after, type Next } from './step.ts';

const URL = 'http://169.254.169.254/hetzner/v1/userdata';
const RETRY_MS = 1_000;
const DECIDES_MS = 800;

/** Without a config on its disk a machine asks its platform for one, and waits to be given one where there is none. */
export function looksElsewhere(node: NodeState, at: number): Next[] {
  if (node.physical.metadata?.userData === undefined) return [after(DECIDES_MS, { kind: 'enters_maintenance' })];
  talos(node, at, `fetching machine config from: "${URL}"`);
  return [after(DECIDES_MS, { kind: 'user_data_is_asked_for' })];
}

export function userDataIsAskedFor(node: NodeState, at: number): Next[] {
  const boot = bootOf(node);
  if (!boot.hasMetadata) return [after(RETRY_MS, { kind: 'user_data_is_asked_for' })];
  boot.givenConfig = node.physical.metadata?.userData;
  const fields = controller('config.AcquireController', { sources: ['platform'] });
  talos(node, at, 'machine config loaded successfully', fields);
  return [after(0, { kind: 'takes_config' })];
}
