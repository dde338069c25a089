export const alertOf = (status: 'firing' | 'resolved', change: Readonly<Record<string, unknown>> = {}) => ({
  status,
  labels: { alertname: 'NodeDown', node: 'cp-1', severity: 'critical' },
  annotations: { summary: 'cp-1 is down' },
  startsAt: '2026-03-01T11:55:00.000Z',
  endsAt: status === 'firing' ? '0001-01-01T00:00:00Z' : '2026-03-01T12:10:00.000Z',
  fingerprint: 'ab12',
  ...change,
});
export const payloadOf = (alerts: readonly unknown[], change: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({ version: '4', receiver: 'medic', groupKey: '{}:{}', truncatedAlerts: 0, alerts, ...change });
