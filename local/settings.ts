import { join, resolve } from 'node:path';

/** What the environment says, parsed once. */
export type Settings = {
  readonly port: number;
  readonly dataFolder: string;
  /** medic.yaml; undefined: what the demo says. */
  readonly configFile: string | undefined;
  readonly alertToken: string | undefined;
  readonly apiToken: string | undefined;
  readonly dynamoEndpoint: string | undefined;
  /** How much faster than real time the simulated cluster lives. */
  readonly clockFactor: number;
  /** Waits between looks while verifying, ms. */
  readonly lookAgainMs: readonly number[];
  readonly sweepEveryMs: number;
  /** From the beginning of a patrol to that of the next one; 0: only when somebody asks. */
  readonly patrolEveryMs: number;
};

/** Soon at first, as a simulated boot is quick; then ever more seldom. */
const LOOK_AGAIN_MS = [3_000, 5_000, 10_000, 20_000, 30_000, 60_000];

/** A sentence for every variable that cannot be used. */
export function readSettings(env: NodeJS.ProcessEnv): Settings | { readonly problems: readonly string[] } {
  const problems: string[] = [];
  const whole = (name: string, fallback: number, least: number, most: number): number => {
    const text = env[name];
    if (text === undefined || text === '') return fallback;
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    problems.push(`${name} is "${text}"; it takes a whole number from ${least} to ${most}.`);
    return fallback;
  };
  const port = whole('MEDIC_PORT', 3000, 1, 65_535);
  const clockFactor = whole('MEDIC_CLOCK_FACTOR', 10, 1, 1000);
  const lookAgain = whole('MEDIC_LOOK_AGAIN_MS', 0, 0, 600_000);
  const sweepEveryMs = whole('MEDIC_SWEEP_MS', 5_000, 100, 3_600_000);
  const patrolEveryMs = whole('MEDIC_PATROL_MS', 3_600_000, 0, 604_800_000);
  if (problems.length > 0) return { problems };
  return {
    port,
    dataFolder: resolve(env['MEDIC_DATA'] || '.medic'),
    configFile: env['MEDIC_CONFIG'] || undefined,
    alertToken: env['MEDIC_ALERT_TOKEN'] || undefined,
    apiToken: env['MEDIC_API_TOKEN'] || undefined,
    dynamoEndpoint: env['DYNAMODB_ENDPOINT'] || undefined,
    clockFactor,
    lookAgainMs: lookAgain === 0 ? LOOK_AGAIN_MS : [lookAgain],
    sweepEveryMs,
    patrolEveryMs,
  };
}

export const worldFolder = (dataFolder: string): string => join(dataFolder, 'world');
export const slackFolder = (dataFolder: string): string => join(dataFolder, 'slack');
