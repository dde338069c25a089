import { cite, list, type Playbook, readValue } from 'talos-medic/playbook';

/** Ours. A node that asks others was configured by hand. */
const OURS: readonly string[] = ['ntp1.example.net', 'ntp2.example.net'];

export const playbook: Playbook = {
  name: 'other-time-servers',
  page: './other-time-servers.md',
  diagnose({ node, readings }) {
    const servers = readValue(readings.timeServers);
    if (servers === undefined) return [];
    const others = servers.filter((server) => !OURS.includes(server));
    if (others.length === 0) return [];
    return [
      {
        code: 'other_time_servers',
        severity: 'warning',
        confidence: 'certain',
        summary: `${node} asks ${list(others)} for the time, not ${list(OURS)}.`,
        evidence: [cite('timeServers', servers.join(', '))],
        suggests: ['apply_config'],
        rulesOut: [{ code: 'time_not_synced', because: 'this is about whom it asks, not about whether it is on time' }],
        advice: 'Put machine.time.servers back to what all nodes have.',
      },
    ];
  },
};
