import * as z from 'zod';

/**
 * Copies of an event's fields that the indexes of the audit table need, always derivable from the body:
 * `nodePk` = cluster#node, `actorPk` = id of a person, `dayPk` = UTC day, `at` = their sort key.
 * Medic's and Alertmanager's own events stay out of the actor index: nobody looks for them, each would cost a write.
 */
export type IndexCopies = Readonly<Partial<Record<'nodePk' | 'actorPk' | 'dayPk' | 'at', string>>>;

/** DynamoDB refuses empty strings as keys, so an empty field counts as absent. */
const Text = z.string().min(1).optional().catch(undefined);
const Fields = z.object({
  at: Text,
  cluster: Text,
  node: Text,
  actor: z.object({ kind: Text, id: Text }).optional().catch(undefined),
});

export function indexCopies(event: unknown): IndexCopies {
  const fields = Fields.safeParse(event);
  if (!fields.success || fields.data.at === undefined) return {};
  const { at, cluster, node, actor } = fields.data;
  const isPerson = actor?.kind === undefined || actor.kind === 'person';
  return {
    at,
    dayPk: at.slice(0, 10),
    ...(cluster === undefined || node === undefined ? {} : { nodePk: `${cluster}#${node}` }),
    ...(actor?.id === undefined || !isPerson ? {} : { actorPk: actor.id }),
  };
}

/** The name of the first copy that differs from what the body says. */
export function wrongCopy(event: unknown, copies: IndexCopies): string | undefined {
  const right = indexCopies(event);
  return (['nodePk', 'actorPk', 'dayPk', 'at'] as const).find((name) => right[name] !== copies[name]);
}
