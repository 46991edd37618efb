import type { IncomingMessage } from 'node:http';

import type { ClientDialect } from '../core/client-dialect.ts';
import { anthropicMessagesDialect } from '../dialects/anthropic-messages/encode.ts';
import { openAiChatDialect } from '../dialects/openai-chat/encode.ts';
import { dialectOfPath } from './dialect-of-path.ts';

/** The dialect in which a client reads errors. At OpenAI's paths, of which the list of models is one, Anthropic's SDKs ask too, and say so. */
export function dialectOfRequest({ url, headers }: IncomingMessage): ClientDialect {
  const dialect = dialectOfPath(url ?? '');
  const isAnthropic = dialect === openAiChatDialect && headers['anthropic-version'] !== undefined;
  return isAnthropic ? anthropicMessagesDialect : dialect;
}
