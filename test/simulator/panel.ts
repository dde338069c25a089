import * as z from 'zod';
import { controlApi } from '../../simulator/nodes/control-api.ts';
import type { RunningCluster } from '../../simulator/nodes/start-cluster.ts';

const Node = z.looseObject({
  name: z.string(),
  stage: z.string(),
  services: z.array(z.object({ id: z.string(), state: z.string() })),
  etcd: z.object({ name: z.string(), role: z.string(), alarms: z.array(z.string()) }).optional(),
});
const State = z.looseObject({ nodes: z.array(Node) });

/** The control API of a simulated cluster, and what the panel shows of its nodes as somebody at their consoles would see them. */
export async function panelOf(cluster: RunningCluster) {
  let isStopAsked = false;
  const api = controlApi(cluster, {
    seen: () => {},
    stop: () => {
      isStopAsked = true;
    },
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', () => resolve()));
  const bound = api.address();
  const control = `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`;
  const headers = { authorization: `Bearer ${cluster.world.controlToken}` };
  const state = async () => State.parse(await (await fetch(`${control}/state`, { headers })).json());
  return {
    control,
    isStopAsked: () => isStopAsked,
    post: (path: string, body: unknown) =>
      fetch(`${control}${path}`, { method: 'POST', headers, body: JSON.stringify(body) }),
    state,
    async node(name: string) {
      const found = (await state()).nodes.find((node) => node.name === name);
      if (found === undefined) throw new Error(`there is no node ${name}`);
      return found;
    },
    close(): void {
      api.close();
      api.closeAllConnections();
    },
  };
}
export type Panel = Awaited<ReturnType<typeof panelOf>>;
