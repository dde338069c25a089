import * as grpc from '@grpc/grpc-js';
import { imageService, lifecycleService, machineChanges } from '../../lib/talos/changing-methods.ts';
import { cosiState, machineService, storageService, timeService } from '../../lib/talos/methods.ts';
import { type Answer, answer, type CallContext, type Surroundings } from './call-context.ts';
import { apply, reboot, shutdown } from './changing-calls.ts';
import { getResource, listResources } from './cosi.ts';
import { etcdAlarmList, etcdMemberList, etcdStatus } from './etcd-calls.ts';
import { etcdAlarmDisarm, etcdDefragment, etcdForfeitLeadership } from './etcd-changes.ts';
import { etcdRemoveMember } from './etcd-remove-member.ts';
import { etcdSnapshot } from './etcd-snapshot.ts';
import { diskUsage, list } from './file-calls.ts';
import { pull } from './image-calls.ts';
import { lifecycleUpgrade } from './lifecycle-calls.ts';
import { disks, mounts, serviceList, version } from './machine-calls.ts';
import { reset } from './reset-calls.ts';
import { rollback } from './rollback-calls.ts';
import { type Method, stream, unary } from './serve.ts';
import { serviceRestart } from './service-calls.ts';
import { shutdownMethods } from './shutdown-method.ts';
import { withSpoiling } from './spoiled-replies.ts';
import type { NodeState } from './state.ts';
import { dmesg, events, logs, StreamRefusal } from './streams.ts';
import { time, timeCheck } from './time-calls.ts';
import { upgrade } from './upgrade-calls.ts';
import { loadAvg, memory, processes, systemStat } from './usage-calls.ts';
import { watch } from './watch.ts';

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
    memory: u(m.memory, memory),
    loadAvg: u(m.loadAvg, loadAvg),
    processes: u(m.processes, processes),
    list: s(m.list, list),
    diskUsage: s(m.diskUsage, diskUsage),
    dmesg: s(m.dmesg, dmesg),
    logs: s(m.logs, logs),
    events: s(m.events, events),
    etcdMemberList: u(m.etcdMemberList, (context, request: { queryLocal: boolean }) =>
      etcdMemberList(context, request.queryLocal),
    ),
    etcdStatus: u(m.etcdStatus, etcdStatus),
    etcdAlarmList: u(m.etcdAlarmList, etcdAlarmList),
    etcdSnapshot: s(m.etcdSnapshot, etcdSnapshot),
  });
  server.addService(withSpoiling(machineChanges), {
    reboot: u(machineChanges.reboot, reboot),
    applyConfiguration: u(machineChanges.applyConfiguration, apply),
    reset: u(machineChanges.reset, reset),
    rollback: u(machineChanges.rollback, rollback),
    upgrade: u(machineChanges.upgrade, upgrade),
    serviceRestart: u(machineChanges.serviceRestart, serviceRestart),
    etcdRemoveMemberById: u(machineChanges.etcdRemoveMemberById, etcdRemoveMember),
    etcdForfeitLeadership: u(machineChanges.etcdForfeitLeadership, etcdForfeitLeadership),
    etcdDefragment: u(machineChanges.etcdDefragment, etcdDefragment),
    etcdAlarmDisarm: u(machineChanges.etcdAlarmDisarm, etcdAlarmDisarm),
  });
  server.addService(withSpoiling(shutdownMethods), { shutdown: u(shutdownMethods.shutdown, shutdown) });
  server.addService(withSpoiling(imageService), { pull: s(imageService.pull, pull) });
  server.addService(withSpoiling(lifecycleService), { upgrade: s(lifecycleService.upgrade, lifecycleUpgrade) });
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
    watch: s(cosiState.watch, watch),
  });
  server.addService(withSpoiling(storageService), { disks: u(storageService.disks, disks) });
  server.addService(withSpoiling(timeService), {
    time: u(timeService.time, time),
    timeCheck: u(timeService.timeCheck, timeCheck),
  });
  return server;
}
