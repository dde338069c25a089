import { redactText } from '../../evidence/redact.ts';
import { err, ok, type Result } from '../../result.ts';
import { rulesFor } from '../../versions/rules.ts';
import { machineChanges } from '../changing-methods.ts';
import { type Connection, openConnection } from '../connection.ts';
import { getResource } from '../cosi.ts';
import { mayDial } from '../dial-rules.ts';
import { unverified } from '../node-policy.ts';
import type { AppliedConfig, ApplyOrder, TalosAdmin } from '../orders.ts';
import { spkiOf } from '../peer-certificate.ts';
import { askOne, type ReadContext, short } from '../readings/read.ts';
import { applyRequest } from '../requests.ts';
import { talosVersion, VERSION_ID } from '../resources/runtime.ts';
import type { ClusterAccess } from '../talos.ts';
import type { TalosError, TalosErrorCode } from '../talos-error.ts';
import { invalidOrder, withSession } from './session.ts';

const APPLY = 'machine.MachineService/ApplyConfiguration';
/** Talos' own default is a minute; longer than an hour nobody watches. */
const MAX_TRY_S = 3600;

export const configs = (access: ClusterAccess): Pick<TalosAdmin, 'applyConfig' | 'applyInMaintenance'> => ({
  async applyConfig(target, { deadlineMs, ...order }) {
    const problem = problemOf(order);
    if (problem !== undefined) return invalidOrder(target.name, APPLY, problem);
    return withSession(access, target, APPLY, deadlineMs, ({ connection, context }) =>
      apply(connection, order, context),
    );
  },

  /**
   * In maintenance mode nobody is asked who they are, so no identity is used there at all; what protects the config is
   * that it goes only to the machine whose key was approved.
   */
  async applyInMaintenance({ name, address }, { config, spki, dryRun, deadlineMs }) {
    const unsent = (code: TalosErrorCode, text: string) =>
      err<TalosError>({ code, node: name, source: APPLY, text, isUnsent: true });
    const allowed = mayDial(address, access);
    if (!allowed.ok) return unsent('address_not_allowed', allowed.error);
    if (config.trim() === '') return unsent('invalid_config', 'the config is empty');
    const connection = openConnection({
      node: name,
      tls: unverified(access, address, (peer) => spkiOf(peer) === spki),
    });
    try {
      const endsAtMs = performance.now() + deadlineMs;
      const context = () => ({
        timeoutMs: Math.max(1, endsAtMs - performance.now()),
        signal: new AbortController().signal,
        node: name,
      });
      const version = await getResource(connection, talosVersion, VERSION_ID, context());
      // up to 1.9 the resource does not exist: then the version is the one that the plan was made for
      if (!version.ok && version.error.code !== 'not_supported_by_version')
        return err({ ...version.error, isUnsent: true });
      const rules = version.ok ? rulesFor(version.value.tag) : undefined;
      if (rules?.ok === false) return unsent('version_not_known', rules.error);
      return await apply(connection, { config, mode: 'auto', dryRun }, context());
    } finally {
      connection.close();
    }
  },
});

function problemOf(order: ApplyOrder): string | undefined {
  if (order.config.trim() === '') return 'the config is empty';
  if (order.mode !== 'try') return undefined;
  const isSpan = Number.isInteger(order.revertAfterS) && order.revertAfterS > 0 && order.revertAfterS <= MAX_TRY_S;
  return isSpan ? undefined : `a try is reverted after 1 to ${MAX_TRY_S} s`;
}

async function apply(
  connection: Connection,
  order: ApplyOrder,
  context: ReadContext,
): Promise<Result<AppliedConfig, TalosError>> {
  const message = await askOne(connection, machineChanges.applyConfiguration, applyRequest(order), context);
  if (!message.ok) return message;
  const { mode, modeDetails, warnings } = message.value;
  return ok({
    mode: mode === 'UNRECOGNIZED' ? 'unknown' : mode,
    modeDetails: withoutDiff(modeDetails),
    warnings: warnings.slice(0, 100).map((warning) => redactText(short(warning)).text),
  });
}

/** Talos prints a diff of configs, which hold the cluster's keys. It ends here. */
function withoutDiff(details: string): string {
  const at = details.search(/^(?:config diff|diff):/im);
  const kept = at === -1 ? details : `${details.slice(0, at)}(the diff is left out)`;
  return redactText(short(kept)).text;
}
