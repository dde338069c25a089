import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import * as z from 'zod';
import { err, ok, type Result } from '../../lib/result.ts';
import { explain } from '../../lib/yaml/explain-issues.ts';
import { FactoryFault } from '../factory/factory-schema.ts';
import { describeNode } from './describe-node.ts';
import { scenarioPlace } from './expect-words.ts';
import { listScenarios } from './read-scenario.ts';
import { Fault, NetworkPart } from './scenario-schema.ts';
import type { RunningCluster } from './start-cluster.ts';

/** The control API of the simulated cluster: loopback, bearer token of `world.json`. For the panel and for tests. */
const Load = z
  .object({ name: z.string().min(1).optional(), file: z.string().min(1).optional(), before: z.boolean().optional() })
  .refine(({ name, file }) => (name === undefined) !== (file === undefined), 'expected either name or file');
const BODY_CHARACTERS = 100_000;
const SetFault = z.object({
  node: z.string(),
  fault: z.union([z.literal('none'), Fault.shape.fault]),
  method: z.string().optional(),
});
const SetFactory = z.object({
  fault: z.union([z.literal('none'), FactoryFault.shape.fault]),
  of: z.string().optional(),
  delay: z.string().optional(),
});
const SetPower = z.object({ node: z.string(), power: z.enum(['on', 'off']) });
const SetFactor = z.object({ factor: z.number().positive().max(1000) });

type Reply = { readonly status: number; readonly body: unknown };
type Handlers = Readonly<Record<string, (body: unknown) => Promise<Reply> | Reply>>;

const good = (body: unknown): Reply => ({ status: 200, body });
const bad = (error: string): Reply => ({ status: 400, body: { error } });

export function controlApi(
  cluster: RunningCluster,
  calls: { readonly seen: () => void; readonly stop: () => void },
): Server {
  const handlers: Handlers = {
    'GET /state': () => good(describe(cluster)),
    'GET /scenarios': () => good(library()),
    'GET /journal': () => good(cluster.journal()),
    'GET /journal/newest': () => good(cluster.newestCalls()),
    'POST /ping': () => good({ ok: true }),
    'POST /scenario': with_(Load, async ({ name, file, before = false }) => {
      const loaded = await cluster.loadScenario(name ?? file ?? '', { before });
      return loaded.ok ? good(loaded.value) : bad(loaded.error.join('\n'));
    }),
    'POST /fault': with_(SetFault, async ({ node, fault, method }) => {
      const wanted =
        fault === 'none' ? ok(undefined) : readBy(Fault, { fault, ...(method === undefined ? {} : { method }) });
      if (!wanted.ok) return bad(wanted.error);
      return (await cluster.setFault(node, wanted.value)) ? good({ ok: true }) : bad(`there is no node ${node}`);
    }),
    'POST /factory': with_(SetFactory, ({ fault, of, delay }) => {
      const said = { fault, ...(of === undefined ? {} : { of }), ...(delay === undefined ? {} : { delay }) };
      const wanted = fault === 'none' ? ok(undefined) : readBy(FactoryFault, said);
      if (!wanted.ok) return bad(wanted.error);
      cluster.setFactoryFault(wanted.value);
      return good({ ok: true });
    }),
    'POST /node': with_(SetPower, async ({ node, power }) =>
      (await cluster.setPower(node, power)) ? good({ ok: true }) : bad(`there is no node ${node}`),
    ),
    'POST /network': with_(NetworkPart, async ({ cuts }) => {
      const set = await cluster.setNetwork(cuts);
      return set.ok ? good({ ok: true }) : bad(set.error);
    }),
    'POST /clock': with_(SetFactor, ({ factor }) => {
      cluster.setFactor(factor);
      return good({ ok: true });
    }),
    'POST /stop': () => {
      setImmediate(calls.stop);
      return good({ ok: true });
    },
  };
  return createServer((request, response) => {
    calls.seen();
    answer(request, handlers, cluster.state.controlToken)
      .catch((error: unknown): Reply => ({ status: 500, body: { error: String(error) } }))
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      })
      .catch(() => response.destroy());
  });
}

/** By the rules of scenario files: a call that does not exist would never fail. */
function readBy<T>(schema: z.ZodType<T>, value: unknown): Result<T, string> {
  const parsed = schema.safeParse(value);
  return parsed.success
    ? ok(parsed.data)
    : err(
        explain(parsed.error.issues, value)
          .map(({ says }) => says)
          .join('; '),
      );
}

const with_ =
  <T>(schema: z.ZodType<T>, run: (value: T) => Promise<Reply> | Reply) =>
  (body: unknown): Promise<Reply> | Reply => {
    const parsed = schema.safeParse(body);
    return parsed.success ? run(parsed.data) : bad(z.prettifyError(parsed.error));
  };

function parseJson(text: string): Result<unknown, string> {
  try {
    return ok(JSON.parse(text));
  } catch {
    return err('the body is not JSON');
  }
}

async function answer(request: IncomingMessage, handlers: Handlers, token: string): Promise<Reply> {
  if (!isAllowed(request.headers.authorization, token)) return { status: 401, body: { error: 'not authorized' } };
  const handler = handlers[`${request.method} ${request.url}`];
  if (handler === undefined) return { status: 404, body: { error: 'there is nothing here' } };
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > BODY_CHARACTERS) return { status: 413, body: { error: 'the body is too large' } };
  }
  const body = parseJson(text === '' ? '{}' : text);
  return body.ok ? handler(body.value) : bad(body.error);
}

function isAllowed(given: string | undefined, token: string): boolean {
  const [one, other] = [Buffer.from(given ?? ''), Buffer.from(`Bearer ${token}`)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** As the panel lists them: by heading, then by name. */
const library = () =>
  listScenarios()
    .map(({ name, summary, expect: { finding } }) => {
      return { name, summary, isWell: finding === 'healthy', ...scenarioPlace(finding) };
    })
    .sort((a, b) => a.place - b.place || a.name.localeCompare(b.name, 'en', { numeric: true }))
    .map(({ place: _order, ...scenario }) => scenario);

const describe = ({ state, world }: RunningCluster) => ({
  cluster: state.cluster,
  factory: { url: world.factory, fault: state.factory.fault },
  scenario: state.scenario,
  cuts: state.network.cuts.map(({ between, port }) => ({ between, port })),
  nodes: Object.values(state.nodes).map((node) => describeNode(state, node)),
});
