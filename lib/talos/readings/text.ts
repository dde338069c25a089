import type * as grpc from '@grpc/grpc-js';
import { redactLines } from '../../evidence/redact.ts';
import type { KernelLine } from '../../evidence/values.ts';
import { err, ok, type Result } from '../../result.ts';
import type { Connection } from '../connection.ts';
import { describeTalosError } from '../describe-talos-error.ts';
import type { Data } from '../generated/common/common.ts';
import { LineTail } from '../line-tail.ts';
import { machineService } from '../methods.ts';
import type { TalosError } from '../talos-error.ts';
import type { Read, ReadContext, Reader } from './read.ts';

export const MAX_KERNEL_LINES = 5000;
/** Talos' ring of one log is 1 MiB; this is what a person still reads. */
export const LOG_LINES = 1000;
const MAX_READING_CHARS = 8 * 1024 * 1024;
const MAX_STREAM_BYTES = 32 * 1024 * 1024;

/** Source: MachineService/Dmesg without follow: one kernel message per frame. */
export const readKernelLog: Reader<readonly KernelLine[]> = async (connection, context) => {
  const tail = new LineTail(MAX_KERNEL_LINES, MAX_READING_CHARS);
  const request = { follow: false, tail: false };
  const onData = (bytes: Uint8Array) => tail.push(Buffer.from(bytes).toString('utf8').trimEnd());
  const read = await readText(connection, machineService.dmesg, request, context, tail, onData);
  return read.ok ? ok({ ...read.value, value: read.value.value.map(parseKernelLine) }) : read;
};

/** Source: MachineService/Logs of a Talos service. */
export const readLog = (id: string): Reader<readonly string[]> => readLogOf('system', 'CONTAINERD', id);

/** Source: MachineService/Logs of a Kubernetes container: `<namespace>/<pod>:<container>:<12 of the container id>`. */
export const readContainerLog = (id: string): Reader<readonly string[]> => readLogOf('k8s.io', 'CRI', id);

/** `tail_lines` is always said: its zero means nothing. */
const readLogOf =
  (namespace: string, driver: 'CONTAINERD' | 'CRI', id: string): Reader<readonly string[]> =>
  (connection, context) => {
    const tail = new LineTail(LOG_LINES, MAX_READING_CHARS);
    const request = { namespace, id, driver, follow: false, tailLines: LOG_LINES };
    return readText(connection, machineService.logs, request, context, tail, (bytes) => tail.write(bytes));
  };

/** Lines that came before a stream broke off are kept, and the break is said: often they are the last that we get. */
async function readText<Q>(
  connection: Connection,
  m: grpc.MethodDefinition<Q, Data>,
  request: Q,
  context: ReadContext,
  tail: LineTail,
  onData: (bytes: Uint8Array) => void,
): Promise<Result<Read<readonly string[]>, TalosError>> {
  let bytesRead = 0;
  const end = await connection.read(m, request, context, {
    onFrame: ({ bytes }) => {
      bytesRead += bytes.length;
      onData(bytes);
      return bytesRead < MAX_STREAM_BYTES;
    },
  });
  const { lines, notes } = tail.end();
  if (!end.ok && lines.length === 0) return err(end.error);
  const clean = redactLines(lines);
  const cut = [
    ...notes,
    ...(bytesRead < MAX_STREAM_BYTES ? [] : [`reading stopped after ${MAX_STREAM_BYTES} bytes`]),
    ...(end.ok ? [] : [`broke off: ${describeTalosError(end.error)}`]),
  ].join('; ');
  return ok({ value: clean.lines, redacted: clean.redacted, ...(cut === '' ? {} : { cut }) });
}

/** `kern:    info: [2026-11-20T21:00:00.123456789Z]: text`. What looks otherwise is kept whole as the message. */
export function parseKernelLine(line: string): KernelLine {
  const match = /^([a-z0-9]{1,16}):\s{0,16}[a-z0-9]{1,16}:\s{0,4}\[([^\]]{1,64})\]:\s?(.*)$/s.exec(line);
  if (match === null) return { at: undefined, facility: '', message: line };
  const [, facility = '', time = '', message = ''] = match;
  const at = new Date(time);
  return { at: Number.isNaN(at.getTime()) ? undefined : at.toISOString(), facility, message };
}
