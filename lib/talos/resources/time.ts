import * as z from 'zod';
import { Flag, resourceKind, Text } from '../cosi.ts';
import { goDurationMs } from '../go-duration.ts';

export const TIME_STATUS_ID = 'node';
/** `synced` is also true where the config switches time sync off. */
export const timeStatus = resourceKind(
  'TimeStatuses.v1alpha1.talos.dev',
  z.object({ synced: Flag, syncDisabled: Flag }),
  (spec) => spec,
);

export const ADJTIME_ID = 'node';
export const adjtimeStatus = resourceKind(
  'AdjtimeStatuses.v1alpha1.talos.dev',
  z.object({ offset: Text, syncStatus: Flag, state: Text }),
  ({ offset, syncStatus, state }) => ({ offsetMs: goDurationMs(offset), isSynced: syncStatus, state }),
);
