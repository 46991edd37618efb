import type { Message } from './chat.ts';

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
