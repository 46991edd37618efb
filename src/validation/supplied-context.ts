import type { ChatRequest, ContentPart } from '../core/chat.ts';
import type { JsonValue } from '../core/json.ts';
import { ContextIndex } from './grounding/context-index.ts';
import { plainWords } from './plain-words.ts';

/** One text the client sent along. */
export interface SuppliedText {
  /** Where it stands in the request: `messages[2].content[0]`. */
  readonly path: string;
  readonly role: 'system' | 'developer' | 'user' | 'assistant' | 'tool';
  readonly text: string;
}

/** What the model was given to go by: every text of the request but the model's own earlier answers. */
export class SuppliedContext {
  readonly #request: ChatRequest;
  #texts: readonly SuppliedText[] | null = null;
  #words: string | null = null;
  #index: ContextIndex | null = null;

  constructor(request: ChatRequest) {
    this.#request = request;
  }

  /** The texts, in the order of the request. */
  get texts(): readonly SuppliedText[] {
    this.#texts ??= this.#request.messages
      .filter(({ role }) => role !== 'assistant')
      .flatMap(({ role, path, content }) =>
        content.flatMap((part, index) =>
          textsOf(part, part.path ?? `${path ?? 'messages'}.content[${index}]`).map((text) => ({ role, ...text })),
        ),
      );
    return this.#texts;
  }

  /** The texts as plain words, a line each: prepared once, however many arguments are looked for in it. */
  get words(): string {
    this.#words ??= this.texts.map(({ text }) => plainWords(text)).join('\n');
    return this.#words;
  }

  /** How many parts of the request hold what cannot be read here: images, sound, documents that are no text. */
  get unreadableParts(): number {
    return this.#request.messages
      .filter(({ role }) => role !== 'assistant')
      .flatMap(({ content }) => content)
      .filter((part) => textsOf(part, '').length === 0 && part.type !== 'text' && part.type !== 'refusal').length;
  }

  /** What the texts name and say, for looking things up. Built once, and each part of it when it is first asked for. */
  get index(): ContextIndex {
    this.#index ??= new ContextIndex(this.texts);
    return this.#index;
  }
}

type PathedText = Pick<SuppliedText, 'path' | 'text'>;

const TEXT_TYPE = /^(?:text\/|application\/(?:json|xml|x-yaml|yaml)\b)/;
/** Longer strings without a space are bytes in base64 rather than words. */
const MAX_UNBROKEN = 4096;

function textsOf(part: ContentPart, path: string): readonly PathedText[] {
  if (part.type === 'text') return [{ path, text: part.text }];
  if (part.type === 'native') return stringsOf(part.native, path);
  if (part.type !== 'file' || part.source.kind !== 'data' || !TEXT_TYPE.test(part.source.mediaType)) return [];
  return [{ path, text: Buffer.from(part.source.base64, 'base64').toString('utf8') }];
}

/** The strings of a part that its protocol alone has, such as a search result's; none where it only points elsewhere. */
function stringsOf(value: JsonValue | undefined, path: string): readonly PathedText[] {
  if (typeof value === 'string') {
    const isText =
      /\s|^https?:/.test(value) && (value.length <= MAX_UNBROKEN || value.slice(0, MAX_UNBROKEN).includes(' '));
    return isText ? [{ path, text: value }] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Array.isArray(value)
    ? value.flatMap((item: JsonValue, index) => stringsOf(item, `${path}[${index}]`))
    : Object.entries(value).flatMap(([key, member]) => stringsOf(member as JsonValue, `${path}.${key}`));
}

/** The contexts of requests under way, each made once however many answers are checked against it. */
export class SuppliedContexts {
  readonly #known = new WeakMap<ChatRequest, SuppliedContext>();

  of(request: ChatRequest): SuppliedContext {
    const known = this.#known.get(request) ?? new SuppliedContext(request);
    this.#known.set(request, known);
    return known;
  }
}
