import { Agent, request } from 'undici';
import { plainText } from '../evidence/plain-text.ts';
import { err, ok, type Result } from '../result.ts';
import type { FactoryError, FactoryErrorCode } from './factory-error.ts';

/** The longest list, that of extensions, takes less than 100 KB. */
const MAX_ANSWER_BYTES = 1024 * 1024;
const CONNECT_MS = 5_000;
const MAX_TEXT = 200;

export type Question = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly deadlineMs: number;
  /** YAML. */
  readonly body?: string;
  readonly accept?: string;
};

/** `status` is below 400. A redirect was not followed. */
export type Answer = {
  readonly status: number;
  readonly contentType: string;
  /** Of a registry: `Docker-Content-Digest`. */
  readonly digest: string;
  readonly location: URL | undefined;
  readonly text: string;
};

/** One factory, asked one question at a time. */
export type Ask = {
  (question: Question): Promise<Result<Answer, FactoryError>>;
  readonly error: (
    code: FactoryErrorCode,
    question: Pick<Question, 'method' | 'path'>,
    text: string,
  ) => { readonly ok: false; readonly error: FactoryError };
};

export function createAsk(origin: string): Ask {
  const dispatcher = new Agent({ maxResponseSize: MAX_ANSWER_BYTES, connect: { timeout: CONNECT_MS } });
  const error: Ask['error'] = (code, { method, path }, text) => {
    const source = `${method} ${path.replace(/([0-9a-f]{12})[0-9a-f]{52}/, '$1…')}`;
    return err({ code, factory: origin, source, text: plainText(text, { maxLength: MAX_TEXT }) });
  };
  const ask = async (question: Question): Promise<Result<Answer, FactoryError>> => {
    const { method, path, deadlineMs, body, accept = '*/*' } = question;
    const url = `${origin}${path}`;
    try {
      const { statusCode, headers, ...reply } = await request(url, {
        dispatcher,
        method,
        reset: true,
        signal: AbortSignal.timeout(deadlineMs),
        headers: { accept, ...(body === undefined ? {} : { 'content-type': 'application/yaml' }) },
        ...(body === undefined ? {} : { body }),
      });
      const text = await reply.body.text();
      if (statusCode >= 400) return error(codeOf(statusCode), question, text.trim() || `HTTP ${statusCode}`);
      return ok({
        status: statusCode,
        contentType: first(headers['content-type']),
        digest: first(headers['docker-content-digest']),
        location: locationOf(first(headers['location']), url),
        text,
      });
    } catch (problem) {
      const { code, text } = whatFailed(problem);
      return error(code, question, text);
    }
  };
  return Object.assign(ask, { error });
}

const first = (header: string | readonly string[] | undefined): string => [header].flat()[0] ?? '';

const locationOf = (location: string, base: string): URL | undefined =>
  location !== '' && URL.canParse(location, base) ? new URL(location, base) : undefined;

/** Source: image-factory, docs/api.md, "Common HTTP behavior". Gateways in front of it answer 502 to 504 and 429. */
function codeOf(status: number): FactoryErrorCode {
  if (status === 404) return 'not_found';
  if (status === 401 || status === 403 || status === 407) return 'not_authorized';
  if (status === 429 || (status >= 502 && status <= 504)) return 'down';
  return status >= 500 ? 'failed' : 'refused';
}

function whatFailed(problem: unknown): { readonly code: FactoryErrorCode; readonly text: string } {
  if (!(problem instanceof Error)) return { code: 'down', text: String(problem) };
  const code = 'code' in problem ? String(problem.code) : '';
  if (problem.name === 'TimeoutError' || code === 'UND_ERR_HEADERS_TIMEOUT') return { code: 'no_answer', text: '' };
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return { code: 'too_large', text: '' };
  return { code: 'down', text: /^[A-Z_0-9]+$/.test(code) ? code : problem.message };
}
