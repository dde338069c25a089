import { createPrivateKey, X509Certificate } from 'node:crypto';
import { parse } from 'yaml';
import * as z from 'zod';
import { err, ok, type Result } from '../result.ts';
import { openSslKey } from './open-ssl-key.ts';
import type { ClientIdentity } from './talos.ts';

const Context = z.object({
  endpoints: z.array(z.string()).nullish(),
  nodes: z.array(z.string()).nullish(),
  ca: z.string().optional(),
  crt: z.string().optional(),
  key: z.string().optional(),
  cluster: z.string().optional(),
});
const File = z.object({ context: z.string().optional(), contexts: z.record(z.string(), Context) });

/** One context of a talosconfig. `endpoints` without ports: the port is fixed per cluster. */
export type TalosContext = {
  readonly name: string;
  readonly endpoints: readonly string[];
  readonly nodes: readonly string[];
  readonly caPem: string;
  readonly identity: ClientIdentity;
  /** Roles of the certificate: the organizations in its subject. */
  readonly roles: readonly string[];
};

/**
 * Reads a talosconfig: the context of that name, else the current one, else the only one. The problem is one sentence
 * and never repeats what the file holds. Source: siderolabs/talos, pkg/machinery/client/config.
 */
export function parseTalosconfig(text: string, contextName?: string): Result<TalosContext, string> {
  const file = readFile(text);
  if (!file.ok) return file;
  const { context: current, contexts } = file.value;
  const names = Object.keys(contexts);
  const name = contextName ?? (current || (names.length === 1 ? names[0] : undefined));
  if (name === undefined) return err('The talosconfig names no current context, and has not exactly one.');
  const context = Object.hasOwn(contexts, name) ? contexts[name] : undefined;
  if (context === undefined) return err(`The talosconfig has no context "${name}".`);

  const caPem = decodePem(context.ca, 'CERTIFICATE');
  const certPem = decodePem(context.crt, 'CERTIFICATE');
  const keyPem = decodePem(context.key, 'PRIVATE KEY');
  if (caPem === undefined) return err(`Context "${name}": "ca" is not a certificate in PEM, base64-encoded.`);
  if (certPem === undefined) return err(`Context "${name}": "crt" is not a certificate in PEM, base64-encoded.`);
  if (keyPem === undefined) return err(`Context "${name}": "key" is not a private key in PEM, base64-encoded.`);
  const certificate = readPair(certPem, keyPem);
  if (certificate === undefined)
    return err(`Context "${name}": "crt" and "key" cannot be read or do not belong together.`);
  return ok({
    name,
    endpoints: (context.endpoints ?? []).map(withoutPort),
    nodes: context.nodes ?? [],
    caPem,
    identity: { certPem, keyPem },
    roles: [...(certificate.subject ?? '').matchAll(/^O=(.+)$/gm)].map((match) => match[1] ?? ''),
  });
}

function readFile(text: string): Result<z.infer<typeof File>, string> {
  let yaml: unknown;
  try {
    yaml = parse(text, { prettyErrors: false, maxAliasCount: 10 });
  } catch {
    return err('The talosconfig is not valid YAML.'); // the parser's text would quote the file
  }
  const file = File.safeParse(yaml);
  if (file.success) return ok(file.data);
  const [issue] = file.error.issues;
  return err(`The talosconfig is not valid at "${issue?.path.join('.') || '(top)'}": ${issue?.message}.`);
}

function decodePem(base64: string | undefined, label: string): string | undefined {
  if (base64 === undefined || !/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(base64)) return undefined;
  const pem = Buffer.from(base64, 'base64').toString('utf8');
  return pem.includes('-----BEGIN ') && pem.includes(`${label}-----`) ? pem : undefined;
}

function readPair(certPem: string, keyPem: string): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(certPem);
    return certificate.checkPrivateKey(createPrivateKey(openSslKey(keyPem))) ? certificate : undefined;
  } catch {
    return undefined;
  }
}

/** `10.0.0.1:50000`, `[fd00::1]:50000`, `fd00::1`, `10.0.0.1` -> the host alone. */
function withoutPort(endpoint: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(endpoint)?.[1];
  if (bracketed !== undefined) return bracketed;
  return /^[^:]+:\d+$/.test(endpoint) ? endpoint.slice(0, endpoint.lastIndexOf(':')) : endpoint;
}
