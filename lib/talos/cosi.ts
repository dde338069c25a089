import * as z from 'zod';
import { redactText } from '../evidence/redact.ts';
import { err, ok, type Result } from '../result.ts';
import { type ResourceType, resourceRule } from '../versions/resources.ts';
import type { CallContext } from './call.ts';
import type { Connection } from './connection.ts';
import type { Resource as WireResource } from './generated/cosi/resource/state.ts';
import { cosiState } from './methods.ts';
import { parseSafeYaml } from './safe-yaml.ts';
import type { TalosError } from './talos-error.ts';

/** A COSI resource type and how its `yaml_spec` becomes one of our readings. */
export type ResourceKind<T> = {
  /** `VolumeStatuses.block.talos.dev` */
  readonly type: ResourceType;
  readonly namespace: string;
  /** Problems as short texts. */
  readonly parse: (spec: unknown, id: string) => Result<T, string>;
};

export function resourceKind<S extends z.ZodType, T>(
  type: ResourceType,
  schema: S,
  build: (spec: z.output<S>, id: string) => T,
  namespace = resourceRule(type).namespace,
): ResourceKind<T> {
  const parse = (spec: unknown, id: string): Result<T, string> => {
    const parsed = schema.safeParse(spec);
    if (parsed.success) return ok(build(parsed.data, id));
    const issues = parsed.error.issues
      .slice(0, 3)
      .map((issue) => `${issue.path.join('.') || '(top)'}: ${issue.message}`);
    return err(issues.join('; '));
  };
  return { type, namespace, parse };
}

/** Any type of the table, as the node prints it: checked to be harmless, and nothing else. */
export const untyped = (type: ResourceType): ResourceKind<{ readonly id: string; readonly spec: unknown }> => ({
  type,
  namespace: resourceRule(type).namespace,
  parse: (spec, id) => ok({ id, spec }),
});

const MAX_TEXT_CHARS = 4096;
const MAX_RESOURCES = 5000;
const MAX_LIST_CHARS = 2 * 1024 * 1024;

/** Text of a spec. Go leaves empty values out or writes null; numbers appear where a text only looks like one. */
export const Text = z
  .union([z.string(), z.number(), z.boolean()])
  .nullish()
  .transform((value) => String(value ?? '').slice(0, MAX_TEXT_CHARS));
/** Sentences of Talos and of the kernel's command line, in which a secret may stand. */
export const Said = Text.transform((text) => redactText(text).text);
export const Flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
export const Bytes = z
  .int()
  .min(0)
  .nullish()
  .transform((value) => value ?? 0);
export const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .max(MAX_RESOURCES)
    .nullish()
    .transform((value) => value ?? []);

export async function getResource<T>(
  connection: Connection,
  kind: ResourceKind<T>,
  id: string,
  context: CallContext & { readonly node: string },
): Promise<Result<T, TalosError>> {
  const request = { namespace: kind.namespace, type: kind.type, id, options: {} };
  const reply = await connection.unary(cosiState.get, request, context);
  if (!reply.ok) return err({ ...reply.error, source: kind.type });
  return await parseInTurn(kind, reply.value.resource, context.node);
}

/** All resources of a type: complete or an error. One that cannot be read spoils the list: half a list misleads. */
export async function listResources<T>(
  connection: Connection,
  kind: ResourceKind<T>,
  context: CallContext & { readonly node: string },
): Promise<Result<readonly T[], TalosError>> {
  const wire: (WireResource | undefined)[] = [];
  let chars = 0;
  const isTooLarge = () => wire.length > MAX_RESOURCES || chars > MAX_LIST_CHARS;
  const request = { namespace: kind.namespace, type: kind.type };
  const end = await connection.read(cosiState.list, request, context, {
    onFrame: ({ resource }) => {
      wire.push(resource);
      chars += resource?.spec?.yamlSpec.length ?? 0;
      return !isTooLarge();
    },
  });
  if (!end.ok) return err({ ...end.error, source: kind.type });
  const { node } = context;
  if (isTooLarge()) {
    return err({ code: 'too_large', node, source: kind.type, text: `${wire.length} resources, ${chars} characters` });
  }
  const items: T[] = [];
  for (const resource of wire) {
    const item = await parseInTurn(kind, resource, node);
    if (!item.ok) return item;
    items.push(item.value);
  }
  return ok(items);
}

/** Each in a turn of its own: many that are hard to parse, sent at once, must not hold up everything else. */
export async function parseInTurn<T>(
  kind: ResourceKind<T>,
  resource: WireResource | undefined,
  node: string,
): Promise<Result<T, TalosError>> {
  await new Promise((resolve) => setImmediate(resolve));
  return parseResource(kind, resource, node);
}

function parseResource<T>(
  kind: ResourceKind<T>,
  resource: WireResource | undefined,
  node: string,
): Result<T, TalosError> {
  const malformed = (text: string) =>
    err<TalosError>({ code: 'malformed_reply', node, source: kind.type, text: text.slice(0, 600) });
  if (resource?.metadata === undefined || resource.spec === undefined) return malformed('no metadata or no spec');
  const spec = parseSafeYaml(resource.spec.yamlSpec);
  if (!spec.ok) return malformed(spec.error);
  const parsed = kind.parse(spec.value, resource.metadata.id.slice(0, MAX_TEXT_CHARS));
  return parsed.ok ? parsed : malformed(parsed.error);
}
