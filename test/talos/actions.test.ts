import { createHash } from 'node:crypto';
import * as grpc from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { createAdmin } from '../../lib/talos/admin.ts';
import type { ApplyConfigurationRequest, RebootRequest } from '../../lib/talos/generated/machine/machine.ts';
import { createOperator } from '../../lib/talos/operator.ts';
import { isOutcomeUnknown } from '../../lib/talos/outcome.ts';
import { issueMaintenanceCertificate, spkiOf } from '../../simulator/nodes/pki.ts';
import { AskingMaintenance, answers, type FakeNode, refuses, startNode, targetAt } from './fake-node.ts';
import { nodesForThisFile, type Parts } from './nodes-for-this-file.ts';

const here = nodesForThisFile();
const startRunning = (parts: Parts) => here.startVersion('v1.13.9', parts);
async function startMaintenance(host: number, parts: Parts) {
  const address = `${here.block}.${host}`;
  const server = issueMaintenanceCertificate(address, Date.now());
  const node = here.keep(await startNode(address, new AskingMaintenance(server), parts));
  return { node, spki: spkiOf(server.certPem) };
}
const rolesOf = (call: { getAuthContext(): { sslPeerCertificate?: { subject: { O?: unknown } } } }): unknown =>
  call.getAuthContext().sslPeerCertificate?.subject.O;

test('a reboot is sent once, by the operator, with its mode', async () => {
  const seen: unknown[] = [];
  const node = await startRunning({
    machine: {
      reboot: (call: grpc.ServerUnaryCall<RebootRequest, unknown>, reply: grpc.sendUnaryData<unknown>) => {
        seen.push([call.request.mode, rolesOf(call)]);
        reply(null, { messages: [{ actorId: 'actor-1' }] });
      },
    },
  });
  const operator = createOperator(here.cluster.access);
  const request = { mode: 'powercycle', deadlineMs: 5_000 } as const;
  expect(await operator.reboot(targetAt(node.address), request)).toEqual({ ok: true, value: { actorId: 'actor-1' } });
  expect(seen).toEqual([['POWERCYCLE', 'os:operator']]);
  await expect.poll(() => node.openSockets()).toBe(0);
});

test('a reboot whose reply is lost is an unknown outcome, and is not sent again', async () => {
  const node: FakeNode = await startRunning({ machine: { reboot: () => node.dropAll() } });
  const answer = await createOperator(here.cluster.access).reboot(targetAt(node.address), {
    mode: 'default',
    deadlineMs: 5_000,
  });
  expect(answer).toMatchObject({ ok: false, error: { code: 'connection_reset' } });
  if (!answer.ok) expect(isOutcomeUnknown(answer.error)).toBe(true);
  expect(node.calls).toEqual(['machine.MachineService/Version', 'machine.MachineService/Reboot']);
});

test('a reboot that nobody answers ends at its deadline, as an unknown outcome', async () => {
  const node = await startRunning({ machine: { reboot: () => {} } });
  const answer = await createOperator(here.cluster.access).reboot(targetAt(node.address), {
    mode: 'default',
    deadlineMs: 300,
  });
  expect(answer).toMatchObject({ ok: false, error: { code: 'deadline_exceeded' } });
  if (!answer.ok) expect(isOutcomeUnknown(answer.error)).toBe(true);
  await expect.poll(() => node.openSockets()).toBe(0);
});

test('a refused reboot is known not to have happened', async () => {
  const node = await startRunning({ machine: { reboot: refuses(grpc.status.PERMISSION_DENIED, 'not authorized') } });
  const answer = await createOperator(here.cluster.access).reboot(targetAt(node.address), {
    mode: 'default',
    deadlineMs: 5_000,
  });
  expect(answer).toMatchObject({ ok: false, error: { code: 'permission_denied' } });
  if (!answer.ok) expect(isOutcomeUnknown(answer.error)).toBe(false);
});

test('without an identity that may, or to an address outside, nothing is sent', async () => {
  const node = await startRunning({ machine: { reboot: answers({ messages: [{ actorId: 'a' }] }) } });
  const { operator: _, admin: __, ...unarmed } = here.cluster.access;
  const request = { mode: 'default', deadlineMs: 5_000 } as const;
  const outside = { ...here.cluster.access, nodeCidrs: ['10.0.0.0/8'] };
  expect(await createOperator(unarmed).reboot(targetAt(node.address), request)).toMatchObject({
    error: { code: 'permission_denied' },
  });
  expect(await createOperator(outside).reboot(targetAt(node.address), request)).toMatchObject({
    error: { code: 'address_not_allowed' },
  });
  expect(node.calls).toEqual([]);
});

const CONFIG = 'version: v1alpha1\nmachine:\n  type: worker\n';

test('a config goes to the approved key, mode AUTO, and no diff comes back', async () => {
  const seen: unknown[] = [];
  const { node, spki } = await startMaintenance(6, {
    machine: {
      applyConfiguration: (
        call: grpc.ServerUnaryCall<ApplyConfigurationRequest, unknown>,
        reply: grpc.sendUnaryData<unknown>,
      ) => {
        const { data, mode, dryRun } = call.request;
        seen.push([createHash('sha256').update(data).digest('hex'), mode, dryRun]);
        const modeDetails =
          'Dry run summary:\nApplied configuration with a reboot (skipped in dry-run).\nConfig diff:\n+  token: abc';
        reply(null, { messages: [{ mode: 'AUTO', modeDetails, warnings: ['use of password=hunter22'] }] });
      },
    },
  });
  const request = { config: CONFIG, spki, dryRun: true, deadlineMs: 5_000 };
  expect(await createAdmin(here.cluster.access).applyInMaintenance(targetAt(node.address), request)).toEqual({
    ok: true,
    value: {
      mode: 'AUTO',
      modeDetails:
        'Dry run summary:\nApplied configuration with a reboot (skipped in dry-run).\n(the diff is left out)',
      warnings: ['use of password=[redacted]'],
    },
  });
  expect(seen).toEqual([[createHash('sha256').update(CONFIG).digest('hex'), 'AUTO', true]]);
});

test('another key at the address gets nothing', async () => {
  const apply = answers({ messages: [{ mode: 'AUTO', modeDetails: '', warnings: [] }] });
  const { node } = await startMaintenance(7, { machine: { applyConfiguration: apply } });
  const { spki: other } = await startMaintenance(8, {});
  const request = { config: CONFIG, spki: other, dryRun: false, deadlineMs: 5_000 };
  const answer = await createAdmin(here.cluster.access).applyInMaintenance(targetAt(node.address), request);
  expect(answer).toMatchObject({ ok: false, error: { code: 'spki_changed' } });
  expect(node.calls).toEqual([]);
  await expect.poll(() => node.openSockets()).toBe(0);
});

test('an empty config is never sent, a refused one comes back with the reason', async () => {
  const { node, spki } = await startMaintenance(9, {
    machine: { applyConfiguration: refuses(grpc.status.INVALID_ARGUMENT, 'configuration validation failed: no disk') },
  });
  const admin = createAdmin(here.cluster.access);
  const request = { config: CONFIG, spki, dryRun: false, deadlineMs: 5_000 };
  expect(await admin.applyInMaintenance(targetAt(node.address), { ...request, config: ' \n' })).toMatchObject({
    error: { code: 'invalid_config' },
  });
  expect(node.calls).toEqual([]);
  expect(await admin.applyInMaintenance(targetAt(node.address), request)).toMatchObject({
    error: { code: 'invalid_config', text: 'configuration validation failed: no disk' },
  });
});
