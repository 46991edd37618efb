import { brotliCompressSync, gzipSync } from 'node:zlib';

import type { JsonObject } from '../../../src/core/json.ts';
import { body, eventStream, raw, type Script } from '../raw-upstream.ts';
import { data, geminiChunk, named, openAiChunk } from '../upstream-streams.ts';
import { BUSY } from '../vendor-answers.ts';
import { answers, breaks, broken, type FaultRow, type Outcome, type Shape, type Variant } from './fault-row.ts';
import { healthy } from './healthy.ts';
import { contentEvent, MODEL_IDS, streamOf, TEXT, usageOf, wholeAnswer, WORDS, withContent } from './vendor-wire.ts';

const BOMB_MIB = 50;
const HEADER_BYTES = 20 * 1024;

/** Rows 45 to 53: encodings, headers, and what an answer says. */
export const ROWS_OF_CONTENT: readonly FaultRow[] = [
  {
    number: 45,
    name: 'compressed, though not asked to be',
    variants: ({ protocol }) => {
      const whole = gzipSync(wholeAnswer(protocol));
      const expected = broken('upstream_encoding', { status: 200 });
      return [
        server('gzip', encoded('gzip', whole), expected),
        server('gzip that breaks off', encoded('gzip', whole.subarray(0, 30)), expected),
        server('brotli', encoded('br', brotliCompressSync(wholeAnswer(protocol))), expected),
        server('garbage', encoded('gzip', Buffer.from('no gzip at all')), expected),
      ];
    },
  },
  {
    number: 46,
    name: 'a bomb',
    variants: () => [
      closing(server('gzip', encoded('gzip', bomb()), broken('upstream_encoding', { status: 200, withinMs: 300 }))),
    ],
  },
  {
    number: 47,
    name: 'headers without measure',
    variants: () => {
      const many = `x-more: ${'m'.repeat(1000)}\r\n`.repeat(100);
      const one = `x-bomb: ${'b'.repeat(HEADER_BYTES)}\r\n`;
      const expected = broken('upstream_headers', { isBilled: true });
      return [
        server('many of them', raw(`HTTP/1.1 200 OK\r\n${many}`), expected),
        server('one of them', raw(`HTTP/1.1 200 OK\r\n${one}content-length: 0\r\n\r\n`), expected),
      ];
    },
  },
  {
    number: 48,
    name: 'HTTP that is none',
    variants: () => {
      const head = 'content-type: application/json\r\ncontent-length: 2\r\n\r\n{}';
      const unread = broken('upstream_protocol', { isBilled: true });
      return [
        server('NUL in a header', raw(`HTTP/1.1 200 OK\r\nx-odd: a\0b\r\n${head}`), unread),
        server('CR in a header', raw(`HTTP/1.1 200 OK\r\nx-odd: a\rb\r\n${head}`), unread),
        server(
          'status 999',
          raw(`HTTP/1.1 999 Odd\r\n${head}`),
          broken('upstream_protocol', { status: 999, isBilled: true }),
        ),
        server(
          '204',
          raw('HTTP/1.1 204 No Content\r\n\r\n', 'keep'),
          broken('upstream_protocol', { status: 204, isBilled: true }),
        ),
        server(
          '101',
          raw('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n', 'keep'),
          unread,
        ),
        server('100 five times', raw(`${'HTTP/1.1 100 Continue\r\n\r\n'.repeat(5)}HTTP/1.1 200 OK\r\n${head}`), unread),
      ];
    },
  },
  { number: 49, name: 'an event twice', variants: twice },
  { number: 50, name: 'a tool call out of order', variants: toolCalls },
  { number: 51, name: 'usage missing or absurd', variants: usages },
  { number: 52, name: 'another model than asked', variants: otherModel },
  {
    number: 53,
    name: 'every other answer fails',
    variants: ({ protocol }) => [server('503', flapping(protocol), { outcome: 'flaps' })],
  },
];

function server(name: string, script: Script, expected: Outcome): Variant {
  return { name, wire: { at: 'server', script }, expected };
}

function closing(variant: Variant): Variant {
  return { ...variant, closes: true };
}

function encoded(encoding: string, bytes: Buffer): Script {
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: ${encoding}\r\ncontent-length: ${bytes.length}\r\n\r\n`;
  return raw(Buffer.concat([Buffer.from(head), bytes]), 'keep');
}

/** Every other answer is an error, beginning with the first. */
function flapping(protocol: Shape['protocol']): Script {
  let isWell = true;
  return (socket, request) => {
    isWell = !isWell;
    (isWell ? healthy(protocol) : BUSY)(socket, request);
  };
}

/** 50 KB that become 50 MB. */
function bomb(): Buffer {
  const member = gzipSync(Buffer.alloc(1024 * 1024));
  return Buffer.concat(Array.from({ length: BOMB_MIB }, () => member));
}

function twice({ protocol, stream }: Shape): readonly Variant[] | string {
  if (!stream) return 'a whole body has no events';
  const { events, firstContent } = streamOf(protocol);
  if (protocol === 'anthropic') {
    const announced = eventStream([events[0] ?? '', ...events], 'clean');
    return [server('the beginning, which has an id', announced, answers(TEXT))];
  }
  // Words do repeat: what has no id is relayed as it comes.
  const script = eventStream(events.toSpliced(firstContent + 1, 0, contentEvent(protocol, 'ein ')), 'clean');
  return [server('content without an id', script, answers(`ein ${TEXT}`))];
}

const MALFORMED = 'upstream_malformed_tool_call';

function toolCalls(shape: Shape): readonly Variant[] {
  const rows = shape.stream ? streamedToolCalls(shape) : wholeToolCalls(shape);
  return rows.map((row) => ({ ...row, asksForTool: true }));
}

function streamedToolCalls({ protocol }: Shape): readonly Variant[] {
  const begun = withContent(protocol);
  const stray = strayArguments(protocol);
  const unheard = broken(MALFORMED, { status: 200 });
  const { events, firstContent } = streamOf(protocol);
  return [
    server(
      'one that never began, before content',
      eventStream([...events.slice(0, firstContent), stray], 'clean'),
      unheard,
    ),
    server('one that never began, after content', eventStream([...begun, stray], 'clean'), breaks(MALFORMED)),
    ...(protocol === 'openai' || protocol === 'deepseek' ? [openArguments(protocol)] : []),
  ];
}

/** What the vendor writes of a call of which it has not said the name. */
function strayArguments(protocol: Shape['protocol']): string {
  if (protocol === 'google') return geminiChunk([], 'MALFORMED_FUNCTION_CALL');
  if (protocol === 'anthropic') {
    return named('content_block_delta', { index: 4, delta: { type: 'input_json_delta', partial_json: '{}' } });
  }
  return openAiChunk({ tool_calls: [{ index: 1, function: { arguments: '{}' } }] });
}

/** Arguments that are no JSON are delivered as they came, and marked: nobody can know what was meant. */
const MARKED = { validation: 'failed', degraded: 'validation_failed' } as const;

function openArguments(protocol: Shape['protocol']): Variant {
  const model = MODEL_IDS[protocol];
  const event = (delta: JsonObject, finish: string | null = null): string =>
    data({
      object: 'chat.completion.chunk',
      model,
      choices: [{ index: 0, delta, finish_reason: finish }],
      usage: null,
    });
  const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":' } };
  const events = [
    event({ role: 'assistant', content: null }),
    event({ tool_calls: [call] }),
    event({}, 'tool_calls'),
    'data: [DONE]\n\n',
  ];
  const expected = answers('', { ...MARKED, hasUsage: false });
  return server('arguments that break off', eventStream(events, 'clean'), expected);
}

function wholeToolCalls({ protocol }: Shape): readonly Variant[] {
  const unheard = broken(MALFORMED, { status: 200 });
  if (protocol === 'google') {
    const candidates = [{ content: { role: 'model', parts: [] }, finishReason: 'MALFORMED_FUNCTION_CALL', index: 0 }];
    return [server('the vendor says so', body(JSON.stringify({ candidates })), unheard)];
  }
  if (protocol === 'anthropic') {
    const content = [{ type: 'tool_use', input: {} }];
    const message = {
      id: 'm',
      type: 'message',
      role: 'assistant',
      model: MODEL_IDS.anthropic,
      content,
      stop_reason: 'tool_use',
    };
    return [server('one without a name', body(JSON.stringify(message)), unheard)];
  }
  const withCall = (call: JsonObject): Script => {
    const model = MODEL_IDS[protocol];
    const message = { role: 'assistant', content: null, tool_calls: [call] };
    const choices = [{ index: 0, message, logprobs: null, finish_reason: 'tool_calls' }];
    return body(JSON.stringify({ id: 'c', object: 'chat.completion', created: 1, model, choices }));
  };
  const open = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":' } };
  return [
    server('one without a name', withCall({ type: 'function', function: { arguments: '{}' } }), unheard),
    server('arguments that break off', withCall(open), answers('', { ...MARKED, hasUsage: false })),
  ];
}

function usages({ protocol, stream }: Shape): readonly Variant[] {
  const unknown = (flags: readonly string[]): Outcome => answers(TEXT, { flags, hasUsage: false });
  const absurd: readonly (readonly [string, JsonObject])[] = [
    ['negative', usageOf(protocol, -5, -6, -11)],
    ['1e18', usageOf(protocol, 1e18, 1e18, 2e18)],
  ];
  const rows: readonly (readonly [string, JsonObject | null, readonly string[]])[] = [
    ['missing', null, []],
    ...absurd.map(([name, usage]) => [name, usage, ['usage_unreadable']] as const),
  ];
  return rows.map(([name, usage, flags]) => {
    const script = stream ? eventStream(withUsage(protocol, usage), 'clean') : body(wholeAnswer(protocol, { usage }));
    return server(name, script, unknown(flags));
  });
}

const USAGE_NAMES: ReadonlySet<string> = new Set(['usage', 'usageMetadata']);

/** The events of a stream with these counts in the place of theirs. */
function withUsage(protocol: Shape['protocol'], usage: JsonObject | null): readonly string[] {
  return streamOf(protocol, WORDS).events.map((event) =>
    event.replace(/^data: (\{.*\})/m, (_line, json: string) => {
      const replaced = JSON.stringify(JSON.parse(json), (key, value: unknown) =>
        USAGE_NAMES.has(key) && value !== null ? (usage ?? undefined) : value,
      );
      return `data: ${replaced}`;
    }),
  );
}

/** A model that is no version of the one that was asked for. */
const OTHER_MODELS = {
  openai: 'gpt-3.5-turbo',
  anthropic: 'claude-haiku-4-5',
  google: 'gemini-1.5-flash',
  deepseek: 'deepseek-reasoner',
} as const;

function otherModel({ protocol, stream }: Shape): readonly Variant[] {
  const model = OTHER_MODELS[protocol];
  const known = /gpt-4o-2024-08-06|claude-opus-4-8|gemini-2\.5-flash|deepseek-chat/g;
  const events = streamOf(protocol).events.map((event) => event.replaceAll(known, model));
  const script = stream ? eventStream(events, 'clean') : body(wholeAnswer(protocol, { model }));
  return [server('under the name that was asked for', script, answers(TEXT, { flags: ['model_alias_drift'], model }))];
}
