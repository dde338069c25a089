import { expect, test } from 'vitest';
import { medicForThisFile } from './medic-for-this-file.ts';
import { closes, repair } from './repair-story.ts';

const here = medicForThisFile();

test('etcd out of space: every member is defragmented once, the leader last, then the alarm goes, approved by two', async () => {
  const { id, offers, sent, because } = await repair(here, {
    scenario: 'c06-etcd-out-of-space',
    action: 'defragment_etcd',
    shows: '2.00 GiB',
    typed: { reason: 'etcd is out of space' },
    approves: {},
  });
  expect(offers).toEqual([['defragment_etcd', 'allowed']]);
  expect(sent.map(({ node, method, outcome, roles }) => [node, method, outcome, ...roles])).toEqual([
    ['cp-2', 'EtcdDefragment', 'accepted', 'os:operator'],
    ['cp-3', 'EtcdDefragment', 'accepted', 'os:operator'],
    ['cp-1', 'EtcdDefragment', 'accepted', 'os:operator'],
    ['cp-2', 'EtcdAlarmDisarm', 'accepted', 'os:operator'],
  ]);
  expect(because).toContain('Alarm NOSPACE');
  await closes(here, id);
});

test('the leader of etcd loses its network again and again: another one leads, asked once, approved by two', async () => {
  const { offers, sent, because } = await repair(here, {
    scenario: 'etcd-leader-nic-hangs',
    action: 'forfeit_etcd_leadership',
    shows: 'afterwards cp-2',
    typed: { reason: 'its network card hangs' },
    approves: {},
  });
  expect(offers).toEqual([
    ['forfeit_etcd_leadership', 'allowed'],
    ['reboot', 'allowed'],
  ]);
  expect(sent.map(({ node, method, outcome, roles }) => [node, method, outcome, ...roles])).toEqual([
    ['cp-1', 'EtcdForfeitLeadership', 'accepted', 'os:admin'],
  ]);
  expect(because).toContain('Leader agreed');
});
