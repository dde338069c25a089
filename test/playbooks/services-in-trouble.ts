import type { Evidence, Readings } from '../../lib/evidence/evidence.ts';
import type { ServiceReading } from '../../lib/evidence/values.ts';
import { AT, BOOT_S, kernel, ok, running } from './build-evidence.ts';

// Synthetic: texts as Talos prints them, times within the boot of 11:50 that is looked at 10 minutes later.

type Event = readonly [state: string, message: string, at?: string];

/** A service whose last events are these; where no time is said it is 20 s after the boot. */
export const service = (id: string, ...events: readonly Event[]): ServiceReading => ({
  id,
  state: events.at(-1)?.[0] ?? 'Running',
  health: 'unknown',
  lastMessage: '',
  events: events.map(([state, message, at = '2026-03-01T11:50:20.000Z']) => ({ state, message, at })),
});
export const up = (id: string): ServiceReading => ({
  ...service(id, ['Running', 'Health check successful']),
  health: 'healthy',
});
export const waiting = (id: string, condition: string, at = '2026-03-01T11:50:20.000Z'): ServiceReading =>
  service(id, ['Starting', 'Starting service', at], ['Waiting', `Waiting for ${condition}`, at]);

/** `minutes` after the boot began. */
export const later = (minutes: number): Pick<Evidence, 'collectedAt'> => ({
  collectedAt: new Date(BOOT_S * 1000 + minutes * 60_000).toISOString(),
});

/** A control plane that has been booting since 11:50, with its clock in time and these services beside the usual ones. */
export function booting(
  services: readonly ServiceReading[],
  readings: Readings = {},
  change: Partial<Evidence> = {},
): Evidence {
  const ids = new Set(services.map(({ id }) => id));
  const usual = ['apid', 'cri', 'etcd', 'kubelet'].filter((id) => !ids.has(id)).map(up);
  return running(
    {
      machineStatus: ok({ stage: 'booting', ready: true, unmetConditions: [] }),
      services: ok([...usual, ...services]),
      systemStat: ok({ bootTimeS: BOOT_S }),
      timeStatus: ok({ synced: true, syncDisabled: false }),
      ...readings,
    },
    { collectedAt: AT, ...change },
  );
}

export const extension = (name: string, version: string, id = '0') => ({ id, name, version, image: `${id}.sqsh` });

export const zfsWaits = (readings: Readings = {}, change: Partial<Evidence> = later(47)): Evidence =>
  booting(
    [waiting('ext-zfs-service', 'file "/dev/zfs" to exist')],
    {
      extensions: ok([extension('zfs', 'v2.2.6')]),
      kernelModuleSpecs: ok([]),
      kernelModules: ok([{ name: 'xfs', state: 'live' }]),
      kernelLog: ok(
        ['2026-03-01T11:50:45.000Z', '2026-03-01T12:36:45.000Z'].map((at) =>
          kernel(at, '[talos] task startAllServices (1/1): service "ext-zfs-service" to be "up"'),
        ),
      ),
      ...readings,
    },
    change,
  );

/** Started and ended so often, once a minute from 11:51 on. */
export const crashing = (id: string, times: number, message: string): ServiceReading =>
  service(
    id,
    ...Array.from({ length: times }, (_, n) => `2026-03-01T11:5${n + 1}:00.000Z`).flatMap((at): Event[] => [
      ['Running', `Started task ${id} (PID 7) for container ${id}`, at],
      ['Waiting', message, at],
    ]),
  );

export const iscsiCrashes = (): Evidence =>
  booting(
    [crashing('ext-iscsid', 4, 'Error running Containerd(ext-iscsid), going to restart forever: exit code 127')],
    { extensions: ok([extension('iscsi-tools', 'v0.1.1')]) },
  );

/** kubelet and etcd wait for the time, which the log shows for twelve minutes. The clock is wrong by decades. */
export const withoutTime = (readings: Readings = {}): Evidence =>
  booting([waiting('etcd', 'time sync'), waiting('kubelet', 'time sync')], {
    machineStatus: ok({
      stage: 'booting',
      ready: false,
      unmetConditions: [{ name: 'time', reason: 'time is not synced' }],
    }),
    systemStat: ok({ bootTimeS: 1 }),
    timeStatus: ok({ synced: false, syncDisabled: false }),
    timeServers: ok(['ntp.example.org']),
    networkStatus: ok({ addressReady: true, connectivityReady: true, hostnameReady: true, etcFilesReady: true }),
    kernelLog: ok([
      kernel('1970-01-01T00:00:01.000Z', 'Linux version 6.12'),
      kernel(
        '1970-01-01T00:12:01.000Z',
        '[talos] failed looking up "ntp.example.org", ignored {"error": "i/o timeout"}',
      ),
    ]),
    ...readings,
  });

export const FAILED_LOOKUP =
  'failed to resolve reference: Head "https://ghcr.io/v2/": dial tcp: lookup ghcr.io on 127.0.0.53:53: server misbehaving';
export const notPulled = (id: string, image: string, cause = FAILED_LOOKUP): ServiceReading =>
  service(id, ['Failed', `Failed to run pre stage: failed to pull image "${image}": ${cause}`]);

const NO_SANDBOX =
  '{"error":"failed to recover state: failed to get metadata for stored sandbox \\"9d2cffd4527995aed00d3b33\\": not found","level":"fatal","msg":"Failed to run CRI service"}';
export const runtimeCorrupt = (readings: Readings = {}, times = 4): Evidence =>
  booting(
    [
      crashing('cri', times, 'Error running Process(["/bin/containerd"]), going to restart forever: exit status 1'),
      waiting('kubelet', 'service "cri" to be "up"'),
    ],
    {
      machineStatus: ok({ stage: 'booting', ready: false, unmetConditions: [] }),
      logs: { cri: ok(['Started task cri', NO_SANDBOX, NO_SANDBOX]) },
      ...readings,
    },
  );

export const cannotStop = (readings: Readings = {}, change: Partial<Evidence> = later(20)): Evidence =>
  booting(
    [
      service(
        'ext-zfs-service',
        ['Running', 'Started task ext-zfs-service (PID 7)'],
        ['Stopping', 'Sending SIGTERM to task ext-zfs-service (PID 7)'],
        ['Stopping', 'Sending SIGKILL to task ext-zfs-service (PID 7)'],
      ),
    ],
    {
      machineStatus: ok({ stage: 'rebooting', ready: true, unmetConditions: [] }),
      extensions: ok([extension('zfs', 'v2.4.1')]),
      ...readings,
    },
    change,
  );
