import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePayload } from '../../lib/alerts/payload.ts';

const captured = (name: string) =>
  readFileSync(new URL(`../fixtures/alertmanager/${name}.json`, import.meta.url), 'utf8');

test.for([
  { name: 'firing', status: 'firing', endsAt: '0001-01-01T00:00:00Z' },
  { name: 'resolved', status: 'resolved', endsAt: '2026-11-20T10:10:45.357Z' },
])('a captured $name delivery is understood', ({ name, status, endsAt }) => {
  const parsed = parsePayload(captured(name));
  if (!parsed.ok) throw new Error(`${parsed.error.path} ${parsed.error.says}`);
  expect(parsed.value.alerts.map((alert) => [alert.status, alert.fingerprint, alert.endsAt])).toEqual([
    [status, 'ea57121dadf5c06c', endsAt],
    [status, 'b2361328e2347abf', endsAt],
    [status, '4b3e0c25658a2d82', endsAt],
  ]);
  expect(parsed.value.alerts[0]?.labels['node']).toBe('talos-prod-fra-w1');
});

const alert = {
  status: 'firing',
  labels: { alertname: 'A' },
  startsAt: '2026-03-01T12:00:00Z',
  endsAt: '0001-01-01T00:00:00Z',
  fingerprint: 'ab',
};
const payload = (change: object, first: object = {}) => ({
  version: '4',
  receiver: 'medic',
  groupKey: '{}',
  alerts: [alert, { ...alert, ...first }],
  ...change,
});
test.for([
  { given: payload({}, { status: 'pending' }), path: 'alerts.1.status' },
  { given: payload({}, { labels: {} }), path: 'alerts.1.labels.alertname' },
  { given: payload({}, { labels: { alertname: '' } }), path: 'alerts.1.labels.alertname' },
  { given: payload({}, { labels: { alertname: 'A', n: 4 } }), path: 'alerts.1.labels.n' },
  { given: payload({}, { startsAt: '1.3.2026' }), path: 'alerts.1.startsAt' },
  { given: payload({}, { endsAt: null }), path: 'alerts.1.endsAt' },
  { given: payload({}, { fingerprint: '../../etc' }), path: 'alerts.1.fingerprint' },
  { given: payload({ version: 4 }), path: 'version' },
  { given: payload({ alerts: [] }), path: 'alerts' },
  { given: payload({ alerts: undefined }), path: 'alerts' },
  { given: payload({ receiver: null }), path: 'receiver' },
  { given: [], path: '' },
  { given: null, path: '' },
])('the fault is named by its path: $path', ({ given, path }) => {
  expect(parsePayload(JSON.stringify(given))).toMatchObject({ ok: false, error: { path } });
});

test('fields that a newer Alertmanager adds are ignored', () => {
  expect(parsePayload(JSON.stringify(payload({ novelty: 1 }, { novelty: {} })))).toMatchObject({ ok: true });
});

test('whatever is sent is understood, or refused with a path; nothing is thrown', () => {
  const hostile = fc.oneof(
    fc.json(),
    fc.string(),
    fc.jsonValue().map((value) => JSON.stringify(payload({}, { labels: value }))),
    fc.jsonValue().map((value) => JSON.stringify(payload({ alerts: [value] }))),
    fc
      .dictionary(fc.constantFrom('__proto__', 'constructor', 'toString', 'alertname'), fc.string())
      .map((labels) => JSON.stringify(payload({}, { labels }))),
  );
  fc.assert(
    fc.property(hostile, (text) => {
      const parsed = parsePayload(text);
      if (parsed.ok) expect(parsed.value.alerts.length).toBeGreaterThan(0);
      else expect([typeof parsed.error.path, parsed.error.says.length > 0]).toEqual(['string', true]);
    }),
  );
});
