import { machineService as m } from '../../lib/talos/methods.ts';
import type { Ask } from './seen.ts';

/** `name` is empty until the member has started and told it. `host`: the address at which its peers reach it. */
export type Member = {
  readonly id: string;
  readonly name: string;
  readonly isLearner: boolean;
  readonly host: string;
};

/** The members of etcd as one of the control planes knows them. */
export function etcdSeen(ask: Ask) {
  const members = async (asked: string): Promise<readonly Member[]> => {
    const seen = await ask(asked).call(m.etcdMemberList, { queryLocal: false });
    if (!('reply' in seen)) return [];
    return (seen.reply.messages[0]?.members ?? []).map(({ id, hostname, isLearner, peerUrls }) => {
      return { id, name: hostname, isLearner, host: new URL(peerUrls[0] ?? 'https://nowhere').hostname };
    });
  };
  return {
    members,
    names: async (asked: string): Promise<readonly string[]> => (await members(asked)).map(({ name }) => name),
    memberId: async (asked: string, name: string): Promise<string> =>
      (await members(asked)).find((member) => member.name === name)?.id ?? '',
    /** The id of the leader as the member of this node sees it; `0` where it sees none. */
    async leader(name: string): Promise<string> {
      const seen = await ask(name, 'operator').call(m.etcdStatus, {});
      return 'reply' in seen ? (seen.reply.messages[0]?.memberStatus?.leader ?? '') : seen.text;
    },
  };
}
