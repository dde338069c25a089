import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Deps } from '../lib/flow/deps.ts';
import { type AlertTokens, receive } from '../lib/flow/receive.ts';

/** `POST /alerts` and `POST /alerts/{cluster}`: Alertmanager's webhook. */
export const alertsHandler =
  (deps: Deps, tokens: AlertTokens) =>
  async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
    const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8').toString('utf8');
    const cluster = event.pathParameters?.['cluster'];
    const answer = await receive(deps, tokens, { cluster, authorization: event.headers['authorization'], body });
    deps.log('alerts_answered', { status: answer.status, cluster: cluster ?? '' });
    return {
      statusCode: answer.status,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(answer.body),
    };
  };
