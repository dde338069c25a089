import { isAlias, parseAllDocuments, visit } from 'yaml';
import * as z from 'zod';
import { err, ok, type Result } from '../result.ts';

/** What a stored config must say before it may be sent anywhere. Values of secrets are compared, never shown. */
export type ConfigFacts = {
  readonly machineType: 'controlplane' | 'worker';
  /** PEM of the Talos API CA. */
  readonly caPem: string;
  readonly wipesDisk: boolean;
  readonly endpoint: string;
};

const V1Alpha1 = z.object({
  version: z.literal('v1alpha1'),
  machine: z.object({
    type: z.enum(['init', 'controlplane', 'worker']),
    ca: z.object({ crt: z.base64() }),
    install: z.object({ wipe: z.boolean().optional() }).optional(),
  }),
  cluster: z.object({ controlPlane: z.object({ endpoint: z.string() }) }),
});

/** Reads the v1alpha1 document of a multi-document config. Errors: one sentence that names the path, never a value. */
export function readConfigFacts(text: string): Result<ConfigFacts, string> {
  const documents = [...parseAllDocuments(text, { prettyErrors: false })];
  if (documents.length === 0) return err('The stored config is empty.');
  const broken = documents.find((document) => document.errors.length > 0);
  if (broken) return err(`The stored config is no valid YAML (document ${documents.indexOf(broken) + 1}).`);
  if (documents.some((document) => hasAlias(document))) return err('The stored config uses YAML aliases.');
  const main = documents.map((document) => document.toJS({ maxAliasCount: 0 })).filter(isV1Alpha1);
  if (main.length !== 1) return err(`The stored config has ${main.length} v1alpha1 documents, one is needed.`);
  const parsed = V1Alpha1.safeParse(main[0]);
  if (!parsed.success)
    return err(`The stored config is incomplete at ${parsed.error.issues[0]?.path.join('.') ?? 'its top'}.`);
  const { machine, cluster } = parsed.data;
  return ok({
    machineType: machine.type === 'worker' ? 'worker' : 'controlplane',
    caPem: Buffer.from(machine.ca.crt, 'base64').toString('utf8'),
    wipesDisk: machine.install?.wipe === true,
    endpoint: cluster.controlPlane.endpoint,
  });
}

/** Talos writes none, and reading them costs what their author likes. */
function hasAlias(document: Parameters<typeof visit>[0]): boolean {
  let found = false;
  visit(document, (_key, node) => {
    found = found || isAlias(node);
  });
  return found;
}
const isV1Alpha1 = (document: unknown) => z.object({ version: z.string() }).safeParse(document).success;

/** One sentence when the config does not belong to this cluster and role; undefined when it does. */
export function foreignConfig(
  facts: ConfigFacts,
  role: 'controlplane' | 'worker',
  clusterCaPem: string,
): string | undefined {
  if (facts.machineType !== role)
    return `The stored config is one of a ${facts.machineType}, the inventory knows a ${role}.`;
  if (squeeze(facts.caPem) !== squeeze(clusterCaPem)) return 'The stored config belongs to a cluster with another CA.';
  if (facts.wipesDisk) return 'The stored config says install.wipe: true, which would erase the disk.';
  return undefined;
}
const squeeze = (pem: string) => pem.replaceAll(/\s/g, '');
