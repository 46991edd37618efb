import type { ContentPart, Message } from './chat.ts';

/**
 * Where a content part stands in the client's request. A plain string has no parts of its own, and
 * a refusal may stand beside the content instead of in it.
 */
export function partPath(message: Message, index: number): string {
  const own = message.content[index]?.path;
  if (own !== undefined) return own;
  const content = message.original?.['content'];
  if (Array.isArray(content)) {
    return index < content.length ? `${message.path}.content[${index}]` : `${message.path}.refusal`;
  }
  return message.content[index]?.type === 'refusal' ? `${message.path}.refusal` : `${message.path}.content`;
}

/** Where the client says that the prompt is to be cached up to a part. */
export function breakpointPath(part: ContentPart, path: string): string {
  // Of the dialects that place their parts themselves, Responses has OpenAI's word for it, and Messages its own.
  const word = part.path === undefined || path.startsWith('input') ? 'prompt_cache_breakpoint' : 'cache_control';
  return `${path}.${word}`;
}
