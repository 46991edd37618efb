import { mergeExtra } from '../../core/answer-assembler.ts';
import type { Answer, AnswerPart, ToolCallStart } from '../../core/answer.ts';
import type { ChatRequest, ExtraContent } from '../../core/chat.ts';
import type { AnswerEnvelope, ClientStream, ErrorReport, StreamedEvent } from '../../core/client-dialect.ts';
import { stringMember, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Provenance } from '../../core/record.ts';
import type { ResponsesItemStatus } from '../../wire/openai-responses.ts';
import { errorBody } from '../openai-chat/members.ts';
import { itemId } from './items.ts';
import { OpenCall, OpenMessage, OpenReasoning, type ItemPlace, type OpenItem } from './open-items.ts';
import { encodeUsage, incompleteReason, responseObject, type ResponseState } from './response-object.ts';

interface StreamStart {
  readonly request: ChatRequest;
  readonly id: string;
  readonly createdSeconds: number;
}

/** An item of the answer, done or not. */
interface StreamedItem {
  readonly open: OpenItem;
  status: ResponsesItemStatus;
}

/**
 * The named events of one response, numbered as they go. Items come in the order of their beginnings;
 * each is done before the next is announced, except calls whose arguments a vendor has left open.
 */
export class ResponseEvents implements ClientStream {
  readonly #start: StreamStart;
  #number = 0;
  #frames: string[] = [];
  #isOpened = false;
  #model: string | null = null;
  #serviceTier: string | null = null;
  readonly #items: StreamedItem[] = [];
  readonly #calls = new Map<number, OpenCall>();
  /** What the vendor wants back with the answer, and how much of it the items have told. */
  #extra: ExtraContent | null = null;
  #isExtraTold = true;

  constructor(start: StreamStart) {
    this.#start = start;
  }

  encode({ parts, native }: StreamedEvent): readonly Buffer[] {
    this.#serviceTier = stringMember(native ?? {}, 'service_tier') ?? this.#serviceTier;
    const logprobs = parts.flatMap((part) => (part.type === 'logprobs' ? (part.logprobs.content ?? []) : []));
    for (const part of parts) this.#take(part, part.type === 'text' ? logprobs.splice(0) : []);
    return this.#frames.length === 0 ? [] : [this.#takeFrames()];
  }

  #take(part: AnswerPart, logprobs: readonly JsonValue[]): void {
    switch (part.type) {
      case 'model':
        this.#model = part.model;
        break;
      case 'text':
      case 'refusal':
        if (part.text !== '') this.#message().add(part.type, part.text, logprobs);
        break;
      case 'reasoning':
        if (part.text !== '') this.#reasoning().add(part.text);
        break;
      case 'tool-call-start':
        this.#beginCall(part);
        break;
      case 'tool-call-arguments':
        this.#calls.get(part.index)?.add(part.fragment);
        break;
      case 'extra':
        this.#takeExtra(part.toolCall, part.content);
        break;
      default:
    }
  }

  #message(): OpenMessage {
    const last = this.#last();
    return last instanceof OpenMessage ? last : this.#begin('message', (place) => new OpenMessage(place, this.#emit));
  }

  #reasoning(): OpenReasoning {
    const last = this.#last();
    return last instanceof OpenReasoning
      ? last
      : this.#begin('reasoning', (place) => new OpenReasoning(place, this.#emit));
  }

  #beginCall({ index, id, name }: ToolCallStart): void {
    const call = this.#begin('function_call', (place) => new OpenCall(place, this.#emit, { id, name }));
    this.#calls.set(index, call);
  }

  #takeExtra(toolCall: number | null, content: ExtraContent): void {
    const call = toolCall === null ? undefined : this.#calls.get(toolCall);
    if (call !== undefined) {
      call.extraContent = mergeExtra(call.extraContent, content);
      return;
    }
    this.#extra = mergeExtra(this.#extra, content);
    this.#isExtraTold = false;
  }

  /** The last item, while it is open. */
  #last(): OpenItem | null {
    const last = this.#items.at(-1);
    return last?.status === 'in_progress' ? last.open : null;
  }

  #begin<Item extends OpenItem>(type: Parameters<typeof itemId>[0], open: (place: ItemPlace) => Item): Item {
    this.#open();
    for (const item of this.#items) {
      if (item.status !== 'in_progress') continue;
      if (!(item.open instanceof OpenCall) || item.open.isWhole) this.#close(item, 'completed');
    }
    const outputIndex = this.#items.length;
    const begun = open({ id: itemId(type, this.#start.id, outputIndex), outputIndex });
    this.#items.push({ open: begun, status: 'in_progress' });
    return begun;
  }

  #close(item: StreamedItem, status: ResponsesItemStatus): void {
    if (item.status !== 'in_progress') return;
    if (item.open instanceof OpenReasoning && !this.#isExtraTold) {
      item.open.extraContent = this.#extra;
      this.#isExtraTold = true;
    }
    item.status = status;
    item.open.close(status);
  }

  finish(answer: Answer, envelope: AnswerEnvelope): Buffer {
    const reason = incompleteReason(answer.finishReason);
    const status = reason === null ? 'completed' : 'incomplete';
    this.#model = answer.model ?? this.#model;
    this.#open();
    // What came too late for the item of what was thought, or with none, has one of its own.
    if (!this.#isExtraTold) this.#reasoning();
    for (const item of this.#items) this.#close(item, item === this.#items.at(-1) ? status : 'completed');
    this.#emit(`response.${status}`, {
      response: this.#response({
        status,
        incompleteReason: reason,
        usage: encodeUsage(answer.usage, envelope.provenance === null ? null : envelope),
        provenance: envelope.provenance,
      }),
    });
    return this.#takeFrames();
  }

  /** As the vendor does: an `error`, which the SDKs throw, then the response as failed, for those who wait for its end. */
  fail(report: ErrorReport, provenance: Provenance | null): Buffer {
    const { code, message, param } = report;
    this.#emit('error', { code, message, param, ...errorBody(report) });
    for (const item of this.#items) if (item.status === 'in_progress') item.status = 'incomplete';
    this.#emit('response.failed', {
      response: this.#response({ status: 'failed', error: { code, message }, provenance }),
    });
    return this.#takeFrames();
  }

  #open(): void {
    if (this.#isOpened) return;
    this.#isOpened = true;
    this.#emit('response.created', { response: this.#response({ status: 'in_progress' }) });
    this.#emit('response.in_progress', { response: this.#response({ status: 'in_progress' }) });
  }

  #response(state: Pick<ResponseState, 'status'> & Partial<ResponseState>): JsonObject {
    return responseObject(this.#start.request, this.#start, {
      model: this.#model,
      output: this.#items.map(({ open, status }) => open.item(status)),
      incompleteReason: null,
      error: null,
      usage: null,
      serviceTier: this.#serviceTier,
      provenance: null,
      ...state,
    });
  }

  readonly #emit = (type: string, members: JsonObject): void => {
    const data = { type, sequence_number: this.#number++, ...members };
    this.#frames.push(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
  };

  #takeFrames(): Buffer {
    const frames = this.#frames;
    this.#frames = [];
    return Buffer.from(frames.join(''));
  }
}
