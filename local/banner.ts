import type { World } from '../simulator/world.ts';

/** One screen: where things are, what to click first. */
export function banner(said: {
  readonly address: string;
  readonly alertToken: string;
  readonly apiToken: string;
  readonly world: World;
  readonly dataFolder: string;
}): string {
  const { address, alertToken, apiToken, world, dataFolder } = said;
  const controlPlanes = world.nodes.filter(({ role }) => role === 'controlplane').length;
  return `
Talos Medic is running.

  Panel   ${address}/local/panel     break a node, watch the simulated cluster
  Slack   ${address}/local/slack     the channel with the cards; choose who you are
  Audit   ${address}/audit           every incident, step by step

  What to do first
    1. Panel: "c04-state-not-found-in-time", press "Break it".
    2. Slack: read the card, press "Restore config", fill in the form.
    3. Slack, as the Second engineer: press "Review" and approve. Then watch the card.

  Cluster ${world.cluster}: ${controlPlanes} control planes, ${world.nodes.length - controlPlanes} workers, simulated, on ${world.nodeCidr}
  Images  ${world.factory}     the simulated Image Factory that they are upgraded from
  Alerts  POST ${address}/alerts     bearer token ${alertToken}
  API     GET  ${address}/api/incidents     bearer token ${apiToken}
  Data    ${dataFolder} (kept when you stop; delete the folder to start anew)

Ctrl-C ends everything.`;
}
