import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

/** Made once per data folder and kept in it, readable by its owner alone. */
const LocalSecrets = z.object({
  alertToken: z.string(),
  apiToken: z.string(),
  slackSigningSecret: z.string(),
  slackBotToken: z.string(),
  sessionKey: z.string(),
});
export type LocalSecrets = z.infer<typeof LocalSecrets>;

export function readSecrets(folder: string): LocalSecrets {
  const file = join(folder, 'secrets.json');
  if (existsSync(file)) return LocalSecrets.parse(JSON.parse(readFileSync(file, 'utf8')));
  const token = () => randomBytes(24).toString('base64url');
  const secrets = {
    alertToken: token(),
    apiToken: token(),
    slackSigningSecret: randomBytes(16).toString('hex'),
    slackBotToken: `xoxb-local-${token()}`,
    sessionKey: token(),
  };
  writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  return secrets;
}
