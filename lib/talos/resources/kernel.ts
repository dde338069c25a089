import * as z from 'zod';
import { list, resourceKind, Said, Text } from '../cosi.ts';

export const CMDLINE_ID = 'cmdline';
export const cmdline = resourceKind(
  'KernelCmdlines.runtime.talos.dev',
  z.object({ cmdline: Said }),
  (spec) => spec.cmdline,
);

/** The kernel writes `_` where people write `-`: names are compared in its form. */
export const kernelName = (name: string): string => name.replaceAll('-', '_');

/** What the config asks for. Talos writes the name under the key `string`. */
export const moduleSpec = resourceKind(
  'KernelModuleSpecs.runtime.talos.dev',
  z.object({ string: Text, parameters: list(Text) }),
  (spec, id) => ({ name: kernelName(spec.string === '' ? id : spec.string), parameters: spec.parameters }),
);

export const loadedModule = resourceKind(
  'LoadedKernelModules.runtime.talos.dev',
  z.object({ state: Text }),
  ({ state }, id) => ({ name: kernelName(id), state: state.toLowerCase() }),
);

/** Also the modules that are built into the kernel, with the state `built-in`. */
export const moduleStatus = resourceKind(
  'KernelModuleStatuses.runtime.talos.dev',
  z.object({ state: Text }),
  ({ state }, id) => ({ name: kernelName(id), state: state.toLowerCase() }),
);
