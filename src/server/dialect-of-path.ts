import type { ClientDialect } from '../core/client-dialect.ts';
import { anthropicMessagesDialect } from '../dialects/anthropic-messages/encode.ts';
import { geminiDialect } from '../dialects/gemini-generate/encode.ts';
import { openAiChatDialect } from '../dialects/openai-chat/encode.ts';

/** Paths under which clients speak another dialect than OpenAI's. */
const BY_PREFIX: readonly (readonly [prefix: string, dialect: ClientDialect])[] = [
  ['/v1/messages', anthropicMessagesDialect],
  ['/anthropic/', anthropicMessagesDialect],
  ['/v1beta/', geminiDialect],
  ['/gemini/', geminiDialect],
];

/** Where the same path without a method is OpenAI's. */
const GEMINI_METHOD = /^\/v1\/models\/[^?]+:(?:generateContent|streamGenerateContent|countTokens)(?:\?|$)/;

/** The dialect in which whoever asks at this path reads errors, whether or not there is anything at it. */
export function dialectOfPath(path: string): ClientDialect {
  if (GEMINI_METHOD.test(path)) return geminiDialect;
  return BY_PREFIX.find(([prefix]) => path.startsWith(prefix))?.[1] ?? openAiChatDialect;
}
