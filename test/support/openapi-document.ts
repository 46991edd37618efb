import { z } from 'zod';

import { certificateListSchema, confidenceReportSchema } from './evidence-schemas.ts';
import { VERSION } from '../../src/core/version.ts';
import {
  anthropicModelListSchema,
  anthropicModelSchema,
  embeddingsRequestSchema,
  embeddingsSchema,
  geminiModelListSchema,
  geminiModelSchema,
} from './list-schemas.ts';
import { generateAnswerSchema, generateRequestSchema } from './gemini-schemas.ts';
import {
  chatRequestSchema,
  circuitSchema,
  clockSchema,
  closedCircuitsSchema,
  completionSchema,
  decisionListSchema,
  errorSchema,
  explainRequestSchema,
  dryRunSchema,
  explainedCandidateSchema,
  explanationSchema,
  faultListSchema,
  faultSchema,
  generationListSchema,
  generationSchema,
  healthSchema,
  measuredSchema,
  modelListSchema,
  modelSchema,
  readinessSchema,
  reloadRequestSchema,
  replayRequestSchema,
  replaySchema,
  reloadSchema,
  telemetrySchema,
} from './http-schemas.ts';
import {
  countTokensRequestSchema,
  messageSchema,
  messagesErrorSchema,
  messagesRequestSchema,
  tokenCountSchema,
} from './messages-schemas.ts';
import { outcomeRequestSchema, outcomeSchema } from './outcome-schemas.ts';
import { comparisonSchema } from './comparison-schema.ts';
import { decisionSchema } from './decision-schema.ts';
import { provenanceSchema } from './provenance-schema.ts';
import { responseSchema, responsesRequestSchema } from './responses-schemas.ts';

/** The bodies by the name they have in the document. */
const NAMED = {
  ChatRequest: chatRequestSchema,
  Completion: completionSchema,
  ResponsesRequest: responsesRequestSchema,
  Response: responseSchema,
  MessagesRequest: messagesRequestSchema,
  Message: messageSchema,
  MessagesError: messagesErrorSchema,
  CountTokensRequest: countTokensRequestSchema,
  TokenCount: tokenCountSchema,
  GenerateRequest: generateRequestSchema,
  GenerateAnswer: generateAnswerSchema,
  Provenance: provenanceSchema,
  Error: errorSchema,
  Model: modelSchema,
  ModelList: modelListSchema,
  AnthropicModel: anthropicModelSchema,
  AnthropicModelList: anthropicModelListSchema,
  GeminiModel: geminiModelSchema,
  GeminiModelList: geminiModelListSchema,
  EmbeddingsRequest: embeddingsRequestSchema,
  Embeddings: embeddingsSchema,
  Generation: generationSchema,
  GenerationList: generationListSchema,
  OutcomeRequest: outcomeRequestSchema,
  Outcome: outcomeSchema,
  ExplainRequest: explainRequestSchema,
  Decision: decisionSchema,
  ExplainedCandidate: explainedCandidateSchema,
  DryRun: dryRunSchema,
  Explanation: explanationSchema,
  Health: healthSchema,
  Readiness: readinessSchema,
  Fault: faultSchema,
  FaultList: faultListSchema,
  Clock: clockSchema,
  ReloadRequest: reloadRequestSchema,
  ReplayRequest: replayRequestSchema,
  Replay: replaySchema,
  Reload: reloadSchema,
  Comparison: comparisonSchema,
  Measured: measuredSchema,
  Circuit: circuitSchema,
  DecisionList: decisionListSchema,
  Telemetry: telemetrySchema,
  ClosedCircuits: closedCircuitsSchema,
  ConfidenceReport: confidenceReportSchema,
  CertificateList: certificateListSchema,
} as const;

type SchemaName = keyof typeof NAMED;

/** One operation. A path's `{…}` are text parameters of that name. */
interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  readonly path: string;
  readonly summary: string;
  readonly body?: SchemaName;
  /** Query parameters: name and meaning. */
  readonly query?: Readonly<Record<string, string>>;
  /** The status of success and its JSON body; `html` and `text` are what they say, `lines` are JSON objects, one a line. */
  readonly answer: readonly [status: number, body: SchemaName | 'html' | 'json' | 'lines' | 'text'];
  /** The body of an error, where it is not the usual one. */
  readonly error?: SchemaName;
  readonly auth?: 'admin';
}

const ANTHROPIC_PAGE = {
  limit: 'how many, at most 1000; 20 when left out',
  after_id: 'goes on after this one',
  before_id: 'ends right before this one',
} as const;
const GEMINI_PAGE = {
  pageSize: 'how many, at most 1000; 50 when left out',
  pageToken: '`nextPageToken` of the page before',
} as const;

export const OPERATIONS: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/chat/completions',
    summary: "OpenAI's chat completions, streamed (server-sent events) and not",
    body: 'ChatRequest',
    answer: [200, 'Completion'],
  },
  {
    method: 'post',
    path: '/v1/responses',
    summary: "OpenAI's responses, streamed (server-sent events) and not; nothing is stored",
    body: 'ResponsesRequest',
    answer: [200, 'Response'],
  },
  ...['/v1beta', '/v1', '/gemini/v1beta', '/gemini/v1'].map((prefix): Operation => ({
    method: 'post',
    path: `${prefix}/models/{id}`,
    summary:
      "Google's {model}:generateContent, :streamGenerateContent (events with alt=sse, else one JSON array) and :countTokens",
    query: { alt: 'sse, for :streamGenerateContent alone' },
    body: 'GenerateRequest',
    answer: [200, 'GenerateAnswer'],
  })),
  ...['/v1/messages', '/anthropic/v1/messages'].flatMap((path): readonly Operation[] => [
    {
      method: 'post',
      path,
      summary: "Anthropic's messages, streamed (server-sent events) and not",
      body: 'MessagesRequest',
      answer: [200, 'Message'],
      error: 'MessagesError',
    },
    {
      method: 'post',
      path: `${path}/count_tokens`,
      summary: 'How many tokens a prompt has; nothing is sent',
      body: 'CountTokensRequest',
      answer: [200, 'TokenCount'],
      error: 'MessagesError',
    },
  ]),
  {
    method: 'post',
    path: '/v1/candor/explain',
    summary: 'What would happen to a request, or why a recorded one went where it went; nothing is sent',
    body: 'ExplainRequest',
    answer: [200, 'Explanation'],
  },
  { method: 'get', path: '/v1/models', summary: 'Routes, models and deployments', answer: [200, 'ModelList'] },
  { method: 'get', path: '/v1/models/{id}', summary: 'One of them', answer: [200, 'Model'] },
  {
    method: 'get',
    path: '/anthropic/v1/models',
    summary: 'The same as Anthropic lists models; at /v1/models too, with the header `anthropic-version`',
    query: ANTHROPIC_PAGE,
    answer: [200, 'AnthropicModelList'],
  },
  { method: 'get', path: '/anthropic/v1/models/{id}', summary: 'One of them', answer: [200, 'AnthropicModel'] },
  ...['/v1beta/models', '/gemini/v1beta/models', '/gemini/v1/models'].flatMap((path): readonly Operation[] => [
    {
      method: 'get',
      path,
      summary: 'The same as Gemini lists models',
      query: GEMINI_PAGE,
      answer: [200, 'GeminiModelList'],
    },
    { method: 'get', path: `${path}/{id}`, summary: 'One of them', answer: [200, 'GeminiModel'] },
  ]),
  {
    method: 'post',
    path: '/v1/embeddings',
    summary: "OpenAI's embeddings",
    body: 'EmbeddingsRequest',
    answer: [200, 'Embeddings'],
  },
  {
    method: 'get',
    path: '/v1/generations',
    summary: 'Records, newest first, without bodies',
    query: {
      route: 'the route',
      model: 'the model that answered, or was asked last',
      deployment: 'the same with its provider',
      status: 'running, complete, failed, cancelled or interrupted',
      key: 'the name of the key',
      data: 'a data class',
      fallback: 'true, false, or the reason',
      aside:
        'what Candor itself asked for this purpose: replay, compare, shadow, judge or agreement; any: these and what clients asked',
      since: 'created at or after: an ISO date and time, or milliseconds since 1970',
      until: 'created before',
      limit: 'how many, at most 100; 20 when left out',
      cursor: '`next_cursor` of the page before',
    },
    answer: [200, 'GenerationList'],
  },
  { method: 'get', path: '/v1/generations/{id}', summary: 'The record of an answer', answer: [200, 'Generation'] },
  {
    method: 'post',
    path: '/v1/generations/{id}/outcome',
    summary: 'Says whether an answer was good; each is kept, and of one source and field the latest counts',
    body: 'OutcomeRequest',
    answer: [201, 'Outcome'],
  },
  {
    method: 'post',
    path: '/v1/generations/{id}/replay',
    summary: 'Runs a recorded request again, under the policy of any other request',
    body: 'ReplayRequest',
    answer: [200, 'Replay'],
  },
  {
    method: 'get',
    path: '/v1/generation',
    summary: 'The same, with the id in the query',
    query: { id: 'the id' },
    answer: [200, 'Generation'],
  },
  { method: 'get', path: '/healthz', summary: 'Alive', answer: [200, 'Health'] },
  { method: 'get', path: '/readyz', summary: 'Ready for requests; 503 when not', answer: [200, 'Readiness'] },
  {
    method: 'get',
    path: '/metrics',
    summary: 'For Prometheus (text format 0.0.4); takes the admin token unless the gateway listens on loopback',
    answer: [200, 'text'],
  },
  { method: 'get', path: '/openapi.json', summary: 'This document', answer: [200, 'json'] },
  { method: 'get', path: '/', summary: 'The last requests, for people', answer: [200, 'html'] },
  { method: 'get', path: '/r/{id}', summary: 'One request, for people', answer: [200, 'html'] },
  {
    method: 'get',
    path: '/admin/sim',
    summary: 'Simulated faults in force',
    answer: [200, 'FaultList'],
    auth: 'admin',
  },
  { method: 'post', path: '/admin/sim', summary: 'Adds a fault', body: 'Fault', answer: [201, 'Fault'], auth: 'admin' },
  { method: 'delete', path: '/admin/sim', summary: 'Ends every fault', answer: [200, 'FaultList'], auth: 'admin' },
  {
    method: 'put',
    path: '/admin/sim/clock',
    summary: "Sets the simulator's clock",
    body: 'Clock',
    answer: [200, 'Clock'],
    auth: 'admin',
  },
  {
    method: 'post',
    path: '/admin/reload',
    summary: 'Reads the config anew and puts it in force; one with errors changes nothing',
    body: 'ReloadRequest',
    answer: [200, 'Reload'],
    auth: 'admin',
  },
  {
    method: 'post',
    path: '/admin/compare',
    summary:
      'Compares the models of a route: what it would cost and, confirmed, the pairs; lines of JSON as it goes on',
    body: 'Comparison',
    answer: [200, 'lines'],
    auth: 'admin',
  },
  {
    method: 'get',
    path: '/admin/decisions',
    summary: 'The latest circuits and objectives that changed, and shadows that were dropped, newest first',
    query: {
      since: 'at or after: an ISO date and time, or milliseconds since 1970',
      limit: 'how many, at most 500; 100 when left out',
    },
    answer: [200, 'DecisionList'],
    auth: 'admin',
  },
  {
    method: 'get',
    path: '/admin/telemetry',
    summary: 'What every process has measured of each deployment on each route, and its circuits',
    answer: [200, 'Telemetry'],
    auth: 'admin',
  },
  {
    method: 'get',
    path: '/admin/confidence',
    summary: 'How sure answers are by what labels have shown, with the data of a reliability diagram, scope by scope',
    answer: [200, 'ConfidenceReport'],
    auth: 'admin',
  },
  {
    method: 'get',
    path: '/admin/certificates',
    summary: 'Which model may stand in for which, on which route, and by what evidence',
    answer: [200, 'CertificateList'],
    auth: 'admin',
  },
  {
    method: 'delete',
    path: '/admin/circuits',
    summary: 'Closes all circuits, or those of one deployment',
    query: { deployment: 'provider/model' },
    answer: [200, 'ClosedCircuits'],
    auth: 'admin',
  },
];

/** The OpenAPI 3.1 description of the HTTP interface. */
export function openApiDocument(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of OPERATIONS) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describeOperation(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Candor',
      version: VERSION,
      description:
        'One endpoint for several LLM providers. Every answer says who wrote it, why, what was changed and what it cost.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'http://127.0.0.1:4141' }],
    paths,
    components: {
      securitySchemes: {
        admin: { type: 'http', scheme: 'bearer', description: 'the `admin_token` of `.candor/run.json`' },
      },
      schemas: componentSchemas(),
    },
  };
}

function describeOperation(operation: Operation): object {
  const { path, summary, body, query, answer, error = 'Error', auth } = operation;
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = Object.entries(query ?? {}).map(([name, description]) => ({
    name,
    in: 'query',
    description,
    schema: { type: 'string' },
  }));
  const [status, answered] = answer;
  return {
    summary,
    ...(inPath.length + inQuery.length === 0 ? {} : { parameters: [...inPath, ...inQuery] }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: jsonContent(reference(body)) } }),
    responses: {
      [status]: { description: 'it worked', content: answerContent(answered) },
      default: {
        description: 'an error; `docs/errors` has a page for each code',
        content: jsonContent(reference(error)),
      },
    },
    ...(auth === undefined ? {} : { security: [{ admin: [] }] }),
  };
}

function answerContent(answered: Operation['answer'][1]): object {
  if (answered === 'html') return { 'text/html': { schema: { type: 'string' } } };
  if (answered === 'text') return { 'text/plain': { schema: { type: 'string' } } };
  if (answered === 'json') return jsonContent({ type: 'object' });
  if (answered === 'lines') return { 'application/x-ndjson': { schema: { type: 'object' } } };
  const isStreamed = answered === 'Completion' || answered === 'Response';
  const streamed = isStreamed ? { 'text/event-stream': { schema: { type: 'string' } } } : {};
  return { ...jsonContent(reference(answered)), ...streamed };
}

function jsonContent(schema: object): object {
  return { 'application/json': { schema } };
}

function reference(name: SchemaName): object {
  return { $ref: `#/components/schemas/${name}` };
}

function componentSchemas(): object {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(NAMED)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}`, io: 'input' });
  return Object.fromEntries(
    Object.entries(schemas)
      .filter(([name]) => name in NAMED)
      .map(([name, schema]) => {
        const { $schema: _dialect, $id: _id, ...rest } = schema;
        return [name, withoutShared(rest)];
      }),
  );
}

/** "Any JSON" is a schema of its own in the generator's output; in a document it is the empty one. */
function withoutShared(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutShared);
  if (typeof value !== 'object' || value === null) return value;
  const { $ref } = value as { readonly $ref?: unknown };
  if (typeof $ref === 'string' && $ref.includes('__shared')) return {};
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withoutShared(member)]));
}
