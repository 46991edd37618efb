import { GatewayError } from '../core/errors.ts';
import { ADMIN_ENDPOINTS } from './admin-endpoints.ts';
import { CHAT_ENDPOINTS } from './chat-endpoint.ts';
import { compareModels } from './compare-endpoint.ts';
import { COUNT_MESSAGE_TOKENS } from './count-message-tokens.ts';
import { explainRequest } from './explain-endpoint.ts';
import type { Endpoint } from './endpoint.ts';
import { GEMINI_ENDPOINTS } from './gemini-endpoints.ts';
import { metricsEndpoint } from './metrics-endpoint.ts';
import { openApi } from './openapi-endpoint.ts';
import { addOutcome } from './outcome-endpoint.ts';
import { PAGE_ENDPOINTS } from './pages.ts';
import { READ_ENDPOINTS } from './read-endpoints.ts';
import { EVIDENCE_ENDPOINTS } from './evidence-endpoints.ts';
import { replayGeneration } from './replay-endpoint.ts';
import { TELEMETRY_ENDPOINTS } from './telemetry-endpoints.ts';

/** Every HTTP path of the gateway. */
export const ENDPOINTS: readonly Endpoint[] = [
  ...CHAT_ENDPOINTS,
  ...COUNT_MESSAGE_TOKENS,
  ...GEMINI_ENDPOINTS,
  explainRequest,
  addOutcome,
  replayGeneration,
  openApi,
  metricsEndpoint,
  ...READ_ENDPOINTS,
  ...ADMIN_ENDPOINTS,
  compareModels,
  ...TELEMETRY_ENDPOINTS,
  ...EVIDENCE_ENDPOINTS,
  ...PAGE_ENDPOINTS,
];

/** Paths of other dialects and features that clients may well try; they hear that it is not built, not that it is unknown. */
const NOT_SUPPORTED: readonly (readonly [prefix: string, sentence: string])[] = [
  ['/v1/responses', 'responses are not stored here: ask for a new one with POST /v1/responses'],
  ['/v1/messages/batches', 'batches are not supported'],
  ['/anthropic/', 'of Anthropic’s API there are /anthropic/v1/messages, with count_tokens, and /anthropic/v1/models'],
  ['/v1beta/', 'of Google’s API there are the models, with generateContent, streamGenerateContent and countTokens'],
  ['/gemini/', 'of Google’s API there are the models under /gemini/v1beta/models'],
  ['/v1/generations', 'of a generation there are its record, its outcome and its replay'],
  ['/v1/completions', 'the older completions API is not supported: use /v1/chat/completions'],
  ['/v1/audio', 'audio is not supported'],
  ['/v1/images', 'image generation is not supported'],
  ['/v1/files', 'files are not supported'],
  ['/v1/batches', 'batches are not supported'],
  ['/v1/realtime', 'realtime is not supported'],
];

/** The paths that are one word for word, by method and path: most requests need no search. */
const EXACT: ReadonlyMap<string, MatchedEndpoint> = new Map(
  ENDPOINTS.filter(({ path }) => !path.includes('{')).map((endpoint) => [
    `${endpoint.method} ${endpoint.path}`,
    { endpoint, parameter: '' },
  ]),
);

export interface MatchedEndpoint {
  readonly endpoint: Endpoint;
  readonly parameter: string;
}

/** The endpoint for a method and path. @throws GatewayError `unknown_url`, `not_supported`, `method_not_allowed` */
export function matchEndpoint(method: string, path: string): MatchedEndpoint {
  const exact = EXACT.get(`${method} ${path}`);
  if (exact !== undefined) return exact;
  const matches = ENDPOINTS.flatMap((endpoint) => {
    const parameter = match(endpoint.path, path);
    return parameter === null ? [] : [{ endpoint, parameter }];
  });
  const found = matches.find(
    ({ endpoint }) => endpoint.method === method || (method === 'HEAD' && endpoint.method === 'GET'),
  );
  if (found !== undefined) return found;
  if (matches.length > 0) {
    const allowed = matches.map(({ endpoint }) => endpoint.method).join(', ');
    throw new GatewayError('method_not_allowed', `${path} takes ${allowed}`, { headers: { allow: allowed } });
  }
  const known = NOT_SUPPORTED.find(
    ([prefix]) => path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`),
  );
  if (known !== undefined) throw new GatewayError('not_supported', known[1]);
  throw new GatewayError('unknown_url', 'there is nothing at this path');
}

/** What the pattern's `{…}` stands for, the empty text when it has none; `null` when the path does not match. */
function match(pattern: string, path: string): string | null {
  const brace = pattern.indexOf('{');
  if (brace < 0) return pattern === path ? '' : null;
  const suffix = pattern.slice(pattern.indexOf('}') + 1);
  const value = path.slice(brace, path.length - suffix.length);
  if (!path.startsWith(pattern.slice(0, brace)) || !path.endsWith(suffix) || value === '') return null;
  return value.includes('/') && !pattern.endsWith('...}') ? null : value;
}
