import { isUtf8 } from 'node:buffer';

import type { ContentPart, FilePart, Message, SystemMessage, UserMessage } from '../core/chat.ts';
import { isInstruction } from '../core/late-instructions.ts';

/** What of a client's messages a template may speak of, and where it stands. */
export interface SuppliedPrompt {
  /** The instructions at the start, which `system` is. */
  readonly leading: readonly SystemMessage[];
  readonly system: string;
  /** The last turn of the user; `null`: there is none. */
  readonly turn: UserMessage | null;
  readonly user: string;
  /** The part of the turn that `user` is; `null`: none. */
  readonly userPart: ContentPart | null;
  readonly documents: readonly { readonly part: ContentPart; readonly name: string; readonly text: string }[];
}

/**
 * Reads what a template may speak of. The last text of the user's last turn is `user`; the texts before it in that turn,
 * and the files of text in it, are the documents.
 */
export function readSupplied(messages: readonly Message[]): SuppliedPrompt {
  const start = messages.findIndex((message) => !isInstruction(message));
  const leading = messages.slice(0, start < 0 ? messages.length : start).filter(isInstruction);
  const turn = messages.findLast((message) => message.role === 'user') ?? null;
  const parts = turn?.content ?? [];
  const userPart = parts.findLast((part) => part.type === 'text') ?? null;
  const documents = parts.flatMap((part) => {
    if (part === userPart) return [];
    const text = part.type === 'text' ? part.text : part.type === 'file' ? textOfFile(part) : null;
    if (text === null || text.trim() === '') return [];
    return [{ part, name: part.type === 'file' ? (part.filename ?? '') : '', text }];
  });
  return {
    leading,
    system: leading.map(textOf).join('\n\n'),
    turn,
    user: userPart?.type === 'text' ? userPart.text : '',
    userPart,
    documents,
  };
}

function textOf({ content }: Message): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** The text of a file that is nothing but text; `null` for any other. */
function textOfFile({ source }: FilePart): string | null {
  if (source.kind === 'url' || !/^text\//i.test(source.mediaType)) return null;
  const bytes = Buffer.from(source.base64, 'base64');
  return isUtf8(bytes) ? bytes.toString('utf8') : null;
}
