import { type ClientRequest, request as httpRequest } from 'node:http';
import type { Passage } from './server.ts';

/** `/local/slack` and everything below: passed on to the local Slack as it comes, streams included. */
export const slackPassage =
  (target: () => string): Passage =>
  (incoming, outgoing) => {
    const path = incoming.url ?? '';
    if (!/^\/local\/slack(?:[/?]|$)/.test(path)) return false;
    const { hostname, port } = new URL(target());
    const passed: ClientRequest = httpRequest(
      { hostname, port, path, method: incoming.method, headers: incoming.headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    passed.on('error', () => {
      if (!outgoing.headersSent) outgoing.writeHead(502, { 'content-type': 'text/plain' });
      outgoing.end('The local Slack does not answer. Restart npm start.');
    });
    outgoing.on('close', () => passed.destroy());
    incoming.pipe(passed);
    return true;
  };
