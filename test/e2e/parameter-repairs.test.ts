import { expect, test } from 'vitest';
import { medicForThisFile } from './medic-for-this-file.ts';
import { repair } from './repair-story.ts';

const here = medicForThisFile();

test('a kubelet without its image is restarted by name, by one person', async () => {
  const { sent } = await repair(here, {
    scenario: 'c28-kubelet-image-not-pulled',
    action: 'restart_service',
    shows: 'pods keep running',
    typed: { reason: 'the registry answers again' },
    approves: undefined,
  });
  expect(sent.map(({ node, method, outcome }) => [node, method, outcome])).toEqual([
    ['w-1', 'ServiceRestart', 'accepted'],
  ]);
});

test('a release that renders no pods is replaced by the one that does, approved by two', async () => {
  const { sent } = await repair(here, {
    scenario: 'c10-static-pods-not-rendered',
    action: 'upgrade',
    shows: 'v1.13.3 before, v1.13.4 after',
    typed: { reason: 'no API server on cp-2' },
    approves: {},
  });
  expect(sent.map(({ node, method, outcome }) => [node, method, outcome])).toEqual([
    ['cp-2', 'ImageService.Pull', 'accepted'],
    ['cp-2', 'LifecycleService.Upgrade', 'accepted'],
    ['cp-2', 'Reboot', 'accepted'],
  ]);
});
