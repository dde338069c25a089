import type { TableNames } from '../lib/store/tables.ts';

/** The two tables as they are called on one machine. */
export const localTables: TableNames = { audit: 'medic-audit', state: 'medic-state' };
