import type { Readings } from '../../evidence/evidence.ts';
import type { Reading } from '../../evidence/reading.ts';
import { type CallName, isCallName, isOffered } from '../../versions/calls.ts';
import { isReadable, type ResourceType } from '../../versions/resources.ts';
import type { ResourceKind } from '../cosi.ts';
import type { Reader } from '../readings/read.ts';
import { resource, resources } from '../sweep.ts';
import type { NodeTarget } from '../talos.ts';

/** What decides which questions make sense. `version`: as the node said it, else as last known. */
export type Asked = {
  readonly isMaintenance: boolean;
  readonly role: NodeTarget['role'];
  readonly version: string | undefined;
};
export type Take = <T>(what: string, reader: Reader<T>) => Promise<Reading<T>>;

export type QuestionSource = CallName | ResourceType;

/**
 * One thing that a sweep asks of a node, and of which nodes. What a version, mode or role cannot answer is not asked, so
 * that an error in a reading always means something. docs/talos.md is written from these.
 */
export type Question = {
  readonly asks: string;
  /** Where the answer comes from; asked of a node that offers at least one of them to a reader. */
  readonly sources: readonly QuestionSource[];
  readonly nodes: 'any' | 'controlplane';
  /** A node without a config has no answer to it. */
  readonly needsConfig: boolean;
  readonly take: (take: Take, asked: Asked) => Promise<Readings>;
};

export const isAnswered = (source: QuestionSource, { version, isMaintenance }: Asked): boolean =>
  isCallName(source) ? isOffered(source, version, isMaintenance) : isReadable(source, version);

export const isAsked = ({ sources, nodes, needsConfig }: Question, asked: Asked): boolean =>
  (nodes === 'any' || asked.role === 'controlplane') &&
  !(needsConfig && asked.isMaintenance) &&
  sources.some((source) => isAnswered(source, asked));

export const always = { nodes: 'any', needsConfig: false } as const;
export const configured = { nodes: 'any', needsConfig: true } as const;
export const controlPlanes = { nodes: 'controlplane', needsConfig: true } as const;

type Answer = Pick<Question, 'sources' | 'take'>;
/** The answer of one call. */
export const call = <T>(name: CallName, reader: Reader<T>, as: (reading: Reading<T>) => Readings): Answer => ({
  sources: [name],
  take: async (take) => as(await take(name, reader)),
});
/** One resource by its id. */
export const one = <T>(kind: ResourceKind<T>, id: string, as: (reading: Reading<T>) => Readings): Answer => ({
  sources: [kind.type],
  take: async (take) => as(await take(kind.type, resource(kind, id))),
});
/** All resources of a type. */
export const all = <T>(kind: ResourceKind<T>, as: (reading: Reading<readonly T[]>) => Readings): Answer => ({
  sources: [kind.type],
  take: async (take) => as(await take(kind.type, resources(kind))),
});
