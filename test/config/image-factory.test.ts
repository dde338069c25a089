import { expect, test } from 'vitest';
import { MedicConfig } from '../../lib/config/config.ts';

const config = (more: object) =>
  MedicConfig.safeParse({
    slack: { team: 'T1', botUser: 'U1', bot: 'B1' },
    clusters: [{ name: 'home', channel: 'C1', bindings: [] }],
    ...more,
  });

test.for<[said: object, url: string]>([
  [{}, 'https://factory.talos.dev'],
  [{ imageFactory: 'https://factory.example.com/' }, 'https://factory.example.com'],
  [{ imageFactory: 'http://10.0.0.7:8080' }, 'http://10.0.0.7:8080'],
])('with %o the factory is %s', ([said, url]) => {
  expect(config(said).data?.imageFactory).toBe(url);
});

test.for([
  'factory.example.com',
  'https://factory.example.com/images',
  'https://factory.example.com?a=b',
  'https://somebody:secret@factory.example.com',
  'file:///etc/passwd',
])('%s is no address of a factory', (imageFactory) => {
  expect(config({ imageFactory }).error?.issues[0]?.path).toEqual(['imageFactory']);
});
