import * as z from 'zod';
import { parseSchematic, schematicYaml } from '../../lib/factory/schematic.ts';
import { build } from './build.ts';
import { type FactoryState, findSchematic, offeredBy, storeSchematic, urlOf, versionsOf } from './factory-state.ts';

/** What the factory answers. Source: siderolabs/image-factory, docs/api.md and internal/frontend/http. */
export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};
export type Asked = { readonly method: string; readonly path: string; readonly body: string };

const reply = (status: number, contentType: string, body: string, headers = {}): Reply => ({
  status,
  headers: { 'content-type': contentType, ...headers },
  body,
});
/** Errors are plain text, with a line feed. */
export const problem = (status: number, text: string): Reply => reply(status, 'text/plain; charset=utf-8', `${text}\n`);
const json = (value: unknown, status = 200): Reply => reply(status, 'application/json', `${JSON.stringify(value)}\n`);
const NOT_FOUND = problem(404, '404 page not found');

const MANIFEST = /^\/v2\/([^/]+)\/([^/]+)\/manifests\/([^/]+)$/;

/** What the question is about, as faults name it; undefined: nothing that the factory has. */
export function subjectOf({ path }: Asked): 'versions' | 'extensions' | 'schematics' | 'images' | undefined {
  if (path === '/versions') return 'versions';
  if (path.startsWith('/version/')) return 'extensions';
  if (path.startsWith('/schematics')) return 'schematics';
  return path.startsWith('/v2/') ? 'images' : undefined;
}

export function answer(state: FactoryState, asked: Asked): Reply {
  const { method, path, body } = asked;
  if (method === 'POST') return path === '/schematics' ? create(state, body) : NOT_FOUND;
  if (method !== 'GET' && method !== 'HEAD') return problem(405, 'Method Not Allowed');
  if (path === '/versions') return json(versionsOf(state));
  const [, talos] = /^\/version\/v?([^/]+)\/extensions\/official$/.exec(path) ?? [];
  if (talos !== undefined) return extensions(state, `v${talos}`);
  const [, id] = /^\/schematics\/([^/]+)$/.exec(path) ?? [];
  if (id !== undefined) {
    const found = findSchematic(state, id);
    return found === undefined
      ? problem(404, 'schematic not found')
      : reply(200, 'application/yaml', schematicYaml(found));
  }
  const [, name, schematic, reference] = MANIFEST.exec(path) ?? [];
  if (name === undefined || schematic === undefined || reference === undefined) return NOT_FOUND;
  return manifest(state, name, schematic, reference);
}

function extensions(state: FactoryState, talos: string): Reply {
  if (!versionsOf(state).includes(talos)) return problem(404, `version ${talos.slice(1)} is not available`);
  return json(offeredBy(state, talos).map(({ layer: _, ...shown }) => shown));
}

/** A tag redirects to the digest, and that one is the manifest. */
function manifest(state: FactoryState, name: string, schematic: string, reference: string): Reply {
  const built = build(state, { name, schematic, reference });
  if (!built.ok) return problem(built.error.status, built.error.text);
  const { digest } = built.value;
  if (reference !== digest) {
    const location = `${urlOf(state)}/v2/${name}/${schematic}/manifests/${digest}`;
    return reply(307, 'text/plain', '', { location });
  }
  const index = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [] };
  return reply(200, index.mediaType, JSON.stringify(index), { 'docker-content-digest': digest });
}

/** Unknown fields are refused, and an owner is for factories with logins. Source: pkg/schematic/schematic.go. */
const Known = z.strictObject({
  owner: z.never('owner field is only supported in Enterprise edition').optional(),
  overlay: z
    .strictObject({ image: z.string(), name: z.string(), options: z.record(z.string(), z.unknown()).optional() })
    .optional(),
  customization: z
    .strictObject({
      embeddedMachineConfiguration: z.string().optional(),
      extraKernelArgs: z.array(z.string()).nullish(),
      meta: z.array(z.strictObject({ key: z.int().min(0).max(255), value: z.string() })).nullish(),
      systemExtensions: z.strictObject({ officialExtensions: z.array(z.string()).nullish() }).nullish(),
      bootloader: z.enum(['auto', 'dual-boot', 'grub', 'sd-boot']).optional(),
      secureboot: z
        .strictObject({
          enrollKeys: z.enum(['off', 'manual', 'if-safe', 'force']).optional(),
          includeWellKnownCertificates: z.boolean().optional(),
        })
        .nullish(),
      diskImage: z.strictObject({ sectorSize: z.int().min(0).optional() }).nullish(),
    })
    .nullish(),
});

function create(state: FactoryState, body: string): Reply {
  const schematic = parseSchematic(body);
  if (!schematic.ok) return problem(400, `yaml: ${schematic.error}`);
  const known = Known.safeParse(schematic.value);
  if (!known.success) {
    const [first] = known.error.issues;
    return problem(400, `yaml: construct errors: ${first?.path.join('.')}: ${first?.message}`);
  }
  const id = storeSchematic(state, schematic.value);
  return json({ id, schematic: schematicYaml(schematic.value) }, 201);
}
