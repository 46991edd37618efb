import type { JsonObject } from '../../src/core/json.ts';

/** What a stream comes to for a client, whatever it speaks. */
interface StreamSummary {
  readonly text: string;
  /** Whether the protocol's signal came that the answer is whole. */
  readonly isComplete: boolean;
  /** Candor's code of the error inside the stream; `null`: none. */
  readonly error: string | null;
}

interface DialectStream {
  readonly name: string;
  readonly path: (model: string) => string;
  /** A request for a stream that asks this. */
  readonly body: (model: string, question: string) => JsonObject;
  /** Reads the stream from its bytes. @throws SyntaxError when an event is not JSON */
  readonly read: (bytes: string) => StreamSummary;
}

type Event = Readonly<Record<string, unknown>>;

/** The four ways clients ask for a stream. */
export const DIALECT_STREAMS: readonly DialectStream[] = [
  {
    name: 'chat completions',
    path: () => '/v1/chat/completions',
    body: (model, content) => ({ model, stream: true, messages: [{ role: 'user', content }] }),
    read: (bytes) => ({
      text: textOf(bytes, (event) => pick(event, 'choices', 0, 'delta', 'content')),
      isComplete: bytes.endsWith('data: [DONE]\n\n'),
      error: errorOf(bytes, (event) => pick(event, 'error', 'code')),
    }),
  },
  {
    name: 'messages',
    path: () => '/v1/messages',
    body: (model, content) => ({ model, stream: true, max_tokens: 1_000, messages: [{ role: 'user', content }] }),
    read: (bytes) => ({
      text: textOf(bytes, (event) => pick(event, 'delta', 'text')),
      isComplete: eventsOf(bytes).some((event) => event['type'] === 'message_stop'),
      error: errorOf(bytes, (event) => pick(event, 'error', 'code')),
    }),
  },
  {
    name: 'responses',
    path: () => '/v1/responses',
    body: (model, input) => ({ model, stream: true, input }),
    read: (bytes) => ({
      text: textOf(bytes, (event) =>
        event['type'] === 'response.output_text.delta' ? pick(event, 'delta') : undefined,
      ),
      isComplete: eventsOf(bytes).some((event) => event['type'] === 'response.completed'),
      error: errorOf(bytes, (event) => (event['type'] === 'error' ? pick(event, 'code') : undefined)),
    }),
  },
  {
    name: 'generateContent',
    path: (model) => `/v1beta/models/${model}:streamGenerateContent?alt=sse`,
    body: (_model, text) => ({ contents: [{ role: 'user', parts: [{ text }] }] }),
    read: (bytes) => ({
      text: textOf(bytes, (event) => pick(event, 'candidates', 0, 'content', 'parts', 0, 'text')),
      isComplete: eventsOf(bytes).some((event) => pick(event, 'candidates', 0, 'finishReason') === 'STOP'),
      error: errorOf(bytes, (event) => pick(event, 'error', 'details', 0, 'metadata', 'code')),
    }),
  },
];

function eventsOf(bytes: string): readonly Event[] {
  const lines = bytes.split(/\r?\n/).filter((line) => line.startsWith('data: ') && line !== 'data: [DONE]');
  return lines.map((line) => JSON.parse(line.slice('data: '.length)) as Event);
}

function textOf(bytes: string, of: (event: Event) => unknown): string {
  return eventsOf(bytes)
    .map(of)
    .filter((text) => typeof text === 'string')
    .join('');
}

function errorOf(bytes: string, of: (event: Event) => unknown): string | null {
  const code = eventsOf(bytes)
    .map(of)
    .find((found) => found !== undefined && found !== null);
  return typeof code === 'string' ? code : null;
}

/** The value at that path; `undefined` where there is none. */
function pick(value: unknown, ...path: readonly (string | number)[]): unknown {
  let at: unknown = value;
  for (const name of path)
    at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[name] : undefined;
  return at;
}
