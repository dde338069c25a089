import { err, ok } from '../../result.ts';
import { sourceOf } from '../connection.ts';
import { machineService } from '../methods.ts';
import { kernelName } from '../resources/kernel.ts';
import { malformed, type Reader, short } from './read.ts';

const ROOT = '/sys/module';
const MAX_MODULES = 5000;

/** Source: MachineService/List of `/sys/module`, which also has built-in modules that take parameters. */
export const readKernelModuleFiles: Reader<readonly { name: string; state: string }[]> = async (
  connection,
  context,
) => {
  const names: string[] = [];
  let frames = 0;
  let fault = '';
  const request = { root: ROOT, recurse: false, recursionDepth: 0, types: [] };
  const end = await connection.read(machineService.list, request, context, {
    onFrame: ({ relativeName, isDir, error }) => {
      frames += 1;
      fault ||= error;
      if (isDir && relativeName !== '.' && relativeName !== '') names.push(kernelName(short(relativeName)));
      return frames < MAX_MODULES;
    },
  });
  if (!end.ok) return err(end.error);
  const source = sourceOf(machineService.list);
  if (names.length === 0) return err(malformed(context.node, source, fault === '' ? 'no module' : short(fault)));
  const cut = frames < MAX_MODULES ? {} : { cut: `the first ${MAX_MODULES} files` };
  return ok({ value: names.map((name) => ({ name, state: 'live' })), ...cut });
};
