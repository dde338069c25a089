import type { Key } from '../store/ledger-types.ts';

/** Keys of the `state` table beside the heads of streams. They carry the cluster: names repeat between clusters. */
export const openIncidentKey = (cluster: string, subject: string): Key => ({ pk: `OPEN#${cluster}`, sk: subject });
export const alertKey = (
  cluster: string,
  fingerprint: string,
  startsAt: string,
  status: 'firing' | 'resolved',
): Key => ({
  pk: `ALERT#${cluster}#${fingerprint}`,
  sk: `${startsAt}#${status}`,
});
export const inventoryKey = (cluster: string, node: string): Key => ({ pk: `INVENTORY#${cluster}`, sk: node });
export const planKey = (planId: string): Key => ({ pk: `PLAN#${planId}`, sk: 'PLAN' });
export const approvalKey = (planHash: string, user: string): Key => ({ pk: `APPROVAL#${planHash}`, sk: user });
export const leaseKey = (cluster: string): Key => ({ pk: `LEASE#${cluster}`, sk: 'LEASE' });
/** Which plan began last in the cluster. Beside the lease, because who may write the one may write the other. */
export const lastStartedKey = (cluster: string): Key => ({ pk: `LEASE#${cluster}`, sk: 'LAST_STARTED' });
export const freezeKey = (cluster: string): Key => ({ pk: `FREEZE#${cluster}`, sk: 'FREEZE' });
/** When the last storm that was seen ends. */
export const stormKey = (cluster: string): Key => ({ pk: `STORM#${cluster}`, sk: 'STORM' });
export const pastActionsKey = (cluster: string, node: string, action: string): Key => ({
  pk: `PAST#${cluster}#${node}`,
  sk: action,
});
export const claimKey = (stream: string, step: string): Key => ({ pk: `CLAIM#${stream}`, sk: step });
/** `about`: an incident, or a cluster. */
export const refusalKey = (about: string, user: string, minute: string, what: string): Key => ({
  pk: `REFUSAL#${about}`,
  sk: `${user}#${minute}#${what}`,
});
