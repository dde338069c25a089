import { disks } from './disks.ts';
import { etcd } from './etcd.ts';
import { kubernetes } from './kubernetes.ts';
import { load } from './load.ts';
import { machine } from './machine.ts';
import { network } from './network.ts';
import type { Question } from './question.ts';
import { services } from './services.ts';

/** A new question is one entry in one of these, its reading in lib/evidence, and a parser. */
export const questions: readonly Question[] = [
  ...machine,
  ...disks,
  ...network,
  ...services,
  ...load,
  ...kubernetes,
  ...etcd,
];
