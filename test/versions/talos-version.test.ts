import { expect, test } from 'vitest';
import { knownMinor } from '../../lib/versions/talos-version.ts';

test.for([
  { tag: 'v1.7.6', minor: undefined },
  { tag: 'v1.8.0', minor: '1.8' },
  { tag: 'v1.13.2', minor: '1.13' },
  { tag: 'v1.14.0-alpha.1', minor: '1.14' },
  { tag: 'v1.15.0', minor: undefined },
  { tag: 'v1.13', minor: undefined },
  { tag: 'v1.13.2; rm', minor: undefined },
  { tag: 'v11.13.2', minor: undefined },
  { tag: 'v2.8.0', minor: undefined },
  { tag: '', minor: undefined },
  { tag: undefined, minor: undefined },
])('Talos $tag is of the line $minor', ({ tag, minor }) => {
  const known = knownMinor(tag);
  expect(known.ok ? known.value : undefined).toBe(minor);
});
