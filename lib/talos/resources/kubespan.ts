import * as z from 'zod';
import { resourceKind, Text } from '../cosi.ts';

/** One per peer, by its public key; none where KubeSpan is off. `state`: unknown, up or down; `label`: name of the node. */
export const kubespanPeer = resourceKind(
  'KubeSpanPeerStatuses.kubespan.talos.dev',
  z.object({ label: Text, endpoint: Text, state: Text, lastHandshakeTime: Text }),
  ({ label, endpoint, state, lastHandshakeTime }) => ({ label, state, endpoint, lastHandshakeAt: lastHandshakeTime }),
);
