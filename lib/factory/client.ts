import { ok, type Result } from '../result.ts';
import { isDigest, isTalosTag, type Parse, parseCreated, parseExtensions, parseVersions } from './answers.ts';
import type { FactoryError } from './factory-error.ts';
import { type Answer, type Ask, createAsk, type Question } from './http.ts';
import type { ImageFactory } from './image-factory.ts';
import { isSchematicId, parseInstallerImage } from './installer-image.ts';
import { isSameSchematic, parseSchematic, type Schematic, schematicId, schematicYaml } from './schematic.ts';

export type ImageFactoryOptions = {
  /** Scheme, host and port: `https://factory.talos.dev`. */
  readonly url: string;
  /** For one question, from the connection to the last byte. */
  readonly deadlineMs?: number;
  /** For `installer`, which may have to wait for a build. */
  readonly buildDeadlineMs?: number;
};

/** People look at a form that says "preparing" meanwhile. */
const DEADLINE_MS = 8_000;
const BUILD_DEADLINE_MS = 20_000;

/** Over HTTP, without a login. Never throws, retries nothing, follows no redirect. Source: image-factory, docs/api.md. */
export function createImageFactory(options: ImageFactoryOptions): ImageFactory {
  const { deadlineMs = DEADLINE_MS, buildDeadlineMs = BUILD_DEADLINE_MS } = options;
  const { origin, host } = new URL(options.url);
  const ask = createAsk(origin);
  const read = <T>(path: string, parse: Parse<T>) => askFor(ask, { method: 'GET', path, deadlineMs }, parse);

  async function schematic(id: string): Promise<Result<Schematic, FactoryError>> {
    if (isSchematicId(id)) return read(`/schematics/${id}`, parseSchematic);
    return ask.error('not_asked', { method: 'GET', path: '/schematics' }, 'the id is not one of a schematic');
  }

  return {
    url: origin,
    registry: host,
    schematic,
    async create(wanted) {
      const question = { method: 'POST', path: '/schematics', deadlineMs, body: schematicYaml(wanted) } as const;
      const created = await askFor(ask, question, parseCreated);
      if (!created.ok) return created;
      const { id } = created.value;
      // the id is the hash of the content; a factory with logins adds an owner, and then only a look can tell
      if (id === schematicId(wanted)) return ok({ id, schematic: wanted });
      const stored = created.value.schematic === undefined ? await schematic(id) : ok(created.value.schematic);
      if (!stored.ok) return stored;
      if (isSameSchematic(stored.value, wanted)) return ok({ id, schematic: stored.value });
      return ask.error('altered', question, `schematic ${id.slice(0, 12)}`);
    },
    versions: () => read('/versions', parseVersions),
    async extensions(version) {
      if (isTalosTag(version)) return read(`/version/${version}/extensions/official`, parseExtensions);
      return ask.error('not_asked', { method: 'GET', path: '/version' }, 'that is no version of Talos');
    },
    async installer(image) {
      const named = parseInstallerImage(image);
      const reference = named?.digest ?? named?.tag;
      if (named?.registry !== host || named.schematic === undefined || reference === undefined) {
        return ask.error('not_asked', { method: 'GET', path: '/v2' }, 'that is no installer image of this factory');
      }
      const name = image.slice(host.length + 1).replace(/[:@].*$/, '');
      const path = `/v2/${name}/manifests/${reference}`;
      const question = { method: 'GET', path, deadlineMs: buildDeadlineMs, accept: MANIFESTS } as const;
      const answer = await ask(question);
      return answer.ok ? digestIn(ask, question, answer.value, name) : answer;
    },
  };
}

async function askFor<T>(ask: Ask, question: Question, parse: Parse<T>): Promise<Result<T, FactoryError>> {
  const answer = await ask(question);
  if (!answer.ok) return answer;
  if (answer.value.status >= 300) return ask.error('redirected', question, answer.value.location?.host ?? '');
  const parsed = parse(answer.value.text);
  return parsed.ok ? parsed : ask.error('malformed', question, parsed.error);
}

const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/**
 * Most factories keep images in another registry: a redirect to the manifest there means that there is one, and what it
 * points to is the digest. Any other redirect, or a page, is not the answer of a factory.
 */
function digestIn(
  ask: Ask,
  question: Question,
  { status, contentType, digest, location }: Answer,
  name: string,
): Result<{ readonly digest: string | undefined }, FactoryError> {
  if (status < 300) {
    if (!MANIFESTS.split(', ').includes(contentType))
      return ask.error('malformed', question, 'no manifest of an image');
    return ok({ digest: isDigest(digest) ? digest : undefined });
  }
  const [, kept = '', reference = ''] = /^\/v2\/(.+)\/manifests\/([^/]+)$/.exec(location?.pathname ?? '') ?? [];
  if (kept !== name && !kept.endsWith(`/${name}`)) return ask.error('redirected', question, location?.host ?? '');
  return ok({ digest: isDigest(reference) ? reference : undefined });
}
