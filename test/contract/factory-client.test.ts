import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createImageFactory } from '../../lib/factory/client.ts';
import { describeFactoryError, type FactoryError, type FactoryErrorCode } from '../../lib/factory/factory-error.ts';
import type { ImageFactory } from '../../lib/factory/image-factory.ts';
import type { Result } from '../../lib/result.ts';

/** What Medic makes of a factory that does not do what factories do. */
const ID = '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba';
const DIGEST = `sha256:${'d'.repeat(64)}`;
const EMPTY = { customization: {} };

let stop = async () => {};
afterEach(() => stop());

/** A factory that answers everything in one way, and what it was asked. */
async function answering(answer: RequestListener, deadlineMs = 5_000) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  stop = async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const registry = `127.0.0.1:${port}`;
  const image = `${registry}/metal-installer/${ID}:v1.13.9`;
  const factory = createImageFactory({ url: `http://${registry}`, deadlineMs, buildDeadlineMs: deadlineMs });
  return { factory, asked, image, registry };
}

const QUESTIONS: readonly [string, (factory: ImageFactory, image: string) => Promise<Result<unknown, FactoryError>>][] =
  [
    ['schematic', (factory) => factory.schematic(ID)],
    ['create', (factory) => factory.create(EMPTY)],
    ['versions', (factory) => factory.versions()],
    ['extensions', (factory) => factory.extensions('v1.13.9')],
    ['installer', (factory, image) => factory.installer(image)],
  ];

const says =
  (status: number, body = '', headers: Readonly<Record<string, string>> = {}): RequestListener =>
  (_, response) =>
    response.writeHead(status, headers).end(body);

test.for<[what: string, code: FactoryErrorCode, text: string, answer: RequestListener]>([
  ['breaks the connection', 'down', 'UND_ERR_SOCKET', (request) => request.socket.destroy()],
  ['is behind a gateway that does not reach it', 'down', 'bad gateway', says(502, 'bad gateway')],
  ['is not ready', 'down', 'service temporarily unavailable', says(503, 'service temporarily unavailable\n')],
  ['fails', 'failed', 'internal server error', says(500, 'internal server error\n')],
  [
    'refuses',
    'refused',
    'official extension "a" is not available',
    says(400, 'official extension "a" is not available\n'),
  ],
  ['knows nothing', 'not_found', 'schematic not found', says(404, 'schematic not found\n')],
  ['wants a login', 'not_authorized', 'HTTP 401', says(401)],
  ['forbids', 'not_authorized', 'access denied', says(403, 'access denied')],
  ['sends to a login page', 'redirected', 'login.example', says(302, '', { location: 'https://login.example/v2/a' })],
  ['sends nowhere', 'redirected', '', says(301)],
  ['is a page', 'malformed', expect.anything(), says(200, '<html><body>Hello: [world</body></html>')],
  ['answers with nothing', 'malformed', expect.anything(), says(200)],
  ['answers with 10 MB', 'too_large', '', says(200, 'x'.repeat(10_000_000))],
  ['answers with 10 MB of an error', 'too_large', '', says(500, 'x'.repeat(10_000_000))],
])('a factory that %s: %s, whatever it is asked', async ([, code, text, answer]) => {
  const { factory, image, registry } = await answering(answer);
  for (const [name, question] of QUESTIONS) {
    const answered = await question(factory, image);
    const error = { code, factory: `http://${registry}`, source: expect.stringMatching(/^(?:GET|POST) \//), text };
    expect([name, answered]).toEqual([name, { ok: false, error }]);
    if (!answered.ok) expect(describeFactoryError(answered.error)).toContain(`http://${registry}`);
  }
});

test('a factory that hangs, before the first byte or after it, is left at the deadline', async () => {
  for (const answer of [() => {}, (...[, response]: Parameters<RequestListener>) => response.write('[')]) {
    const { factory, image } = await answering(answer, 200);
    for (const [name, question] of QUESTIONS) {
      expect([name, await question(factory, image)]).toMatchObject([name, { error: { code: 'no_answer' } }]);
    }
    await stop();
  }
});

test('a factory that is not there is down', async () => {
  const { factory, image } = await answering(says(200));
  await stop();
  for (const [name, question] of QUESTIONS) {
    const error = { code: 'down', text: 'ECONNREFUSED' };
    expect([name, await question(factory, image)]).toMatchObject([name, { error }]);
  }
});

test.for<[what: string, body: unknown]>([
  ['versions that are no list', { versions: [] }],
  ['a version that is none', ['v1.13.9', 'latest']],
  ['a version with more behind it', ['v1.13.9; rm -rf /']],
])('%s are not taken', async ([, body]) => {
  const { factory } = await answering(says(200, JSON.stringify(body)));
  expect(await factory.versions()).toMatchObject({ error: { code: 'malformed' } });
});

const OFFERED = { name: 'siderolabs/zfs', ref: 'ghcr.io/siderolabs/zfs:2.4.1-v1.13.9', digest: DIGEST };
test('extensions come with their version, and what people wrote is made harmless', async () => {
  const description = 'Reads \u202edisks\u001b[31m';
  const { factory, asked } = await answering(says(200, JSON.stringify([{ ...OFFERED, author: 'A', description }])));
  expect(await factory.extensions('v1.13.9')).toEqual({
    ok: true,
    value: [{ ...OFFERED, version: '2.4.1-v1.13.9', author: 'A', description: 'Reads \ufffddisks\ufffd[31m' }],
  });
  expect(asked).toEqual(['GET /version/v1.13.9/extensions/official']);
});

test.for<[field: string, value: unknown]>([
  ['name', 'Zfs'],
  ['ref', 'ghcr.io/siderolabs/zfs'],
  ['digest', 'sha256:short'],
  ['description', 7],
])('an extension whose %s is %o is not taken', async ([field, value]) => {
  const { factory } = await answering(says(200, JSON.stringify([{ ...OFFERED, [field]: value }])));
  expect(await factory.extensions('v1.13.9')).toMatchObject({
    error: { code: 'malformed', text: expect.stringContaining(`0.${field}: `) },
  });
});

const WANTED = { customization: { extraKernelArgs: ['quiet'] } };
const OTHER_ID = 'f'.repeat(64);
test('a schematic that a factory with logins made its own is taken, with its id', async () => {
  const schematic = 'owner: us\ncustomization:\n    extraKernelArgs:\n        - quiet\n';
  const { factory } = await answering(says(201, JSON.stringify({ id: OTHER_ID, schematic })));
  const stored = { owner: 'us', customization: { extraKernelArgs: ['quiet'] } };
  expect(await factory.create(WANTED)).toEqual({ ok: true, value: { id: OTHER_ID, schematic: stored } });
});

test('a schematic that lost something on the way is not taken', async () => {
  const { factory } = await answering(says(201, JSON.stringify({ id: OTHER_ID, schematic: 'customization: {}\n' })));
  const created = await factory.create(WANTED);
  expect(created).toMatchObject({ error: { code: 'altered', source: 'POST /schematics' } });
});

test('an older factory says only the id: what it stands for is looked up', async () => {
  const { factory, asked } = await answering(({ method }, response) => {
    response.end(method === 'POST' ? JSON.stringify({ id: OTHER_ID }) : 'customization: { extraKernelArgs: [quiet] }');
  });
  expect(await factory.create(WANTED)).toMatchObject({ ok: true, value: { id: OTHER_ID } });
  expect(asked).toEqual(['POST /schematics', `GET /schematics/${OTHER_ID}`]);
});

test.for<[what: string, answer: RequestListener, expected: object]>([
  [
    'a redirect to where the image is kept',
    says(307, '', { location: `https://kept.example/v2/images/metal-installer/${ID}/manifests/${DIGEST}` }),
    { ok: true, value: { digest: DIGEST } },
  ],
  [
    'the manifest itself',
    says(200, '{}', {
      'content-type': 'application/vnd.oci.image.index.v1+json',
      'docker-content-digest': DIGEST,
    }),
    { ok: true, value: { digest: DIGEST } },
  ],
  [
    'a manifest without a digest',
    says(200, '{}', { 'content-type': 'application/vnd.oci.image.index.v1+json' }),
    { ok: true, value: { digest: undefined } },
  ],
  [
    'a redirect to the manifest of another image',
    says(307, '', { location: `https://kept.example/v2/metal-installer/${OTHER_ID}/manifests/${DIGEST}` }),
    { ok: false, error: expect.objectContaining({ code: 'redirected', text: 'kept.example' }) },
  ],
])('the installer is there or not: %s', async ([, answer, expected]) => {
  const { factory, image, asked } = await answering(answer);
  expect(await factory.installer(image)).toEqual(expected);
  expect(asked).toEqual([`GET /v2/metal-installer/${ID}/manifests/v1.13.9`]);
});

test('what is no question for this factory is not asked', async () => {
  const { factory, asked, registry } = await answering(says(200, '[]'));
  const answers = await Promise.all([
    factory.schematic('../versions'),
    factory.extensions('v1.13.9/../..'),
    factory.installer(`factory.example/metal-installer/${ID}:v1.13.9`),
    factory.installer(`${registry}/siderolabs/installer:v1.13.9`),
    factory.installer(`${registry}/metal-installer/${ID}`),
  ]);
  expect(answers.map((answer) => (answer.ok ? 'asked' : answer.error.code))).toEqual(Array(5).fill('not_asked'));
  expect(asked).toEqual([]);
});
