import type { ChatRequest } from '../core/chat.ts';
import type { PromptPieces } from './prompt-pieces.ts';

/** More than any vendor puts around a message, a tool, and the request. */
const MESSAGE_SLACK_TOKENS = 16;
const TOOL_SLACK_TOKENS = 64;
const REQUEST_SLACK_TOKENS = 1024;

/**
 * A number of tokens the client's prompt cannot exceed, found without a tokenizer: vocabularies are of bytes, so no
 * text has more tokens than bytes of UTF-8, and in the client's JSON it has no fewer bytes. `null` when there are
 * images, files or sounds, whose tokens are no matter of bytes. It decides at once for the many prompts that are
 * far shorter than a window. What the config adds to a prompt is not in it.
 */
export function promptTokensAtMost({ messages, tools, original }: ChatRequest): number | null {
  for (const { content } of messages) {
    for (const { type } of content) if (type !== 'text' && type !== 'refusal') return null;
  }
  const slack = messages.length * MESSAGE_SLACK_TOKENS + tools.length * TOOL_SLACK_TOKENS + REQUEST_SLACK_TOKENS;
  return original.bytes.length + slack;
}

/** Bytes of UTF-8 of all texts and structures. */
export function bytesOf({ texts, structures }: PromptPieces): number {
  let bytes = 0;
  for (const text of texts) bytes += Buffer.byteLength(text);
  for (const text of structures) bytes += Buffer.byteLength(text);
  return bytes;
}
