import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { medicForThisFile } from './medic-for-this-file.ts';
import { textOf } from './people.ts';
import { ALERT_TOKEN, mutations, until, worldOf } from './running-medic.ts';

const here = medicForThisFile();

/** What Alertmanager 0.25 really sent, about this cluster and one of its nodes instead of its own. */
function captured(file: 'firing' | 'resolved', node: string, startsAt = '2026-11-20T10:10:07.357Z'): string {
  const { cluster } = worldOf(here.folder);
  const payload = z
    .looseObject({ alerts: z.array(z.looseObject({ labels: z.record(z.string(), z.string()) })) })
    .parse(JSON.parse(readFileSync(`test/fixtures/alertmanager/${file}.json`, 'utf8')));
  const [alert] = payload.alerts;
  if (alert === undefined) throw new Error(`${file}.json has no alert`);
  const labels = { ...alert.labels, cluster, node };
  const fingerprint = Buffer.from(node).toString('hex').slice(0, 16);
  return JSON.stringify({ ...payload, alerts: [{ ...alert, labels, fingerprint, startsAt }] });
}
const ofNode = async (node: string) => (await here.api.incidents()).filter((incident) => incident.node === node);
const cardsOf = async (id: string) => (await here.people.cards()).filter((card) => textOf(card).includes(id));

/** Delivers them at once; how each was answered. */
const deliver = (bodies: readonly string[]) =>
  Promise.all(bodies.map(async (body) => (await here.api.alerts(body)).status));
const times = <T>(count: number, item: T): readonly T[] => Array.from({ length: count }, () => item);

test.for([
  ['w-1', '50 times at once', () => [times(50, captured('firing', 'w-1'))]],
  ['w-3', 'its resolve first', () => [[captured('resolved', 'w-3')], [captured('firing', 'w-3')]]],
  [
    'cp-3',
    'both interleaved, 50 of each',
    () => [times(50, [captured('firing', 'cp-3'), captured('resolved', 'cp-3')]).flat()],
  ],
] as const)('the same alert of %s, %s: one incident, one card', async ([node, , waves]) => {
  for (const wave of waves()) {
    for (const status of await deliver(wave)) expect(status).toBe(202);
  }
  await until('its diagnosis', async () => {
    const [incident] = await ofNode(node);
    return incident !== undefined && (await here.api.incident(incident.id)).head.diagnosis !== undefined;
  });
  const incidents = await ofNode(node);
  expect(incidents).toHaveLength(1);
  const { id } = incidents[0] ?? { id: '' };
  await until('its card says the cause', async () =>
    (await cardsOf(id)).some((card) => !textOf(card).includes('Diagnosing')),
  );
  expect(await cardsOf(id)).toHaveLength(1);
  const { events, chain } = await here.api.incident(id);
  expect(events.filter(({ event }) => event.type === 'alert_fired')).toHaveLength(1);
  expect(chain).toMatchObject({ ok: true });
});

test('an alert about a node that is not known here is stored, and its card says so', async () => {
  expect(await deliver([captured('firing', 'talos-prod-fra-w1')])).toEqual([202]);
  expect(await ofNode('')).toHaveLength(1);
  const { id } = (await ofNode(''))[0] ?? { id: '' };
  await until('its card', async () => (await cardsOf(id)).length === 1);
  expect(textOf((await cardsOf(id))[0] ?? { ts: '' })).toContain('talos-prod-fra-w1');
});

test('a cluster that is not known, in the labels, is named by its path', async () => {
  const before = await here.api.incidents();
  const labels = { alertname: 'NodeDown', cluster: 'nowhere', node: 'w-1' };
  const alert = {
    status: 'firing',
    labels,
    fingerprint: 'a1',
    startsAt: '2026-11-20T10:10:07Z',
    endsAt: '0001-01-01T00:00:00Z',
  };
  const response = await here.api.alerts(
    JSON.stringify({ version: '4', receiver: 'r', groupKey: 'g', alerts: [alert] }),
  );
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ error: 'this cluster is not known', path: 'alerts.0.labels.cluster' });
  expect(await here.api.incidents()).toEqual(before);
});

test.for([
  ['no token', '/alerts', '', 401, undefined],
  ['a wrong token', '/alerts', 'stolen', 401, undefined],
  ['a wrong token, at the address of a cluster', '/alerts/demo', 'stolen', 401, undefined],
  ['a cluster that is not known', '/alerts/nowhere', ALERT_TOKEN, 400, ''],
  ['a cluster that is no name', '/alerts/%ZZ', ALERT_TOKEN, 400, ''],
] as const)('%s: refused, and nothing is stored', async ([, path, token, status, fault]) => {
  const before = await here.api.incidents();
  const response = await here.api.alerts(captured('firing', 'w-2'), path, token);
  expect(response.status).toBe(status);
  if (fault !== undefined) expect(await response.json()).toMatchObject({ path: fault, error: expect.any(String) });
  expect(await here.api.incidents()).toEqual(before);
});

test('a payload that is wrong is answered with the path of the fault', async () => {
  const before = await here.api.incidents();
  const wrong = await here.api.alerts(captured('firing', 'w-2', 'yesterday'));
  expect(wrong.status).toBe(400);
  expect(await wrong.json()).toMatchObject({ path: 'alerts.0.startsAt' });
  expect((await here.api.alerts('{')).status).toBe(400);
  expect(await here.api.incidents()).toEqual(before);
});

test.for([
  ['without a signature', {}],
  ['signed with another secret', { secret: 'somebody else' }],
  ['signed ten minutes ago', { ageS: 600 }],
  ['signed in the future', { ageS: -600 }],
] as const)('a click %s is answered 401 and changes nothing', async ([, how]) => {
  await here.api.scenario('c04-state-not-found-in-time');
  const { id } = await here.api.diagnosed();
  const before = await here.api.incident(id);
  const payload = {
    type: 'block_actions',
    user: { id: 'U0ONCALL' },
    actions: [{ action_id: 'offer:restore_config', value: id }],
  };
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const response = await fetch(`${here.medic.address}/slack/events`, {
    method: 'POST',
    headers: headersOf(body, how),
    body,
  });
  expect(response.status).toBe(401);
  expect((await here.api.incident(id)).head.plans).toEqual(before.head.plans);
  expect(mutations(here.folder)).toEqual([]);
});

type Signing = { readonly secret?: string; readonly ageS?: number };

function headersOf(body: string, { secret, ageS }: Signing): Record<string, string> {
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  if (secret === undefined && ageS === undefined) return type;
  const { slackSigningSecret } = z
    .object({ slackSigningSecret: z.string() })
    .parse(JSON.parse(readFileSync(join(here.folder, 'secrets.json'), 'utf8')));
  const timestamp = `${Math.floor(Date.now() / 1000) - (ageS ?? 0)}`;
  const digest = createHmac('sha256', secret ?? slackSigningSecret)
    .update(`v0:${timestamp}:${body}`)
    .digest('hex');
  return { ...type, 'x-slack-request-timestamp': timestamp, 'x-slack-signature': `v0=${digest}` };
}

test('pages and API need a sign-in or the token', async () => {
  for (const path of ['/api/incidents', '/audit', '/audit/incidents']) {
    expect((await fetch(`${here.medic.address}${path}`)).status, path).toBe(401);
    expect(
      (await fetch(`${here.medic.address}${path}`, { headers: { authorization: 'Bearer guess' } })).status,
      path,
    ).toBe(401);
  }
});
