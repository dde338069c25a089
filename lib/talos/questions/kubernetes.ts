import * as cluster from '../resources/cluster.ts';
import * as k8s from '../resources/kubernetes.ts';
import { onlyResource } from '../sweep.ts';
import { all, configured, one, type Question } from './question.ts';

/** The cluster as the node sees it. */
export const kubernetes: readonly Question[] = [
  {
    asks: 'To which cluster does it belong?',
    ...configured,
    ...one(cluster.clusterInfo, cluster.CLUSTER_INFO_ID, (clusterInfo) => ({ clusterInfo })),
  },
  {
    asks: 'Whom does it know in the cluster?',
    ...configured,
    ...all(cluster.member, (members) => ({ members })),
  },
  {
    asks: 'Who has announced itself to the cluster, and from where?',
    ...configured,
    ...all(cluster.affiliate, (affiliates) => ({ affiliates })),
  },
  {
    asks: 'Under which name is it in Kubernetes?',
    ...configured,
    ...one(k8s.nodename, k8s.NODENAME_ID, (nodename) => ({ nodename })),
  },
  {
    asks: 'Is it Ready in Kubernetes, and with which labels?',
    ...configured,
    sources: [k8s.nodeStatus.type],
    take: async (take) => ({ nodeStatus: await take(k8s.nodeStatus.type, onlyResource(k8s.nodeStatus)) }),
  },
];
