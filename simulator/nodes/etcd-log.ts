import type { Service } from './state.ts';

type Line = { readonly level: string; readonly caller: string; readonly msg: string } & Readonly<
  Record<string, string | undefined>
>;

/** What etcd itself writes, as far as it follows from what Talos says about it. */
export const etcdLog = (etcd: Service, name: string | undefined): readonly { at: number; line: Line }[] =>
  etcd.events.flatMap(({ state, message, at }) => linesOf(state, message, name).map((line) => ({ at, line })));

function linesOf(state: string, message: string, name: string | undefined): readonly Line[] {
  if (message.startsWith('Started task')) {
    return [{ level: 'info', caller: 'embed/etcd.go:312', msg: 'starting an etcd server', name }];
  }
  if (state === 'Waiting' && message.startsWith('Runner ')) {
    const caller = 'etcdserver/server.go:1154';
    const error = 'the member has been permanently removed from the cluster';
    return [
      { level: 'warn', caller, msg: 'server error', error },
      { level: 'warn', caller, msg: 'data-dir used by this member must be removed' },
    ];
  }
  const [, error] = /^Health check failed: (etcdserver: .+)$/.exec(message) ?? [];
  return error === undefined
    ? []
    : [{ level: 'warn', caller: 'v3rpc/interceptor.go:197', msg: 'request failed', error }];
}

/** One JSON object per line, the time behind the level. */
export const spellEtcd = (ts: string, { level, ...rest }: Line): string => JSON.stringify({ level, ts, ...rest });
