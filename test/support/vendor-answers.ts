import type { JsonObject } from '../../src/core/json.ts';
import { body, raw, type Script } from './raw-upstream.ts';

export const USAGE = { prompt_tokens: 5, completion_tokens: 6, total_tokens: 11 };

interface Completion {
  readonly text?: string;
  readonly finish?: string;
  /** Members beside those every completion has; they take their place. */
  readonly members?: JsonObject;
}

/** A whole `chat.completion` as OpenAI would send it. */
export function completion({ text = 'Hello to you.', finish = 'stop', members = {} }: Completion = {}): JsonObject {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-4o-2024-08-06',
    choices: [{ index: 0, message: { role: 'assistant', content: text }, logprobs: null, finish_reason: finish }],
    usage: USAGE,
    ...members,
  };
}

/** The members of a completion in which the model refuses in words. */
export function refusalIn(refusal: string): JsonObject {
  return { choices: [{ index: 0, message: { role: 'assistant', content: null, refusal }, finish_reason: 'stop' }] };
}

/** A whole message as Anthropic would send it. */
export function anthropicMessage({
  text = 'Hello to you.',
  finish = 'end_turn',
  members = {},
}: Completion = {}): JsonObject {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-opus-4-8',
    content: [{ type: 'text', text }],
    stop_reason: finish,
    stop_sequence: null,
    usage: { input_tokens: 5, output_tokens: 6 },
    ...members,
  };
}

/** Answers 200 with this JSON. */
export function json(value: JsonObject): Script {
  return body(JSON.stringify(value));
}

/** Answers with this status line, these header lines and this body. */
export function answer(status: string, headers: readonly string[], text: string): Script {
  const head = [`HTTP/1.1 ${status}`, ...headers, `content-length: ${Buffer.byteLength(text)}`].join('\r\n');
  return raw(`${head}\r\n\r\n${text}`, 'keep');
}

/** Answers 503 as a vendor does that has too much to do. */
export const BUSY: Script = answer('503 Busy', ['content-type: application/json'], '{"error":{"message":"busy"}}');
