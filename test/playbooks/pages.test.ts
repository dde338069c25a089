import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, '..', '..', 'docs', 'playbooks');

/** Codes are stored, shown and searched, so this list only grows. */
test.each([
  'state_not_found_in_time',
  'state_missing',
  'reset_on_purpose',
  'fresh_machine',
  'foreign_machine_in_maintenance',
  'system_disk_missing',
  'foreign_node_at_address',
  'node_silent',
  'etcd_under_temporary_hostname',
  'etcd_name_follows_at_next_start',
  'node_rebooted',
  'service_waits_forever',
  'image_not_pulled_at_boot',
  'time_not_synced',
  'container_runtime_state_corrupt',
  'extension_blocks_shutdown',
  'duplicate_extensions',
  'extension_missing',
  'extension_service_broken',
  'healthy',
  'unknown_cause',
])('whoever looks up %s finds its page, with evidence, remedy, risk and source', (code) => {
  const path = join(folder, `${code}.md`);
  expect(existsSync(path)).toBe(true);
  const page = readFileSync(path, 'utf8');
  expect(page).toContain(`# \`${code}\``);
  for (const part of ['Evidence', 'Remedy', 'Risk', 'Source'])
    expect(page).toMatch(new RegExp(`\\*\\*${part}\\.\\*\\* \\S`));
});
