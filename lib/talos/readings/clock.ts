import { err, ok } from '../../result.ts';
import { sourceOf } from '../connection.ts';
import { timeService } from '../methods.ts';
import { askOne, isoTime, malformed, type Reader, short } from './read.ts';

/** Source: TimeService/Time: the node asks its time server once. `offsetMs`: how far the node is behind it. */
export const readClock: Reader<{ server: string; nodeTime: string; offsetMs: number }> = async (
  connection,
  context,
) => {
  const source = sourceOf(timeService.time);
  const message = await askOne(connection, timeService.time, {}, context);
  if (!message.ok) return message;
  const { server, localtime, remotetime } = message.value;
  const nodeTime = isoTime(localtime);
  if (nodeTime === '' || isoTime(remotetime) === '') return err(malformed(context.node, source, 'no times'));
  const offsetMs = (remotetime?.getTime() ?? 0) - (localtime?.getTime() ?? 0);
  return ok({ value: { server: short(server), nodeTime, offsetMs } });
};
