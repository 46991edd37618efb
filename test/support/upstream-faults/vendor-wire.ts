import type { JsonObject } from '../../../src/core/json.ts';
import type { ProtocolName } from '../fault-cases.ts';
import {
  anthropicStream,
  data,
  deepSeekStream,
  geminiChunk,
  geminiStream,
  named,
  openAiChunk,
  openAiStream,
  type UpstreamStream,
} from '../upstream-streams.ts';

/** What each vendor's model is called there. */
export const MODEL_IDS: Readonly<Record<ProtocolName, string>> = {
  openai: 'gpt-4o',
  anthropic: 'claude-opus-4-8',
  google: 'gemini-2.5-flash',
  deepseek: 'deepseek-chat',
};

/** The words of every answer here, and the text they make. */
export const WORDS = ['ein', 'zwei', 'drei'] as const;
export const TEXT = 'ein zwei drei ';

/** One streamed answer in these words. */
export function streamOf(protocol: ProtocolName, words: readonly string[] = WORDS): UpstreamStream {
  const streams = {
    openai: openAiStream,
    anthropic: anthropicStream,
    google: geminiStream,
    deepseek: deepSeekStream,
  };
  return streams[protocol](words);
}

/** The events of a stream before its first content, and those up to and with it. */
export function beforeContent(protocol: ProtocolName): readonly string[] {
  const { events, firstContent } = streamOf(protocol);
  return events.slice(0, firstContent);
}
export function withContent(protocol: ProtocolName): readonly string[] {
  const { events, firstContent } = streamOf(protocol);
  return events.slice(0, firstContent + 1);
}

/** One more event of content. */
export function contentEvent(protocol: ProtocolName, text: string): string {
  if (protocol === 'google') return geminiChunk([{ text }]);
  if (protocol === 'anthropic') return named('content_block_delta', { index: 0, delta: { type: 'text_delta', text } });
  return protocol === 'openai' ? openAiChunk({ content: text }) : deepSeekChunk({ content: text });
}

function deepSeekChunk(delta: JsonObject, finish: string | null = null): string {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
  return data({
    id: 'ds-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'deepseek-chat',
    choices,
    usage: null,
  });
}

/** What stands in a whole answer beside its text. */
export interface WholeParts {
  readonly text?: string;
  /** `null`: none is reported. */
  readonly usage?: JsonObject | null;
  readonly model?: string;
}

/** The counts of every answer here, in each vendor's words. */
function usualUsage(protocol: ProtocolName): JsonObject {
  return usageOf(protocol, 5, 6, 11);
}

/** These counts in the vendor's words. */
export function usageOf(protocol: ProtocolName, prompt: number, written: number, total: number): JsonObject {
  if (protocol === 'google') return { promptTokenCount: prompt, candidatesTokenCount: written, totalTokenCount: total };
  if (protocol === 'anthropic') return { input_tokens: prompt, output_tokens: written };
  return { prompt_tokens: prompt, completion_tokens: written, total_tokens: total };
}

/** A whole answer as the vendor writes it. */
export function wholeAnswer(protocol: ProtocolName, parts: WholeParts = {}): string {
  const { text = TEXT, model = MODEL_IDS[protocol], usage = usualUsage(protocol) } = parts;
  if (protocol === 'google') {
    const candidates = [{ content: { role: 'model', parts: [{ text }] }, finishReason: 'STOP', index: 0 }];
    return written({ candidates, modelVersion: model }, 'usageMetadata', usage);
  }
  if (protocol === 'anthropic') {
    const content = [{ type: 'text', text }];
    const ending = { stop_reason: 'end_turn', stop_sequence: null };
    return written({ id: 'msg_1', type: 'message', role: 'assistant', model, content, ...ending }, 'usage', usage);
  }
  const message = { role: 'assistant', content: text };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: 'stop' }];
  return written({ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model, choices }, 'usage', usage);
}

function written(answer: JsonObject, usageName: string, usage: JsonObject | null): string {
  return JSON.stringify(usage === null ? answer : { ...answer, [usageName]: usage });
}

/** What a vendor can say is wrong. */
export type Complaint = 'overloaded' | 'internal' | 'no_money' | 'too_long' | 'plain';

/** The body of an error as the vendor writes it. */
export function errorBody(protocol: ProtocolName, complaint: Complaint, message: string): JsonObject {
  if (protocol === 'google') return { error: googleError(complaint, message) };
  if (protocol === 'anthropic') {
    const type = { overloaded: 'overloaded_error', internal: 'api_error', no_money: 'billing_error' } as const;
    const known = complaint in type ? type[complaint as keyof typeof type] : 'invalid_request_error';
    const words = complaint === 'too_long' ? `prompt is too long: 300000 tokens > 200000 maximum. ${message}` : message;
    return { type: 'error', error: { type: known, message: words } };
  }
  const codes = {
    overloaded: 'overloaded_error',
    internal: 'internal_error',
    no_money: protocol === 'openai' ? 'insufficient_quota' : 'insufficient_balance',
    too_long: 'context_length_exceeded',
    plain: 'invalid_request_error',
  } as const;
  return { error: { message, type: codes[complaint], code: codes[complaint], param: null } };
}

function googleError(complaint: Complaint, message: string): JsonObject {
  const words =
    complaint === 'too_long'
      ? `The input token count (3000000) exceeds the maximum number of tokens. ${message}`
      : message;
  if (complaint === 'overloaded') return { code: 503, message: words, status: 'UNAVAILABLE' };
  if (complaint === 'internal') return { code: 500, message: words, status: 'INTERNAL' };
  if (complaint === 'no_money') {
    const violations = [{ quotaId: 'GenerateRequestsPerDayPerProject', quotaValue: '50' }];
    const details = [{ '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations }];
    return { code: 429, message: words, status: 'RESOURCE_EXHAUSTED', details };
  }
  return { code: 400, message: words, status: 'INVALID_ARGUMENT' };
}

/** The same as the first event of a stream. */
export function errorEvent(protocol: ProtocolName, complaint: Complaint, message: string): string {
  const body = errorBody(protocol, complaint, message);
  return protocol === 'anthropic' ? `event: error\n${data(body)}` : data(body);
}
