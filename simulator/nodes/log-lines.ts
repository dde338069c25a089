import { status } from '@grpc/grpc-js';
import type { LogsRequest } from '../../lib/talos/generated/machine/machine.ts';
import { refusal } from './access.ts';
import { type Answer, answer, type CallContext, refuse } from './call-context.ts';
import { etcdLog, spellEtcd } from './etcd-log.ts';
import { bootOf } from './record.ts';
import type { KernelLine } from './state.ts';
import { staticPodsOf } from './static-pods.ts';
import { minorOf } from './version.ts';

/** RFC3339Nano as Go prints it: trailing zeros cut, nothing when the fraction is zero. */
function nano(at: number, salt: number): string {
  const whole = new Date(at).toISOString();
  const fine = String((salt * 7919) % 10_000).padStart(4, '0');
  const fraction = `${whole.slice(20, 23)}${fine}`.replace(/0+$/, '');
  return `${whole.slice(0, 19)}${fraction === '' ? '' : `.${fraction}`}Z`;
}

/** One kernel message per frame. Source: Dmesg in internal/app/machined/internal/server/v1alpha1/v1alpha1_server.go. */
export const dmesgFrame = ({ at, facility, priority, text }: KernelLine, n: number): string =>
  `${facility}: ${priority.padStart(7)}: [${nano(at, n)}]: ${text}`;

const unknown = (text: string) => refuse(refusal(status.UNKNOWN, text));

/** Logs of services and of the containers of Kubernetes. Source: Logs in the same file. */
export function logLines(context: CallContext, request: LogsRequest): Answer<readonly string[]> {
  const { namespace, id, driver } = request;
  if (namespace === 'system' || id === 'kubelet') return serviceLog(context, id);
  if (namespace === '' && minorOf(context.node.physical.version) >= 13) {
    return refuse(refusal(status.INVALID_ARGUMENT, "namespace can't be empty"));
  }
  if (driver === 'CRI' && namespace !== 'k8s.io') {
    return unknown('CRI inspector is supported only for K8s namespace');
  }
  const pods = driver === 'CRI' ? staticPodsOf(context.around.state, context.node) : [];
  const pod = pods.find(({ containerLogId }) => containerLogId === id);
  if (pod === undefined) return unknown(`container ${JSON.stringify(id)} not found`);
  const last = pod.fault?.log ?? ['E 1 run.go:72] "command failed" err="exit status 1"'];
  const failed = pod.fault === undefined ? [] : last;
  return answer(['I 1 serving.go:386] "Starting"', ...failed].map((text) => `${pod.since} stderr F ${text}`));
}

/** Of the service, or of a part of machined. The log lives in memory, so it starts with the boot. */
function serviceLog({ node }: CallContext, id: string): Answer<readonly string[]> {
  const boot = bootOf(node);
  if (id === 'kernel' && minorOf(node.physical.version) >= 12) {
    return answer(boot.kernelLog.map((line, n) => dmesgFrame(line, n)));
  }
  const kernelText = boot.kernelLog.filter(({ text }) => text.startsWith('[talos] '));
  if (id === 'machined' || id === 'controller-runtime') {
    const isController = (text: string) => text.includes('"component": "controller-runtime"');
    const wanted = kernelText.filter(({ text }) => isController(text) === (id === 'controller-runtime'));
    return answer(wanted.map(({ at, text }) => `${nano(at, 0)} ${text.slice(8)}`));
  }
  const service = boot.services[id];
  if (service === undefined) {
    return refuse(refusal(status.UNKNOWN, `log ${JSON.stringify(id)} was not registered`));
  }
  const said =
    id === 'etcd'
      ? etcdLog(service, boot.etcdName).map(({ at, line }) => ({ at, text: spellEtcd(nano(at, 0), line) }))
      : service.events
          .filter(({ state }) => state === 'Running')
          .map(({ at, message }) => ({ at, text: `${nano(at, 0)} ${message}` }));
  const lines = [...said, ...(boot.logs?.[id] ?? [])].sort((a, b) => a.at - b.at);
  return answer(lines.map(({ text }) => text));
}
