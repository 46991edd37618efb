import type { ChatRequest, ContentPart } from '../core/chat.ts';

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

  constructor(request: ChatRequest) {
    this.#request = request;
  }

  /** The texts, in the order of the request. */
  get texts(): readonly SuppliedText[] {
    this.#texts ??= this.#request.messages
      .filter(({ role }) => role !== 'assistant')
      .flatMap(({ role, path, content }) =>
        content.flatMap((part, index) => {
          const text = textOf(part);
          return text === null ? [] : [{ path: part.path ?? `${path ?? 'messages'}.content[${index}]`, role, text }];
        }),
      );
    return this.#texts;
  }
}

function textOf(part: ContentPart): string | null {
  return part.type === 'text' ? part.text : null;
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
