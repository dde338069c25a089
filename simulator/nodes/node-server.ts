import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import * as grpc from '@grpc/grpc-js';
import type { ApplyConfigurationRequest, RebootRequest } from '../../lib/talos/generated/machine/machine.ts';
import { cosiState, machineService, storageService } from '../../lib/talos/methods.ts';
import { checkAccess, NOT_AUTHORIZED, READER, type Refusal } from './access.ts';
import { applyConfiguration, checkApply, describeApply } from './apply-configuration.ts';
import { type Answer, answer, type CallContext, refuse, type Surroundings } from './call-context.ts';
import { getResource, listResources } from './cosi.ts';
import { rolesOf } from './credentials.ts';
import { etcdAlarmList, etcdMemberList, etcdStatus } from './etcd-calls.ts';
import { findTarget, hasFault } from './forward.ts';
import { disks, mounts, serviceList, systemStat, version } from './machine-calls.ts';
import { isLocked, refuseLocked } from './reboot-steps.ts';
import { spoil, withSpoiling } from './spoiled-replies.ts';
import type { NodeState } from './state.ts';
import { CONNECTION_LOST, dmesg, events, logs, StreamRefusal } from './streams.ts';

const SLOW_MS = 3_000;
/** What was written is on its way before the connection goes. */
const FRAME_LEAVES_MS = 20;

type Method = { readonly path: string };
const nameOf = ({ path }: Method): string => path.slice(path.lastIndexOf('/') + 1);
type Call = Pick<grpc.ServerUnaryCall<unknown, unknown>, 'getAuthContext' | 'metadata' | 'on'>;

function signalOf(call: Call): AbortSignal {
  const abort = new AbortController();
  call.on('cancelled', () => abort.abort());
  return abort.signal;
}

/** Who answers, and with which rights: the same for every method. */
async function enter(
  around: Surroundings,
  contacted: NodeState,
  call: Call,
  method: string,
  signal: AbortSignal,
): Promise<{ readonly context: CallContext } | { readonly refusal: Refusal; readonly context?: CallContext }> {
  const header = call.metadata.get('node').map(String);
  const found = await findTarget(around.state, contacted, header, signal);
  if ('refusal' in found) return found;
  const { node } = found;
  const isMaintenance = node.boot?.api === 'maintenance';
  const roles = isMaintenance ? [READER ?? ''] : rolesOf(call);
  const context = { around, node, roles };
  const slow = node.faults.find((known) => known.fault === 'slow' && (known.method ?? method) === method);
  if (slow !== undefined) await sleep(slow.delay ?? SLOW_MS);
  if (hasFault(node, 'hang', method)) await new Promise(() => {});
  if (node.boot === undefined) return { refusal: { code: grpc.status.UNAVAILABLE, details: 'node is down' } };
  if (hasFault(node, 'role_denied') || hasFault(node, 'role_denied', method)) {
    return { refusal: NOT_AUTHORIZED, context };
  }
  const refused = checkAccess(node, method, roles);
  return refused ? { refusal: refused, context } : { context };
}

/** Who forwarded the call keeps its own connections and tells its caller that it lost the other one. */
function lose(around: Surroundings, contacted: NodeState, node: NodeState, tell: (refused: Refusal) => void): void {
  if (contacted === node) around.drop(node);
  else tell(CONNECTION_LOST);
}

/** Only what changes the node: a dry run is answered. */
const isHeld = (node: NodeState, method: string, request: unknown): boolean =>
  MUTATING.has(method) && !isDryRun(request) && (hasFault(node, 'hold_reply') || hasFault(node, 'hold_reply', method));

const isDryRun = (request: unknown): boolean =>
  typeof request === 'object' && request !== null && 'dryRun' in request && request.dryRun === true;

const isDropping = (node: NodeState, method: string) => hasFault(node, 'drop') || hasFault(node, 'drop', method);

const unary =
  <Q, R>(
    around: Surroundings,
    contacted: NodeState,
    method: Method,
    run: (context: CallContext, request: Q) => Answer<R>,
  ) =>
  (call: grpc.ServerUnaryCall<Q, R>, callback: grpc.sendUnaryData<R>): void => {
    const name = nameOf(method);
    const respond = async () => {
      const entered = await enter(around, contacted, call, name, signalOf(call));
      if ('refusal' in entered) {
        journalRefusal(entered.context, name, call.request, entered.refusal);
        return callback(entered.refusal);
      }
      const { context } = entered;
      const replied = run(context, call.request);
      if (isDropping(context.node, name)) return lose(around, contacted, context.node, callback);
      if ('value' in replied && isHeld(context.node, name, call.request)) return;
      if ('refusal' in replied) return callback(replied.refusal);
      spoil(context.node, name, replied.value);
      callback(null, replied.value);
    };
    respond().catch((error: unknown) => callback({ code: grpc.status.INTERNAL, details: String(error) }));
  };

const stream =
  <Q, R>(
    around: Surroundings,
    contacted: NodeState,
    method: Method,
    run: (context: CallContext, request: Q, signal: AbortSignal) => AsyncIterable<R>,
  ) =>
  (call: grpc.ServerWritableStream<Q, R>): void => {
    const name = nameOf(method);
    const signal = signalOf(call);
    const end = (refused: Refusal) => call.emit('error', refused);
    const respond = async () => {
      const entered = await enter(around, contacted, call, name, signal);
      if ('refusal' in entered) return end(entered.refusal);
      for await (const frame of run(entered.context, call.request, signal)) {
        if (signal.aborted) return;
        spoil(entered.context.node, name, frame);
        call.write(frame);
        if (!isDropping(entered.context.node, name)) continue;
        await sleep(FRAME_LEAVES_MS);
        return lose(around, contacted, entered.context.node, end);
      }
      call.end();
    };
    respond().catch((error: unknown) => {
      if (error instanceof StreamRefusal) end(error.refusal);
      else end({ code: grpc.status.INTERNAL, details: String(error) });
    });
  };

const MUTATING = new Set(['Reboot', 'ApplyConfiguration']);

function journal(
  context: CallContext,
  method: string,
  request: Record<string, unknown>,
  dryRun: boolean,
  refused?: Refusal,
) {
  const { around, node } = context;
  const outcome = refused ? `${refused.code} ${refused.details}` : 'accepted';
  const at = new Date(around.now()).toISOString();
  const roles = node.boot?.api === 'maintenance' ? [] : [...context.roles];
  around.journal.append({ at, node: node.name, method, roles, request, dryRun, outcome });
  node.lastActions = [...node.lastActions.slice(-9), { at, method: dryRun ? `${method} (dry run)` : method, outcome }];
}

/** A call that the node refuses at its door reached it all the same. */
function journalRefusal(context: CallContext | undefined, method: string, request: unknown, refused: Refusal): void {
  if (context === undefined || !MUTATING.has(method)) return;
  const isApply = typeof request === 'object' && request !== null && 'data' in request;
  journal(context, method, isApply ? { bytes: 'not read' } : {}, isDryRun(request), refused);
}

function reboot(context: CallContext, { mode }: RebootRequest) {
  const { around, node } = context;
  journal(context, 'Reboot', { mode }, false);
  const actorId = randomUUID();
  if (isLocked(node) || hasFault(node, 'locked')) refuseLocked(node, around.now());
  else around.engine.plan(node, 100, { kind: 'sequence_starts', actorId });
  around.touch(node);
  return answer({ messages: [{ actorId }] });
}

function apply(context: CallContext, request: ApplyConfigurationRequest) {
  const checked = checkApply(context, request);
  const refused = 'refused' in checked ? checked.refused : undefined;
  journal(context, 'ApplyConfiguration', describeApply(request), request.dryRun, refused);
  if ('refused' in checked) return refuse(checked.refused);
  return applyConfiguration(context, request, checked.mode);
}

/** The gRPC server of one node. Who may connect is decided in front of it. */
export function createNodeServer(around: Surroundings, node: NodeState): grpc.Server {
  const server = new grpc.Server({
    'grpc.max_receive_message_length': 32 * 1024 * 1024,
    'grpc.max_send_message_length': 32 * 1024 * 1024,
  });
  const u = <Q, R>(method: Method, run: (context: CallContext, request: Q) => Answer<R>) =>
    unary(around, node, method, run);
  const s = <Q, R>(method: Method, run: (context: CallContext, request: Q, signal: AbortSignal) => AsyncIterable<R>) =>
    stream(around, node, method, run);
  const m = machineService;
  server.addService(withSpoiling(m), {
    version: u(m.version, version),
    serviceList: u(m.serviceList, serviceList),
    systemStat: u(m.systemStat, systemStat),
    mounts: u(m.mounts, mounts),
    dmesg: s(m.dmesg, dmesg),
    logs: s(m.logs, logs),
    events: s(m.events, events),
    etcdMemberList: u(m.etcdMemberList, (context, request: { queryLocal: boolean }) =>
      etcdMemberList(context, request.queryLocal),
    ),
    etcdStatus: u(m.etcdStatus, etcdStatus),
    etcdAlarmList: u(m.etcdAlarmList, etcdAlarmList),
    reboot: u(m.reboot, reboot),
    applyConfiguration: u(m.applyConfiguration, apply),
  });
  const resources = (context: CallContext) => ({ cluster: around.state, node: context.node, now: around.now() });
  server.addService(withSpoiling(cosiState), {
    get: u(cosiState.get, (context, request: { namespace: string; type: string; id: string }) => {
      const found = getResource(resources(context), request, context.roles);
      return 'value' in found ? answer({ resource: found.value }) : found;
    }),
    list: s(cosiState.list, async function* (context, request: { namespace: string; type: string }) {
      const found = listResources(resources(context), request, context.roles);
      if ('refusal' in found) throw new StreamRefusal(found.refusal);
      for (const resource of found.value) yield { resource };
    }),
  });
  server.addService(withSpoiling(storageService), { disks: u(storageService.disks, disks) });
  return server;
}
