import { clusterOf } from '../config/config.ts';
import { medic } from '../incidents/actor.ts';
import { type Asker, clusterKind, clusterOfStream } from '../incidents/cluster-stream.ts';
import { incidentKind, incidentStream } from '../incidents/stream.ts';
import { renderPatrolAnswer } from '../slack/views/patrol-answer.ts';
import { TryAgain } from './deps.ts';
import { again, type Notifying } from './notify.ts';

/** Tells everybody who asked for a patrol what it found, where they asked. Only they see it. */
export async function answerPatrol(deps: Notifying, stream: string): Promise<void> {
  const cluster = clusterOfStream(stream);
  const state = await deps.ledger.read(clusterKind, stream);
  if (cluster === undefined || state === undefined) return;
  const incident =
    state.incident === '' ? undefined : await deps.ledger.read(incidentKind, incidentStream(state.incident));
  const isOnCard = incident !== undefined && incident.status !== 'closed';
  const channel = isOnCard ? clusterOf(deps.config, cluster)?.channel : undefined;
  const text = renderPatrolAnswer({ cluster, failed: state.failed, said: state.report?.said, cardIn: channel });
  for (const asker of state.unanswered) {
    const sent = await deps.slack.postEphemeral(asker.channel, asker.user, text);
    // who has left the channel meanwhile is told nothing, and waits for nothing
    if (!sent.ok && sent.error.code !== 'refused') throw again(sent.error);
    await record(deps, stream, cluster, asker, sent.ok ? '' : sent.error.slackCode);
  }
}

async function record(deps: Notifying, stream: string, cluster: string, asker: Asker, because: string): Promise<void> {
  const data = { ...asker, because };
  const event = { type: 'patrol_answered' as const, actor: medic, cluster, node: '', data };
  const written = await deps.ledger.change(clusterKind, stream, () => ({ events: [event], result: undefined }));
  if (!written.ok) throw new TryAgain('patrol_answered could not be written', 1_000);
}
