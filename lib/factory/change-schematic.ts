import { extensionName, isSameExtension } from './extension-names.ts';
import { extensionsOf, kernelArgsOf, type Schematic } from './schematic.ts';

/** Extensions in any form that `extensionName` knows. A kernel argument without `=` also takes those with a value away. */
export type SchematicChange = {
  readonly addExtensions?: readonly string[];
  readonly removeExtensions?: readonly string[];
  readonly addKernelArgs?: readonly string[];
  readonly removeKernelArgs?: readonly string[];
};

/** What is different afterwards: for the plan, in words. */
export type ChangedSchematic = {
  readonly schematic: Schematic;
  readonly extensions: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    /** Were named more than once, or in two versions. */
    readonly madeOne: readonly string[];
  };
  readonly kernelArgs: { readonly added: readonly string[]; readonly removed: readonly string[] };
  /** Was to be removed and is not there: whoever asked for it means something else. */
  readonly notThere: readonly string[];
};

/** Order is kept, because later layers win over earlier ones; what is new comes last. All else stays as it is. */
export function changeSchematic(schematic: Schematic, change: SchematicChange): ChangedSchematic {
  const { addExtensions = [], removeExtensions = [], addKernelArgs = [], removeKernelArgs = [] } = change;
  const before = extensionsOf(schematic);
  const { once, madeOne } = eachOnce(before);
  const kept = once.filter((name) => !removeExtensions.some((other) => isSameExtension(name, other)));
  const names = eachOnce([...kept, ...addExtensions]).once;
  const argsBefore = kernelArgsOf(schematic);
  const argsKept = argsBefore.filter((arg) => !removeKernelArgs.some((other) => isArg(arg, other)));
  const args = [...argsKept, ...new Set(addKernelArgs.filter((arg) => !argsKept.includes(arg)))];
  return {
    schematic: withLists(schematic, names, args),
    extensions: {
      added: names.filter((name) => !once.includes(name)),
      removed: once.filter((name) => !names.includes(name)),
      madeOne,
    },
    kernelArgs: {
      added: args.filter((arg) => !argsBefore.includes(arg)),
      removed: argsBefore.filter((arg) => !args.includes(arg)),
    },
    notThere: [
      ...removeExtensions.filter((name) => !before.some((other) => isSameExtension(name, other))).map(extensionName),
      ...removeKernelArgs.filter((arg) => !argsBefore.some((other) => isArg(other, arg))),
    ],
  };
}

function eachOnce(names: readonly string[]): { readonly once: readonly string[]; readonly madeOne: readonly string[] } {
  const once: string[] = [];
  const madeOne = new Set<string>();
  for (const text of names) {
    const known = once.find((name) => isSameExtension(name, text));
    if (known === undefined) once.push(extensionName(text));
    else madeOne.add(known);
  }
  return { once, madeOne: [...madeOne] };
}

const isArg = (arg: string, wanted: string): boolean =>
  arg === wanted || (!wanted.includes('=') && arg.startsWith(`${wanted}=`));

function withLists(schematic: Schematic, extensions: readonly string[], kernelArgs: readonly string[]): Schematic {
  const { customization } = schematic;
  return {
    ...schematic,
    customization: {
      ...customization,
      extraKernelArgs: [...kernelArgs],
      systemExtensions: { ...customization?.systemExtensions, officialExtensions: [...extensions] },
    },
  };
}
