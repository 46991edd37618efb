import type { ExtraContent, ToolCall } from '../../core/chat.ts';
import { isJsonObject, parseJson, type JsonObject, type JsonValue } from '../../core/json.ts';
import type {
  ResponsesFunctionCall,
  ResponsesItem,
  ResponsesItemStatus,
  ResponsesMessage,
  ResponsesReasoning,
} from '../../wire/openai-responses.ts';
import { callItem, messageItem, reasoningItem, refusalPart, textPart } from './items.ts';

/** Takes the next event of a stream: its name and its members but for the running number. */
export type Emit = (type: string, members: JsonObject) => void;

/** Where an item of a stream stands. */
export interface ItemPlace {
  readonly id: string;
  readonly outputIndex: number;
}

/** One item of an answer while it is streamed: it was announced, and is not yet done. */
export interface OpenItem {
  /** The item as it is now. */
  item(status: ResponsesItemStatus): ResponsesItem;
  /** Says what is left to say of it, that it is done included. */
  close(status: ResponsesItemStatus): void;
}

/** Announces an item, and says that it is done. */
class ItemEvents {
  readonly #place: ItemPlace;
  readonly #emit: Emit;

  constructor(place: ItemPlace, emit: Emit) {
    this.#place = place;
    this.#emit = emit;
  }

  added(item: ResponsesItem): void {
    this.#emit('response.output_item.added', { output_index: this.#place.outputIndex, item });
  }

  done(item: ResponsesItem): void {
    this.#emit('response.output_item.done', { output_index: this.#place.outputIndex, item });
  }

  /** An event of something inside the item. */
  inside(type: string, members: JsonObject): void {
    this.#emit(type, { item_id: this.#place.id, output_index: this.#place.outputIndex, ...members });
  }
}

interface OpenPart {
  readonly type: 'text' | 'refusal';
  readonly pieces: string[];
  readonly logprobs: JsonValue[];
}

/** A message: text, a refusal, or both, each a part of its own. */
export class OpenMessage implements OpenItem {
  readonly #place: ItemPlace;
  readonly #events: ItemEvents;
  readonly #parts: OpenPart[] = [];

  constructor(place: ItemPlace, emit: Emit) {
    this.#place = place;
    this.#events = new ItemEvents(place, emit);
    this.#events.added(this.item('in_progress'));
  }

  add(type: 'text' | 'refusal', delta: string, logprobs: readonly JsonValue[]): void {
    const part = this.#part(type);
    part.pieces.push(delta);
    part.logprobs.push(...logprobs);
    const content_index = this.#parts.length - 1;
    if (type === 'text') this.#events.inside('response.output_text.delta', { content_index, delta, logprobs });
    else this.#events.inside('response.refusal.delta', { content_index, delta });
  }

  #part(type: OpenPart['type']): OpenPart {
    const last = this.#parts.at(-1);
    if (last?.type === type) return last;
    this.#closePart();
    const part: OpenPart = { type, pieces: [], logprobs: [] };
    this.#parts.push(part);
    this.#events.inside('response.content_part.added', {
      content_index: this.#parts.length - 1,
      part: encodePart(part),
    });
    return part;
  }

  #closePart(): void {
    const part = this.#parts.at(-1);
    if (part === undefined) return;
    const content_index = this.#parts.length - 1;
    const encoded = encodePart(part);
    if (encoded.type === 'output_text') {
      const { text, logprobs } = encoded;
      this.#events.inside('response.output_text.done', { content_index, text, logprobs });
    } else {
      this.#events.inside('response.refusal.done', { content_index, refusal: encoded.refusal });
    }
    this.#events.inside('response.content_part.done', { content_index, part: encoded });
  }

  item(status: ResponsesItemStatus): ResponsesMessage {
    return messageItem(this.#place.id, status, this.#parts.map(encodePart));
  }

  close(status: ResponsesItemStatus): void {
    this.#closePart();
    this.#events.done(this.item(status));
  }
}

function encodePart({ type, pieces, logprobs }: OpenPart): ResponsesMessage['content'][number] {
  return type === 'text' ? textPart(pieces.join(''), [...logprobs]) : refusalPart(pieces.join(''));
}

/** What a model thinks, as far as it lets it be seen, with what its vendor wants back. */
export class OpenReasoning implements OpenItem {
  readonly #place: ItemPlace;
  readonly #events: ItemEvents;
  readonly #pieces: string[] = [];
  extraContent: ExtraContent | null = null;

  constructor(place: ItemPlace, emit: Emit) {
    this.#place = place;
    this.#events = new ItemEvents(place, emit);
    this.#events.added(this.item());
  }

  add(delta: string): void {
    if (this.#pieces.length === 0) {
      const part = { type: 'summary_text', text: '' };
      this.#events.inside('response.reasoning_summary_part.added', { summary_index: 0, part });
    }
    this.#pieces.push(delta);
    this.#events.inside('response.reasoning_summary_text.delta', { summary_index: 0, delta });
  }

  item(): ResponsesReasoning {
    const summary = this.#pieces.length === 0 ? null : this.#pieces.join('');
    return reasoningItem(this.#place.id, summary, this.extraContent);
  }

  close(): void {
    if (this.#pieces.length > 0) {
      const text = this.#pieces.join('');
      const part = { type: 'summary_text', text };
      this.#events.inside('response.reasoning_summary_text.done', { summary_index: 0, text });
      this.#events.inside('response.reasoning_summary_part.done', { summary_index: 0, part });
    }
    this.#events.done(this.item());
  }
}

/** A call of a function. */
export class OpenCall implements OpenItem {
  readonly #place: ItemPlace;
  readonly #events: ItemEvents;
  readonly #call: Omit<ToolCall, 'arguments' | 'extraContent'>;
  readonly #fragments: string[] = [];
  extraContent: ExtraContent | null = null;

  constructor(place: ItemPlace, emit: Emit, call: Omit<ToolCall, 'arguments' | 'extraContent'>) {
    this.#place = place;
    this.#events = new ItemEvents(place, emit);
    this.#call = call;
    this.#events.added(this.item('in_progress'));
  }

  add(delta: string): void {
    this.#fragments.push(delta);
    this.#events.inside('response.function_call_arguments.delta', { delta });
  }

  /** Whether nothing can follow that matters: the arguments are an object from brace to brace. */
  get isWhole(): boolean {
    return isJsonObject(parseJson(this.#fragments.join('')));
  }

  item(status: ResponsesItemStatus): ResponsesFunctionCall {
    const { extraContent } = this;
    return callItem(this.#place.id, status, {
      ...this.#call,
      arguments: this.#fragments.join(''),
      ...(extraContent === null ? {} : { extraContent }),
    });
  }

  close(status: ResponsesItemStatus): void {
    const { arguments: text, name } = this.item(status);
    this.#events.inside('response.function_call_arguments.done', { arguments: text, name });
    this.#events.done(this.item(status));
  }
}
