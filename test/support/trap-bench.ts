import type { Clock } from '../../src/core/clock.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { startTestGateway, type TestGateway } from './gateway.ts';
import { body, eventStream, startRawUpstream, type RawUpstream, type Script } from './raw-upstream.ts';

const CONFIG = `providers:
  openai: { sim: true }
  deepseek: { sim: true }
  anthropic: { sim: true }
  google: { sim: true }
  other: { kind: openai-compatible, sim: true }
models:
  gpt-4o: { at: openai }
  deepseek-chat: { at: deepseek }
  deepseek-v4-flash: { at: deepseek }
  claude: { at: anthropic, id: claude-haiku-4-5 }
  gemini: { at: google, id: gemini-2.5-flash }
  other: { at: other, id: other-1 }
routes:
  held: { try: [other], stream: hold }
  first: { try: [gpt-4o, deepseek-chat], fallback: degraded, brief: off }
`;

/** The models of the bench by whom they are asked of. */
const PROVIDER_OF: Readonly<Record<string, string>> = {
  'gpt-4o': 'openai',
  'deepseek-chat': 'deepseek',
  'deepseek-v4-flash': 'deepseek',
  claude: 'anthropic',
  gemini: 'google',
  other: 'other',
  held: 'other',
};

/** What a client got, and what the upstream had been sent for it. */
export interface Asked {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; of a stream an empty object. */
  readonly json: JsonObject;
  /** The events of a stream, without `[DONE]`. */
  readonly chunks: readonly JsonObject[];
  /** The body of the last request to the model's provider. */
  readonly sent: JsonObject;
  readonly sentText: string;
  readonly path: string;
}

/** A gateway before upstreams that a test scripts, one a provider. */
export interface TrapBench {
  readonly gateway: TestGateway;
  readonly upstreams: Readonly<Record<string, RawUpstream>>;
  /** Asks a model, whose provider answers as the script says. A body that is text is sent as it is. */
  ask(model: string, request: JsonObject | string, script?: Script): Promise<Asked>;
  close(): Promise<void>;
}

export async function openTrapBench(options: { readonly clock?: Clock } = {}): Promise<TrapBench> {
  const names = ['openai', 'deepseek', 'anthropic', 'google', 'other'];
  const started = await Promise.all(names.map(async (name) => [name, await startRawUpstream()] as const));
  const upstreams: Record<string, RawUpstream> = Object.fromEntries(started);
  const urls = Object.fromEntries(started.map(([name, upstream]) => [name, upstream.url]));
  const gateway = await startTestGateway({ config: CONFIG, upstreams: urls, ...options });
  return {
    gateway,
    upstreams,
    async ask(model, request, script = OK) {
      const upstream = upstreams[PROVIDER_OF[model] ?? 'openai'] as RawUpstream;
      upstream.play(script);
      const text = typeof request === 'string' ? request : JSON.stringify({ model, ...request });
      await gateway.closeCircuits();
      const before = upstream.requests.length;
      const response = await fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: text,
      });
      const received = await response.text();
      const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
      const frames = isStream ? received.split('\n\n').filter((frame) => frame.startsWith('data: {')) : [];
      const last = upstream.requests.length > before ? upstream.requests.at(-1) : undefined;
      return {
        status: response.status,
        headers: response.headers,
        text: received,
        json: isStream ? {} : (JSON.parse(received) as JsonObject),
        chunks: frames.map((frame) => JSON.parse(frame.slice('data: '.length)) as JsonObject),
        sent: last === undefined ? {} : (JSON.parse(last.body) as JsonObject),
        sentText: last?.body ?? '',
        path: last?.head.split(' ')[1] ?? '',
      };
    },
    async close() {
      await gateway.close();
      await Promise.all(started.map(([, upstream]) => upstream.close()));
    },
  };
}

/** A whole answer of the protocol with this message. */
export function completion(message: JsonObject, finish = 'stop', more: JsonObject = {}): Script {
  const choice = {
    index: 0,
    message: { role: 'assistant', content: null, refusal: null, ...message },
    logprobs: null,
    finish_reason: finish,
  };
  return body(
    JSON.stringify({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1,
      model: 'served-1',
      choices: [choice],
      ...more,
    }),
  );
}

const OK = completion({ content: 'ok' });

/** One event of a stream of the protocol. */
export function delta(content: JsonObject, finish: string | null = null, more: JsonObject = {}): string {
  const choice = { index: 0, delta: content, finish_reason: finish };
  return event({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'served-1',
    choices: [choice],
    ...more,
  });
}

/** An event with this JSON. */
export function event(json: JsonObject): string {
  return `data: ${JSON.stringify(json)}\n\n`;
}

/** A stream of these events and `[DONE]`. */
export function stream(...events: readonly string[]): Script {
  return eventStream([...events, 'data: [DONE]\n\n'], 'clean');
}

/** The error of an answer or of the last event of a stream. */
export function errorOf(asked: Asked): JsonObject {
  return ((asked.chunks.at(-1) ?? asked.json)['error'] ?? {}) as JsonObject;
}

/** The first choice's message, or what the deltas of a stream add up to. */
export function deltasOf(asked: Asked): readonly JsonObject[] {
  return asked.chunks.flatMap((chunk) =>
    (chunk['choices'] as readonly JsonObject[]).map((choice) => choice['delta'] as JsonObject),
  );
}

/** How the first choice ended; of a stream the one word that any chunk says. */
export function finishOf(asked: Asked): readonly unknown[] {
  const bodies = asked.chunks.length > 0 ? asked.chunks : [asked.json];
  return bodies.flatMap((json) =>
    ((json['choices'] ?? []) as readonly JsonObject[])
      .map((choice) => choice['finish_reason'])
      .filter((word) => word !== null),
  );
}

/** What the record says was changed. */
export function adjustmentsOf(asked: Asked): readonly JsonObject[] {
  const holder = asked.chunks.find((chunk) => chunk['candor'] !== undefined) ?? asked.json;
  return ((holder['candor'] as JsonObject | undefined)?.['adjustments'] ?? []) as readonly JsonObject[];
}

/** The text of a stream. */
export function textOf(asked: Asked): string {
  return deltasOf(asked)
    .map(({ content }) => (typeof content === 'string' ? content : ''))
    .join('');
}
