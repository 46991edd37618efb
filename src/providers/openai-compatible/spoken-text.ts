import { arrayMember, isJsonObject, stringMember, type JsonObject } from '../../core/json.ts';

/** What a message or a delta says, whichever of the vendors' ways it is written in. */
export interface SpokenText {
  readonly text: string | null;
  readonly reasoning: string | null;
  /** Whether it is written as OpenAI and its clients write it, with DeepSeek's `reasoning_content`. */
  readonly isPlain: boolean;
}

/**
 * Reads text and reasoning. Mistral writes lists of `text` and `thinking` parts instead of a text;
 * Groq and OpenRouter say `reasoning` (recorded answers, 2026).
 */
export function readSpokenText(message: JsonObject): SpokenText {
  const content = message['content'];
  const reasoning = stringMember(message, 'reasoning_content');
  if (!Array.isArray(content)) {
    const other = stringMember(message, 'reasoning');
    return {
      text: stringMember(message, 'content'),
      reasoning: reasoning ?? other,
      isPlain: reasoning !== null || !other,
    };
  }
  const parts = arrayMember(message, 'content').filter(isJsonObject);
  const thoughts = parts.flatMap((part) => textsOf(part, 'thinking'));
  const texts = parts.flatMap((part) => (part['type'] === 'text' ? [stringMember(part, 'text') ?? ''] : []));
  return {
    text: texts.length === 0 ? null : texts.join(''),
    reasoning: thoughts.length === 0 ? reasoning : thoughts.join(''),
    isPlain: false,
  };
}

function textsOf(part: JsonObject, type: string): readonly string[] {
  if (part['type'] !== type) return [];
  return arrayMember(part, type).flatMap((piece) => (isJsonObject(piece) ? [stringMember(piece, 'text') ?? ''] : []));
}

/** The message or delta as OpenAI's clients read it. */
export function writePlain(message: JsonObject, { text, reasoning, isPlain }: SpokenText): JsonObject {
  if (isPlain) return message;
  const { content: _content, reasoning: _reasoning, ...rest } = message;
  return { ...rest, content: text, ...(reasoning === null ? {} : { reasoning_content: reasoning }) };
}
