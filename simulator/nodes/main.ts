import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { controlApi } from './control-api.ts';
import { startCluster } from './start-cluster.ts';

/** The simulated cluster as a process of its own. Prints one JSON line when it is ready. */
const IDLE_EXIT_AFTER_MS = 10 * 60_000;

const Options = z.object({
  folder: z.string().min(1),
  scenario: z.string().default('healthy'),
  factor: z.coerce.number().positive().max(1000).default(10),
  seed: z.string().optional(),
  linger: z.boolean().default(false),
});
const text = { type: 'string' } as const;

/** Ends the process: what was asked for cannot be done. */
function refuse(error: unknown): never {
  const said = error instanceof z.ZodError ? z.prettifyError(error) : error;
  console.error(`usage: nodes --folder DIR [--scenario NAME|FILE] [--factor N] [--seed S] [--linger]
${said instanceof Error ? said.message : String(said)}`);
  process.exit(2);
}

function readOptions(): z.infer<typeof Options> {
  try {
    const { values } = parseArgs({
      options: { folder: text, scenario: text, factor: text, seed: text, linger: { type: 'boolean' } },
    });
    return Options.parse(values);
  } catch (error) {
    return refuse(error);
  }
}

const { folder, scenario, factor, seed, linger } = readOptions();
const parent = process.ppid;
const wanted = { folder, scenario, factor, ...(seed === undefined ? {} : { seed }) };
const cluster = await startCluster(wanted).catch(refuse);
let seenAt = performance.now();
let isLeaving = false;
const leave = async () => {
  if (isLeaving) return;
  isLeaving = true;
  api.close();
  api.closeAllConnections();
  await cluster.stop();
  process.exit(0);
};
const api = controlApi(cluster, {
  seen: () => {
    seenAt = performance.now();
  },
  stop: () => void leave(),
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void leave());
// without --linger it ends with whoever started it; with it, when nobody asked for anything for a while
setInterval(() => {
  const isForgotten = linger ? performance.now() - seenAt > IDLE_EXIT_AFTER_MS : process.ppid !== parent;
  if (isForgotten) void leave();
}, 1_000).unref();
api.listen(0, '127.0.0.1', () => {
  const address: AddressInfo | string | null = api.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  cluster.publish(`http://127.0.0.1:${port}`);
  console.log(JSON.stringify({ ready: true, ...cluster.world, controlToken: undefined }));
});
