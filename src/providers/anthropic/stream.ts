import { isContent, type AnswerPart } from '../../core/answer.ts';
import { failure, isFailure, type Failure } from '../../core/failure.ts';
import {
  isJsonObject,
  numberMember,
  objectMember,
  parseJson,
  stringMember,
  type JsonObject,
  type JsonValue,
} from '../../core/json.ts';
import type { ServerSentEvent } from '../../core/server-sent-event.ts';
import type { DecodedEvent, StreamDecoder } from '../provider.ts';
import {
  decodeErrorObject,
  decodeStopReason,
  decodeUsage,
  refusalFlags,
  refusalText,
  successorModel,
  twoAuthors,
  leftOut,
  PAUSED,
  VENDOR_SIDE_FALLBACK,
} from './decode.ts';
import { StreamedBlocks } from './streamed-blocks.ts';

interface OpenTool {
  readonly index: number;
  fragments: number;
  /** The arguments as they stood in the block's start: the vendor fills them in later, or here. */
  readonly input: JsonValue;
}

/** Decodes a Messages stream. Its terminal signal is `message_stop`. */
export class MessageStreamDecoder implements StreamDecoder {
  readonly endsWithFinish = false;
  #started = false;
  #hasContent = false;
  #messageId: string | null = null;
  #stopped = false;
  #finished = false;
  #toolCount = 0;
  #usage: JsonObject = {};
  /** The vendor's block index → our tool call; blocks of text are not in it. */
  readonly #tools = new Map<number, OpenTool>();
  /** Indices of blocks that no client is given; what comes for them is passed over. */
  readonly #otherBlocks = new Set<number>();
  #blocks = new StreamedBlocks();
  #flags: string[] = [];

  decode(event: ServerSentEvent): DecodedEvent | Failure {
    const native = parseJson(event.data);
    if (!isJsonObject(native)) return failure('invalid_event', 'an event of the stream is not a JSON object');
    const parts: AnswerPart[] = [];
    const problem = this.#event(native, stringMember(native, 'type') ?? event.name ?? '', parts);
    this.#hasContent ||= parts.some(isContent);
    return problem ?? { parts, native };
  }

  get saidAll(): boolean {
    return this.#stopped;
  }

  end(stray: string): readonly string[] | Failure {
    const outside = stray === '' ? undefined : parseJson(stray);
    if (isJsonObject(outside)) return decodeErrorObject(objectMember(outside, 'error') ?? outside, null);
    if (!this.#stopped) return failure('truncated', 'the stream ended before the model had finished');
    return this.#flags;
  }

  #event(event: JsonObject, type: string, parts: AnswerPart[]): Failure | null {
    switch (type) {
      case 'message_start':
        return this.#start(event, parts);
      case 'content_block_start':
        return this.#blockStart(event, parts);
      case 'content_block_delta':
        return this.#blockDelta(event, parts);
      case 'content_block_stop':
        return this.#blockStop(event, parts);
      case 'message_delta':
        return this.#messageDelta(event, parts);
      case 'message_stop':
        if (!this.#finished) return failure('truncated', 'the stream stopped without saying why');
        this.#stopped = true;
        return null;
      case 'error':
        return decodeErrorObject(objectMember(event, 'error') ?? {}, null);
      default:
        // Pings, and event types of the future, which the vendor's versioning policy says to pass over.
        return null;
    }
  }

  #start(event: JsonObject, parts: AnswerPart[]): Failure | null {
    const message = objectMember(event, 'message') ?? {};
    const messageId = stringMember(message, 'id');
    if (this.#started) {
      const isSame = messageId !== null && messageId === this.#messageId;
      // The same message announced twice before its content is harmless.
      if (isSame && !this.#hasContent) return null;
      if (isSame || this.#finished) return failure('protocol', 'a second answer began inside the stream of the first');
      this.#restart(parts);
    }
    this.#started = true;
    this.#messageId = messageId;
    const model = stringMember(message, 'model');
    if (model !== null) parts.push({ type: 'model', model });
    this.#noteUsage(objectMember(message, 'usage'), parts);
    return null;
  }

  /** Another message begins before the first has ended: of the first nothing may be left. */
  #restart(parts: AnswerPart[]): void {
    parts.push({ type: 'restart' });
    this.#hasContent = false;
    this.#toolCount = 0;
    this.#usage = {};
    this.#flags = ['restarted'];
    this.#tools.clear();
    this.#otherBlocks.clear();
    this.#blocks = new StreamedBlocks();
  }

  #blockStart(event: JsonObject, parts: AnswerPart[]): Failure | null {
    const block = objectMember(event, 'content_block') ?? {};
    const position = numberMember(event, 'index') ?? -1;
    this.#blocks.start(position, block);
    const successor = successorModel(block);
    if (successor !== null) {
      if (this.#hasContent) return twoAuthors();
      this.#flags.push(VENDOR_SIDE_FALLBACK);
      parts.push({ type: 'model', model: successor });
    }
    if (block['type'] === 'text') {
      const text = stringMember(block, 'text');
      if (text) parts.push({ type: 'text', text });
    }
    const flags = leftOut(block);
    if (flags.length > 0) this.#otherBlocks.add(position);
    this.#flags.push(...flags);
    if (block['type'] !== 'tool_use') return null;
    const id = stringMember(block, 'id');
    const name = stringMember(block, 'name');
    if (id === null || name === null)
      return failure('malformed_tool_call', 'a tool call begins without an id and a name');
    const index = this.#toolCount++;
    this.#tools.set(position, { index, fragments: 0, input: block['input'] ?? {} });
    parts.push({ type: 'tool-call-start', index, id, name });
    return null;
  }

  #blockDelta(event: JsonObject, parts: AnswerPart[]): Failure | null {
    const delta = objectMember(event, 'delta') ?? {};
    const block = numberMember(event, 'index') ?? -1;
    this.#blocks.delta(block, delta);
    const text = stringMember(delta, 'text');
    const thinking = stringMember(delta, 'thinking');
    const fragment = stringMember(delta, 'partial_json');
    if (delta['type'] === 'text_delta' && text) parts.push({ type: 'text', text });
    if (delta['type'] === 'thinking_delta' && thinking) parts.push({ type: 'reasoning', text: thinking });
    if (delta['type'] !== 'input_json_delta' || !fragment) return null;
    const tool = this.#tools.get(block);
    if (tool === undefined && this.#otherBlocks.has(block)) return null;
    if (tool === undefined) return failure('malformed_tool_call', 'arguments came for a tool call that never began');
    tool.fragments++;
    parts.push({ type: 'tool-call-arguments', index: tool.index, fragment });
    return null;
  }

  #blockStop(event: JsonObject, parts: AnswerPart[]): Failure | null {
    const tool = this.#tools.get(numberMember(event, 'index') ?? -1);
    // A tool without arguments streams no fragment at all; to a client that is the empty object.
    if (tool !== undefined && tool.fragments === 0) {
      parts.push({ type: 'tool-call-arguments', index: tool.index, fragment: JSON.stringify(tool.input) });
    }
    return null;
  }

  #messageDelta(event: JsonObject, parts: AnswerPart[]): Failure | null {
    this.#noteUsage(objectMember(event, 'usage'), parts);
    const delta = objectMember(event, 'delta') ?? {};
    const native = stringMember(delta, 'stop_reason');
    if (native === null) return null;
    const resume = native === PAUSED ? this.#blocks.resumable : null;
    const reason = resume === null ? decodeStopReason(native) : 'stop';
    if (isFailure(reason)) return reason;
    this.#finished = true;
    const content = this.#blocks.extraContent;
    if (content !== null) parts.push({ type: 'extra', toolCall: null, content });
    this.#flags.push(...refusalFlags(delta));
    if (native === 'refusal') parts.push({ type: 'refusal', text: refusalText(delta) });
    parts.push({ type: 'finish', reason, native, ...(resume === null ? {} : { resume }) });
    return null;
  }

  /** Counts are cumulative, and a later report may leave out what an earlier one said. */
  #noteUsage(usage: JsonObject | null, parts: AnswerPart[]): void {
    if (usage === null) return;
    const known = Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null));
    this.#usage = { ...this.#usage, ...known };
    const report = decodeUsage(this.#usage);
    if (report.usage !== null || report.flags.length > 0) parts.push({ type: 'usage', report });
  }
}
