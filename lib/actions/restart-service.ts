import * as z from 'zod';
import { bootFacts, bootText, parseBoot, sameBoot } from '../evidence/boot.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { readValue } from '../evidence/reading.ts';
import type { ServiceReading } from '../evidence/values.ts';
import type { Check } from '../incidents/event.ts';
import { err, ok } from '../result.ts';
import type { TalosOperator } from '../talos/orders.ts';
import type { Action, ActionJudge } from './action.ts';
import { runningChecks } from './checks.ts';
import { notDone } from './sent.ts';
import { keepEvidence } from './steps.ts';
import { actionTraits } from './traits.ts';

/** The call waits until the service has stopped: containers get 10 s, then they are killed. */
const CALL_MS = 60_000;

/** Talos restarts no other service by API. Source: siderolabs/talos, system/system.go, services/{kubelet,extension}.go. */
const WhichService = z.strictObject({ service: z.string().regex(/^(?:kubelet|ext-[a-z0-9][a-z0-9_-]{0,62})$/) });

/** Talos RPC `ServiceRestart`, role os:operator. */
export const restartService = (talos: Pick<TalosOperator, 'restartService'>): Action => ({
  traits: actionTraits.restart_service,
  async plan({ parameters, evidence, entry }) {
    const which = WhichService.safeParse(parameters);
    if (!which.success) return err({ because: NOT_BY_API });
    const { service } = which.data;
    const seen = serviceOf(evidence, service);
    if (seen === undefined) return err({ because: `${entry.name} does not list a service ${service}.` });
    if (bootText(bootFacts(evidence)) === '')
      return err({ because: 'The node does not say when it booted, so a restart could not be told from a boot.' });
    return ok({
      steps: [
        keepEvidence(),
        {
          n: 1,
          method: 'ServiceRestart',
          request: { service, lastEventAt: lastEventAt(seen) },
          probe:
            'A stop of the service in its own history, later than the last one of the plan, shows that it arrived.',
          deadlineMs: CALL_MS,
        },
      ],
      consequences: [
        service === 'kubelet'
          ? 'The kubelet stops and starts again; pods keep running, the node may be NotReady for a minute.'
          : `${service} stops and starts again; what it serves is away meanwhile.`,
        'Nothing else on the node is touched; it does not reboot.',
      ],
      details: [
        {
          label: 'Service now',
          text: `${seen.state}, ${seen.health}${seen.lastMessage ? `: ${seen.lastMessage}` : ''}`,
        },
      ],
    });
  },
  async execute(step, _plan, target) {
    const reply = await talos.restartService(target, {
      service: String(step.request['service']),
      deadlineMs: step.deadlineMs,
    });
    return reply.ok ? { outcome: 'done', because: reply.value.says || 'Talos took the call.' } : notDone(reply.error);
  },
});

const NOT_BY_API = 'Talos restarts only the kubelet and extension services by API.';

const serviceOf = ({ readings }: Evidence, service: string): ServiceReading | undefined =>
  readValue(readings.services)?.find(({ id }) => id === service);
const lastEventAt = ({ events }: ServiceReading): string => events.at(-1)?.at ?? '';

export const restartServiceJudge: ActionJudge = {
  traits: actionTraits.restart_service,
  about(parameters) {
    const which = WhichService.safeParse(parameters);
    return which.success ? ok(which.data.service) : err(NOT_BY_API);
  },
  probe({ request }, plan, { evidence, deadlinePassed }) {
    if (sameBoot(parseBoot(plan.boot), bootFacts(evidence)) !== true) {
      return { answer: 'unknown', because: evidence.reach.error?.message ?? 'It is not proven to be the same boot.' };
    }
    const service = serviceOf(evidence, String(request['service']));
    if (service === undefined) return { answer: 'unknown', because: 'The services could not be read.' };
    const since = service.events.filter(({ at }) => at > String(request['lastEventAt']));
    if (since.some(({ state }) => STOPPED.has(state))) {
      return { answer: 'arrived', because: `${service.id} was stopped since the plan was made.` };
    }
    if (since.length === 0 && deadlinePassed) {
      return {
        answer: 'not_arrived',
        because: `Same boot, nothing has happened to ${service.id}, and the deadline of the call has passed.`,
      };
    }
    return { answer: 'unknown', because: `${service.id} is ${service.state}; whether it was asked to cannot be told.` };
  },
  verify(plan, { evidence, entry }) {
    const { service = '', lastEventAt: before = '' } = plan.steps.at(-1)?.request ?? {};
    return [
      upAgain(serviceOf(evidence, String(service)), String(service), String(before)),
      ...runningChecks(evidence, entry),
    ];
  },
};

function upAgain(service: ServiceReading | undefined, id: string, before: string): Check {
  const name = `Service ${id}`;
  if (service === undefined) return { name, answer: 'unknown', says: 'not readable yet' };
  const startedAt = service.events.findLast(({ state }) => state === 'Running')?.at ?? '';
  const isUp = service.state === 'Running' && service.health !== 'unhealthy' && startedAt > before;
  return {
    name,
    answer: isUp ? 'yes' : 'no',
    says: `${service.state}, ${service.health}, started ${startedAt === '' ? 'never' : startedAt}`,
  };
}

/** A service that ends by itself waits for its next start; only a stop goes through these. */
const STOPPED: ReadonlySet<string> = new Set(['Stopping', 'Finished']);
