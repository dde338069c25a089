import { redactText } from '../evidence/redact.ts';
import { err, ok } from '../result.ts';
import { machineChanges } from './changing-methods.ts';
import { openConnection, sourceOf } from './connection.ts';
import { mayDial } from './dial-rules.ts';
import { unverified } from './node-policy.ts';
import { spkiOf } from './peer-certificate.ts';
import { only, short } from './readings/read.ts';
import type { ClusterAccess, TalosAdmin } from './talos.ts';

/**
 * Config. In maintenance mode nobody is asked who they are, so no identity is used there at all; what protects the
 * config is that it goes only to the machine whose key was approved.
 */
export const createAdmin = (access: ClusterAccess): TalosAdmin => ({
  async applyInMaintenance({ name, address }, { config, spki, dryRun, deadlineMs }) {
    const source = sourceOf(machineChanges.applyConfiguration);
    const allowed = mayDial(address, access);
    if (!allowed.ok) return err({ code: 'address_not_allowed', node: name, source, text: allowed.error });
    if (config.trim() === '') return err({ code: 'invalid_config', node: name, source, text: 'the config is empty' });
    const tls = unverified(access, address, (peer) => spkiOf(peer) === spki);
    const connection = openConnection({ node: name, tls });
    try {
      const request = { data: Buffer.from(config, 'utf8'), mode: 'AUTO', dryRun } as const; // 0 would be REBOOT
      const context = { timeoutMs: deadlineMs, signal: new AbortController().signal };
      const reply = await connection.unary(machineChanges.applyConfiguration, request, context);
      if (!reply.ok) return reply;
      const message = only(reply.value.messages, name, source);
      if (!message.ok) return message;
      const { mode, modeDetails, warnings } = message.value;
      return ok({
        mode: mode === 'UNRECOGNIZED' ? 'unknown' : mode,
        modeDetails: withoutDiff(modeDetails),
        warnings: warnings.slice(0, 100).map((warning) => redactText(short(warning)).text),
      });
    } finally {
      connection.close();
    }
  },
});

/** Talos prints a diff of configs, which hold the cluster's keys. It ends here. */
function withoutDiff(details: string): string {
  const at = details.search(/^(?:config diff|diff):/im);
  const kept = at === -1 ? details : `${details.slice(0, at)}(the diff is left out)`;
  return redactText(short(kept)).text;
}
