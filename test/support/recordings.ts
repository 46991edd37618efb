import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { JsonValue } from '../../src/core/json.ts';

/** What a recorded answer means in OpenAI's terms, as the index of the recordings says. */
export interface ExpectedAnswer {
  /** Its beginning only, where it ends with `…`. */
  readonly content: string;
  readonly reasoning: string;
  readonly tool_calls: readonly {
    readonly id?: string;
    readonly name: string;
    readonly arguments?: string;
    readonly arguments_json?: JsonValue;
  }[];
  readonly finish_reason: string | null;
  readonly native_finish_reason: string | null;
  readonly usage: Readonly<Record<string, number>> | null;
  readonly served_model: string | null;
  readonly errors: readonly { readonly message?: string }[];
  readonly outcome?: string;
  readonly content_sha?: string;
  readonly content_len_utf16?: number;
  readonly reasoning_len?: number;
  readonly block_reason?: string | null;
  /** How often the vendor began the answer anew inside one stream. */
  readonly restarts?: number;
}

/** One recorded HTTP response of a vendor. */
export interface RecordedResponse {
  /** The file, and which of its responses where it is not the first. */
  readonly name: string;
  /** The kind of provider it is replayed as. */
  readonly provider: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly isStream: boolean;
  readonly body: string;
  readonly expected: ExpectedAnswer;
}

/** The recordings of a folder. */
export interface Recordings {
  /** Those that are replayed. */
  readonly responses: readonly RecordedResponse[];
  /** Files that ought to be replayed or listed as not yet, and are neither; and those that are both, or gone. */
  readonly misplaced: readonly string[];
}

/** Recordings that Candor cannot replay yet: of other vendors' dialects, of another API, or without an expected result. */
export const NOT_YET: readonly string[] = [
  'bedrock/tool-call.stream.jsonl',
  'cohere/max-tokens.json',
  // The Responses API.
  'deepseek/responses-rejects-interleaved.json',
  'openai/error-auth.json',
  'openai/error-context-length.json',
  'openai/error-temperature-unsupported.json',
  'openai/responses-error-quota.json',
  'openai/responses-stream-error-event.jsonl',
  'openai/responses-stream.json',
  'xai/error-auth-400-string.json',
  // The index does not say what they ought to give.
  'mistral/error-auth-detail.json',
  'openrouter/error-429.json',
  'openai/chat-o1mini-system-role-rejected.json',
  'openai/error-max-tokens-unsupported.json',
];

interface IndexEntry {
  readonly file: string;
  readonly provider: string;
  readonly api: string;
  readonly kind: string;
  readonly http_status: number | readonly number[];
  readonly expected?: readonly (ExpectedAnswer | null)[] | null;
}

interface Interaction {
  readonly response: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body: JsonValue;
  };
}

/** The kind of provider each vendor is asked as. */
const KINDS: Readonly<Record<string, string>> = {
  openai: 'openai',
  deepseek: 'deepseek',
  anthropic: 'anthropic',
  google: 'google',
  azure: 'openai-compatible',
  groq: 'openai-compatible',
  mistral: 'openai-compatible',
  'openai-compatible': 'openai-compatible',
  openrouter: 'openai-compatible',
  xai: 'openai-compatible',
};
const APIS = /^(chat\.completions|messages|generateContent)/;

/** Reads the index of a folder of recordings and the files it names. */
export function readRecordings(folder: string): Recordings {
  const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as { fixtures: readonly IndexEntry[] };
  const isReady = (entry: IndexEntry): boolean =>
    Object.hasOwn(KINDS, entry.provider) && APIS.test(entry.api) && Boolean(entry.expected);
  const known = new Set(NOT_YET);
  const files = new Set(index.fixtures.map((entry) => entry.file));
  return {
    responses: index.fixtures.filter(isReady).flatMap((entry) => responsesOf(folder, entry)),
    misplaced: [
      ...index.fixtures.filter((entry) => isReady(entry) === known.has(entry.file)).map((entry) => entry.file),
      ...NOT_YET.filter((file) => !files.has(file)),
    ],
  };
}

function responsesOf(folder: string, entry: IndexEntry): readonly RecordedResponse[] {
  const text = readFileSync(join(folder, entry.file), 'utf8');
  return interactionsOf(entry, text).flatMap(({ response }, position) => {
    const expected = entry.expected?.[position];
    if (!expected) return [];
    const { body, status, headers = {} } = response;
    return [
      {
        name: position === 0 ? entry.file : `${entry.file} (${position + 1})`,
        provider: KINDS[entry.provider] as string,
        status,
        headers,
        isStream: headers['content-type']?.startsWith('text/event-stream') ?? false,
        body: typeof body === 'string' ? body : JSON.stringify(body),
        expected,
      },
    ];
  });
}

function interactionsOf(entry: IndexEntry, text: string): readonly Interaction[] {
  if (entry.kind.startsWith('exchange'))
    return (JSON.parse(text) as { interactions: readonly Interaction[] }).interactions;
  const status = typeof entry.http_status === 'number' ? entry.http_status : (entry.http_status[0] ?? 0);
  if (entry.kind === 'unary')
    return [{ response: { status, headers: { 'content-type': 'application/json' }, body: text } }];
  const body = entry.file.endsWith('.jsonl') ? framed(entry, text) : text;
  return [{ response: { status, headers: { 'content-type': 'text/event-stream' }, body } }];
}

/** Puts the framing of events back around payloads that were kept one a line. */
function framed(entry: IndexEntry, lines: string): string {
  const payloads = lines.split('\n').filter((line) => line.trim() !== '');
  const events = payloads.map((payload) => `${eventName(entry, payload)}data: ${payload}\n\n`).join('');
  return entry.api === 'chat.completions' ? `${events}data: [DONE]\n\n` : events;
}

function eventName(entry: IndexEntry, payload: string): string {
  return entry.api === 'messages' ? `event: ${(JSON.parse(payload) as { type: string }).type}\n` : '';
}

/** Whether a text is the expected one, which may be kept as its beginning, its length and the beginning of its hash. */
export function isExpectedText(text: string, expected: string, hash?: string, length?: number): boolean {
  if (length !== undefined && text.length !== length) return false;
  if (hash !== undefined) return createHash('sha256').update(text).digest('hex').startsWith(hash);
  return expected.endsWith('…') ? text.startsWith(expected.slice(0, -1)) : text === expected;
}

/** Whether the recording is an answer, and not an error of whatever sort. */
export function isAnswer({ expected, status }: RecordedResponse): boolean {
  return status === 200 && expected.outcome === 'ok';
}
