import { expect, test } from 'vitest';
import { actingForThisFile, actOn } from './client/client.ts';

const here = actingForThisFile();

test('with an expired talosconfig every node refuses Medic alike; the next scenario brings one that is good', async () => {
  await here.load('v1.13.9');
  await here.world.load('c13-talosconfig-expired');
  const { look } = await actOn(here.world);
  for (const name of ['cp-1', 'cp-2', 'w-2']) {
    const { reach } = await look(name);
    expect(reach).toMatchObject({ mode: 'refused', error: { code: 'client_certificate_expired' } });
    expect(new Date(reach.ourCertificateEndsAt ?? '').getTime()).toBeLessThan(Date.now());
  }
  expect((await here.acting.look('w-1')).reach.mode, 'a certificate that is still good is taken').toBe('mtls');
  await here.world.load('healthy');
  expect((await (await actOn(here.world)).look('w-2')).reach.mode).toBe('mtls');
});
