import type { ClientDialect } from '../core/client-dialect.ts';
import { openAiChatDialect } from '../dialects/openai-chat/encode.ts';

/** Paths under which clients speak another dialect than OpenAI's. */
const BY_PREFIX: readonly (readonly [prefix: string, dialect: ClientDialect])[] = [];

/** The dialect in which whoever asks at this path reads errors, whether or not there is anything at it. */
export function dialectOfPath(path: string): ClientDialect {
  return BY_PREFIX.find(([prefix]) => path.startsWith(prefix))?.[1] ?? openAiChatDialect;
}
