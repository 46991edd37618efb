import type { Answer, AnswerPart, ToolCallStart } from '../../core/answer.ts';
import { mergeExtra } from '../../core/answer-assembler.ts';
import type { ExtraContent } from '../../core/chat.ts';
import type { AnswerEnvelope, ClientStream, ErrorReport, StreamedEvent } from '../../core/client-dialect.ts';
import { isJsonObject, parseJson, type JsonObject } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';
import { candorMember } from '../candor-member.ts';
import { encodeEnding, encodeUsage, errorBody, knownCounts } from './members.ts';
import { PassedEvents } from './passed-events.ts';
import { sealedSignature, UNSIGNED } from './sealed-thinking.ts';

/** What keeps a stream alive: every SDK of the protocol passes over it, wherever it stands. */
export const PING = Buffer.from('event: ping\ndata: {"type":"ping"}\n\n');

interface StreamStart {
  readonly id: string;
  readonly sameProtocol: boolean;
}

interface OpenToolCall {
  readonly id: string;
  /** The index of its block. */
  readonly block: number;
  /** Its arguments so far. */
  readonly fragments: string[];
  isOpen: boolean;
  extraContent?: ExtraContent;
}

/**
 * A stream of Messages events. Those of a vendor of the same protocol pass as they came, with the id
 * replaced; for others the events are made: one block after the other, in the order of the protocol. Only a
 * tool call whose arguments are not whole stays open beside the next block, for vendors that tell calls in
 * turns. How the answer ends, and the final counts, are kept until the upstream has ended.
 */
export class MessageEventStream implements ClientStream {
  readonly #start: StreamStart;
  readonly #passed: PassedEvents | null;
  #model: string | null = null;
  #usage: Usage | null = null;
  #hasStarted = false;
  #blocks = 0;
  /** What the open block holds; `null`: none is open, or one of a tool call, which knows it itself. */
  #open: 'text' | 'thinking' | null = null;
  readonly #toolCalls = new Map<number, OpenToolCall>();
  #extraContent: ExtraContent | null = null;

  constructor(start: StreamStart) {
    this.#start = start;
    this.#passed = start.sameProtocol ? new PassedEvents(start.id) : null;
  }

  encode(streamed: StreamedEvent): readonly Buffer[] {
    if (streamed.native !== null && this.#passed !== null) return this.#passed.encode(streamed);
    const text = streamed.parts.map((part) => this.#part(part)).join('');
    return text === '' ? [] : [Buffer.from(text)];
  }

  finish(answer: Answer, envelope: AnswerEnvelope): Buffer {
    const candor = candorMember(envelope);
    if (this.#passed?.hasFinish) return this.#passed.finish(candor, knownCounts(answer.usage));
    this.#model ??= answer.model;
    const signature = sealedSignature(this.#extraContent, [...this.#toolCalls.values()]);
    // What vendors want back with the answer comes with their last words, when its thinking has long been told.
    const sealed = signature === null ? '' : this.#thinkingBlock(signature);
    const closing = `${this.#opening()}${sealed}${this.#closeBlock()}${this.#closeCalls(() => true)}`;
    const ending = {
      type: 'message_delta',
      delta: encodeEnding(answer, this.#toolCalls.size > 0),
      usage: encodeUsage(answer.usage),
      candor,
    };
    return Buffer.from(`${closing}${frame(ending)}${frame({ type: 'message_stop' })}`);
  }

  fail(error: ErrorReport): Buffer {
    return Buffer.from(`event: error\ndata: ${JSON.stringify(errorBody(error))}\n\n`);
  }

  #part(part: AnswerPart): string {
    switch (part.type) {
      case 'model':
        this.#model = part.model;
        return '';
      case 'usage':
        this.#usage = part.report.usage;
        return '';
      case 'text':
        return part.text === '' ? '' : this.#delta('text', { type: 'text_delta', text: part.text });
      case 'reasoning':
        return part.text === '' ? '' : this.#delta('thinking', { type: 'thinking_delta', thinking: part.text });
      case 'tool-call-start':
        return this.#toolCall(part);
      case 'tool-call-arguments':
        return this.#arguments(part.index, part.fragment);
      case 'extra':
        this.#keepExtra(part.toolCall, part.content);
        return '';
      default:
        // A refusal is told with the end: in this protocol it is no content.
        return '';
    }
  }

  #keepExtra(toolCall: number | null, content: ExtraContent): void {
    const call = toolCall === null ? undefined : this.#toolCalls.get(toolCall);
    if (call === undefined) this.#extraContent = mergeExtra(this.#extraContent, content);
    else call.extraContent = mergeExtra(call.extraContent ?? null, content);
  }

  #delta(kind: 'text' | 'thinking', delta: JsonObject): string {
    const opening = this.#open === kind ? '' : this.#openBlock(kind, EMPTY_BLOCKS[kind]);
    return opening + frame({ type: 'content_block_delta', index: this.#blocks - 1, delta });
  }

  #toolCall({ index, id, name }: ToolCallStart): string {
    const opening = this.#openBlock('tool_use', { type: 'tool_use', id, name, input: {}, caller: { type: 'direct' } });
    this.#toolCalls.set(index, { id, block: this.#blocks - 1, fragments: [], isOpen: true });
    return opening;
  }

  #arguments(toolCall: number, fragment: string): string {
    const call = this.#toolCalls.get(toolCall);
    if (call === undefined || fragment === '') return '';
    call.fragments.push(fragment);
    const delta = { type: 'input_json_delta', partial_json: fragment };
    return frame({ type: 'content_block_delta', index: call.block, delta });
  }

  #thinkingBlock(signature: string): string {
    const opening = this.#openBlock('thinking', EMPTY_BLOCKS.thinking);
    this.#open = null;
    const index = this.#blocks - 1;
    const delta = { type: 'signature_delta', signature };
    return (
      opening + frame({ type: 'content_block_delta', index, delta }) + frame({ type: 'content_block_stop', index })
    );
  }

  #openBlock(kind: 'text' | 'thinking' | 'tool_use', block: JsonObject): string {
    const before = this.#opening() + this.#closeBlock() + this.#closeCalls((call) => isWhole(call));
    this.#open = kind === 'tool_use' ? null : kind;
    return before + frame({ type: 'content_block_start', index: this.#blocks++, content_block: block });
  }

  #closeCalls(mayClose: (call: OpenToolCall) => boolean): string {
    let closed = '';
    for (const call of this.#toolCalls.values()) {
      if (!call.isOpen || !mayClose(call)) continue;
      call.isOpen = false;
      closed += frame({ type: 'content_block_stop', index: call.block });
    }
    return closed;
  }

  /** Ends the open block. Thinking without a signature is no thinking of this protocol. */
  #closeBlock(): string {
    if (this.#open === null) return '';
    const index = this.#blocks - 1;
    const delta = { type: 'signature_delta', signature: UNSIGNED };
    const signature = this.#open === 'thinking' ? frame({ type: 'content_block_delta', index, delta }) : '';
    this.#open = null;
    return signature + frame({ type: 'content_block_stop', index });
  }

  #opening(): string {
    if (this.#hasStarted) return '';
    this.#hasStarted = true;
    const { input_tokens: input, ...usage } = encodeUsage(this.#usage);
    const message = {
      id: this.#start.id,
      type: 'message',
      role: 'assistant',
      model: this.#model,
      content: [],
      container: null,
      diagnostics: null,
      stop_reason: null,
      stop_sequence: null,
      stop_details: null,
      // Tallies of what has been reported so far, as everywhere in this protocol: `message_delta` has the totals.
      usage: { ...usage, input_tokens: input ?? 0, output_tokens: 0 },
    };
    return frame({ type: 'message_start', message });
  }
}

const EMPTY_BLOCKS = {
  text: { type: 'text', text: '', citations: null },
  thinking: { type: 'thinking', thinking: '', signature: '' },
} as const;

/** Whether nothing can follow that matters: the arguments are an object from brace to brace. */
function isWhole({ fragments }: OpenToolCall): boolean {
  return isJsonObject(parseJson(fragments.join('')));
}

function frame(event: JsonObject & { readonly type: string }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
