import type { Evidence } from '../evidence/evidence.ts';

/** How the control planes take the same certificate of ours in the same minute, by their names. */
export type PeersAccept = { readonly accepted: readonly string[]; readonly alike: readonly string[] };

/** `alike`: those that fail with one of these codes too. Who is silent is in neither. */
export const peersAccept = ({ peers }: Evidence, codes: readonly string[]): PeersAccept => ({
  accepted: peers.filter(({ machineStatus }) => machineStatus.ok).map(({ node }) => node),
  alike: peers
    .filter(({ machineStatus }) => !machineStatus.ok && codes.includes(machineStatus.error.code))
    .map(({ node }) => node),
});

/** Every control plane that says anything fails alike, so it is not this node. */
export const isEverybodyAlike = ({ accepted, alike }: PeersAccept): boolean =>
  accepted.length === 0 && alike.length > 0;
