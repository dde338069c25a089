import { activeConfigOf } from './active-config.ts';
import { isTimeSynced, timeServersOf } from './node-time.ts';
import { one, type ResourceSource } from './resource.ts';
import { minorOf } from './version.ts';

/**
 * `synced` stays true after the first synchronisation of a boot: a clock that drifts away later is seen in the kernel's
 * status and in the answer of a time server. Source: internal/app/machined/pkg/controllers/time/sync.go.
 */
const status: ResourceSource = ({ node }) => {
  const isDisabled = activeConfigOf(node)?.isTimeSyncDisabled ?? false;
  const isOff = node.physical.clockOffset !== undefined && node.physical.clockOffset !== 0;
  const spec = { synced: isTimeSynced(node), epoch: 1, syncDisabled: isDisabled };
  // a measurement that is taken for a spike is not applied, so the difference stays
  const spikes = { spikeDetected: isOff && !isDisabled, consecutiveSpikes: isOff && !isDisabled ? 3 : 0 };
  return [one('runtime', 'node', minorOf(node.physical.version) === 14 ? { ...spec, ...spikes } : spec)];
};

/** The kernel's side of it. Source: internal/app/machined/pkg/controllers/time/adjtime_status.go. */
const adjtime: ResourceSource = ({ node }) => {
  const isOff = node.physical.clockOffset !== undefined && node.physical.clockOffset !== 0;
  const isSynced = isTimeSynced(node) && !isOff && activeConfigOf(node)?.isTimeSyncDisabled !== true;
  const spec = {
    offset: isSynced ? '-214.306µs' : '0s',
    frequencyAdjustmentRatio: 1.0000021362,
    maxError: isSynced ? '31.5ms' : '16s',
    estError: isSynced ? '0s' : '16s',
    status: isSynced ? 'STA_PLL | STA_NANO' : 'STA_UNSYNC | STA_NANO',
    constant: 7,
    syncStatus: isSynced,
    state: isSynced ? 'TIME_OK' : 'TIME_ERROR',
  };
  return [one('runtime', 'node', spec, { owner: 'time.AdjtimeStatusController' })];
};

const servers: ResourceSource = ({ node }) => {
  const spec = { timeServers: timeServersOf(node) };
  return [one('network', 'timeservers', minorOf(node.physical.version) >= 14 ? { ...spec, useNTS: false } : spec)];
};

export const timeResources: Readonly<Record<string, ResourceSource>> = {
  'TimeStatuses.v1alpha1.talos.dev': status,
  'AdjtimeStatuses.v1alpha1.talos.dev': adjtime,
  'TimeServerStatuses.net.talos.dev': servers,
};
