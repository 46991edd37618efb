import type { Adjustment } from '../core/adjustment.ts';
import type { ContentPart, Message, SystemMessage } from '../core/chat.ts';
import { frozenCopy } from '../core/frozen-copy.ts';
import type { HookMessage, PromptDraft } from '../core/hook-functions.ts';
import { withoutText } from '../core/told-value.ts';

/** The prompt a hook is given, and what the drafts it makes of it come to. */
export interface DraftedPrompt {
  readonly draft: PromptDraft;
  /** What the draft holds; `null` for what is none of this prompt. */
  read(draft: unknown): PromptState | null;
}

export interface PromptState {
  /** The very list that was given where nothing was changed. */
  readonly messages: readonly Message[];
  readonly adjustments: readonly Adjustment[];
}

/** Between what stands in parts or messages of its own. */
const PARAGRAPH = '\n\n';

/** A draft over these messages. @param at the hook, as its adjustments name it */
export function draftPrompt(messages: readonly Message[], at: string): DraftedPrompt {
  // A draft that a hook kept from another request is not in it.
  const states = new WeakMap<object, PromptState>();
  const make = (state: PromptState): PromptDraft => {
    const draft: PromptDraft = {
      messages: hookMessages(state.messages),
      system: (change) => make(withSystem(state, change, at)),
      user: (change) => make(withUser(state, change, at)),
      append: (text) => make(withAdded(state, requireText(text), 'end', at)),
      prepend: (text) => make(withAdded(state, requireText(text), 'start', at)),
    };
    states.set(Object.freeze(draft), state);
    return draft;
  };
  return {
    draft: make({ messages, adjustments: [] }),
    read: (draft) => (typeof draft === 'object' && draft !== null ? (states.get(draft) ?? null) : null),
  };
}

/** The messages as far as they are text, frozen. */
export function hookMessages(messages: readonly Message[]): readonly HookMessage[] {
  return frozenCopy(messages.map(({ role, content }) => ({ role, text: textOf(content) })));
}

function textOf(content: readonly ContentPart[]): string {
  return content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join(PARAGRAPH);
}

function requireText(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`a prompt is text, not ${value === null ? 'null' : typeof value}`);
}

/** How many messages the system section has. */
function systemLength(messages: readonly Message[]): number {
  const start = messages.findIndex(({ role }) => role !== 'system' && role !== 'developer');
  return start < 0 ? messages.length : start;
}

function withSystem({ messages, adjustments }: PromptState, change: (text: string) => string, at: string): PromptState {
  const section = messages.slice(0, systemLength(messages));
  const content = section.flatMap((message) => message.content);
  const asked = textOf(content);
  const sent = requireText(change(asked));
  if (sent === asked) return { messages, adjustments };
  const [first] = section;
  const rewritten: SystemMessage = {
    role: first?.role === 'developer' ? 'developer' : 'system',
    path: first?.path ?? null,
    original: null,
    name: first?.name ?? null,
    content: withTextOf(content, sent),
  };
  const kept = sent === '' && rewritten.content.length === 0 ? [] : [rewritten];
  const note = adjustment(first?.path ?? null, asked, sent, at);
  return { messages: [...kept, ...messages.slice(section.length)], adjustments: [...adjustments, note] };
}

function withUser({ messages, adjustments }: PromptState, change: (text: string) => string, at: string): PromptState {
  const index = messages.findLastIndex(({ role }) => role === 'user');
  const message = messages[index];
  if (message === undefined) throw new TypeError('the prompt has no message of the user');
  const asked = textOf(message.content);
  const sent = requireText(change(asked));
  if (sent === asked) return { messages, adjustments };
  const rewritten: Message = { ...message, original: null, content: withTextOf(message.content, sent) };
  const note = adjustment(message.path, asked, sent, at);
  return { messages: messages.with(index, rewritten), adjustments: [...adjustments, note] };
}

function withAdded(state: PromptState, text: string, where: 'start' | 'end', at: string): PromptState {
  const { messages, adjustments } = state;
  if (text === '') return state;
  const message: SystemMessage = {
    role: 'system',
    path: null,
    original: null,
    name: null,
    content: [{ type: 'text', text }],
  };
  const index = where === 'start' ? 0 : systemLength(messages);
  return {
    messages: messages.toSpliced(index, 0, message),
    adjustments: [...adjustments, adjustment(null, null, text, at)],
  };
}

/** The same content with one text where its first one stood; pictures and the like stay. */
function withTextOf(content: readonly ContentPart[], text: string): readonly ContentPart[] {
  const first = content.findIndex(({ type }) => type === 'text');
  const isCached = content.some((part) => part.type === 'text' && part.cacheBreakpoint === true);
  const part: ContentPart = { type: 'text', text, ...(isCached ? { cacheBreakpoint: true } : {}) };
  const others = content.filter(({ type }) => type !== 'text');
  return text === '' ? others : others.toSpliced(Math.max(0, first), 0, part);
}

function adjustment(path: string | null, asked: string | null, sent: string, at: string): Adjustment {
  const reason = 'prompt hook';
  // Under the path of a message, content is replaced by its hash wherever it is kept; without one, here.
  return path === null
    ? { param: 'messages', asked: told(asked), sent: told(sent), kind: 'rewritten', reason, at }
    : { param: path, asked, sent, kind: 'rewritten', reason, at };
}

function told(text: string | null): Adjustment['asked'] {
  return text === null ? null : withoutText(text);
}
