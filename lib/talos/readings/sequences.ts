import type { SequenceReading } from '../../evidence/values.ts';
import { err, ok } from '../../result.ts';
import { describeTalosError } from '../describe-talos-error.ts';
import { decodeEvent } from '../events.ts';
import { machineService } from '../methods.ts';
import type { Reader } from './read.ts';

const MAX_EVENTS = 5000;
/** The stream goes on with live events and nothing marks the end of the past: it is sent in one go. */
const QUIET_MS = 400;

/** Source: MachineService/Events with the whole tail, of which only SequenceEvents are kept. Oldest first. */
export const readSequences: Reader<readonly SequenceReading[]> = async (connection, context) => {
  const value: SequenceReading[] = [];
  let frames = 0;
  const request = { tailEvents: -1, tailId: '', tailSeconds: 0, withActorId: '' };
  const end = await connection.read(machineService.events, request, context, {
    quietMs: QUIET_MS,
    onFrame: (frame) => {
      frames += 1;
      const event = decodeEvent(frame);
      if (event?.type === 'sequence') {
        value.push({
          id: frame.id.slice(0, 64),
          actorId: frame.actorId.slice(0, 64),
          sequence: event.name,
          action: actionOf(event.action),
          ...(event.error === undefined ? {} : { error: event.error }),
        });
      }
      return frames < MAX_EVENTS;
    },
  });
  if (!end.ok && value.length === 0) return err(end.error);
  const cut = [
    ...(frames < MAX_EVENTS ? [] : [`reading stopped after ${MAX_EVENTS} events`]),
    ...(end.ok ? [] : [`broke off: ${describeTalosError(end.error)}`]),
  ].join('; ');
  return ok({ value, ...(cut === '' ? {} : { cut }) });
};

function actionOf(action: string): SequenceReading['action'] {
  return action === 'NOOP' || action === 'START' || action === 'STOP' ? action : 'unknown';
}
