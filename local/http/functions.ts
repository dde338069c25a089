import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Medic } from '../medic.ts';
import type { Request, Response, Route } from './request.ts';

/** `/alerts` and `/slack/events`: the handlers get what API Gateway would give them. */
export function functionRoutes(medic: Medic): readonly Route[] {
  return [
    async (request) => {
      const cluster = /^\/alerts(?:\/([^/]{1,100}))?$/.exec(request.path);
      if (request.method !== 'POST' || cluster === null) return undefined;
      const name = cluster[1];
      return fromLambda(await medic.alerts(toEvent(request, name === undefined ? {} : { cluster: decoded(name) })));
    },
    async (request) => {
      if (request.method !== 'POST' || request.path !== '/slack/events') return undefined;
      return fromLambda(await medic.slack(toEvent(request, {})));
    },
  ];
}

/** As API Gateway does; what cannot be decoded stays as it came, and is no cluster of ours. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

type Answered = {
  readonly statusCode?: number | undefined;
  readonly headers?: unknown;
  readonly body?: string | undefined;
};

function fromLambda({ statusCode = 200, headers, body = '' }: Answered): Response {
  const kept = Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]);
  return { status: statusCode, headers: Object.fromEntries(kept), body };
}

function toEvent(
  { method, path, query, headers, body }: Request,
  pathParameters: Record<string, string>,
): APIGatewayProxyEventV2 {
  return {
    version: '2.0',
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString: query.toString(),
    headers,
    pathParameters,
    body,
    isBase64Encoded: false,
    requestContext: {
      accountId: 'local',
      apiId: 'local',
      domainName: 'localhost',
      domainPrefix: '',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: headers['user-agent'] ?? '' },
      requestId: '',
      routeKey: `${method} ${path}`,
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
  };
}
