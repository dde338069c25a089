import { afterEach, beforeAll } from 'vitest';
import {
  addressBlock,
  type Cluster,
  type FakeNode,
  makeCluster,
  nodeCertificate,
  running,
  startNode,
  version,
} from './fake-node.ts';

export type Parts = NonNullable<Parameters<typeof startNode>[2]>;

/** A cluster of one test file on addresses of its own; its nodes are closed after each test. */
export function nodesForThisFile() {
  const block = addressBlock();
  const nodes: FakeNode[] = [];
  let made: Cluster | undefined;
  let hosts = 100;
  beforeAll(async () => {
    made = await makeCluster(block);
  });
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.close();
  });
  const clusterOf = (): Cluster => {
    if (made === undefined) throw new Error('the cluster is made before the first test');
    return made;
  };
  const keep = (node: FakeNode): FakeNode => {
    nodes.push(node);
    return node;
  };
  return {
    block,
    get cluster() {
      return clusterOf();
    },
    /** Closes it after the test. */
    keep,
    /** A running node of the cluster, at the next free address where none is said. */
    async startRunning(parts: Parts = {}, host?: number): Promise<FakeNode> {
      hosts += 1;
      const address = `${block}.${host ?? hosts}`;
      const { ca } = clusterOf();
      return keep(await startNode(address, running(nodeCertificate(clusterOf(), address), ca), parts));
    },
    /** The same, of one version. */
    startVersion(tag: string, parts: Parts = {}): Promise<FakeNode> {
      return this.startRunning({ ...parts, machine: { version: version(tag), ...parts.machine } });
    },
  };
}
