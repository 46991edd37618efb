import { isContent, type Answer, type AnswerPart } from '../../core/answer.ts';
import type { AnswerEnvelope, ClientStream, ErrorReport, StreamedEvent } from '../../core/client-dialect.ts';
import { arrayMember, isJsonObject, numberMember, objectMember, type JsonObject } from '../../core/json.ts';
import { encodeUsage, errorBody } from './members.ts';

const NOTHING: readonly Buffer[] = [];
const DONE = 'data: [DONE]\n\n';
const EVENT_START = 'data: {';

interface StreamStart {
  readonly id: string;
  readonly createdSeconds: number;
  readonly sameProtocol: boolean;
  readonly includeUsage: boolean;
}

/**
 * A stream of `chat.completion.chunk`. Events of the same protocol pass as they came, with the id
 * replaced; the finish and the usage are kept until the upstream has ended. No named events, ever:
 * the SDKs would hand them to the application as if they were chunks.
 */
export class ChunkStream implements ClientStream {
  readonly #start: StreamStart;
  /** How every event begins that passes: up to its id, which is ours. */
  readonly #eventStart: Buffer;
  #upstreamId: Buffer | null = null;
  #upstreamIdText: string | null = null;
  #model: string | null = null;
  /** One for all chunks: the vendor's own where its chunks pass. */
  #createdSeconds: number;
  #roleSent = false;
  #finishNative: JsonObject | null = null;
  #finishHadContent = false;
  #usageNative: JsonObject | undefined;

  constructor(start: StreamStart) {
    this.#start = start;
    this.#createdSeconds = start.createdSeconds;
    this.#eventStart = Buffer.from(`${EVENT_START}"id":${JSON.stringify(start.id)}`);
  }

  encode(streamed: StreamedEvent): readonly Buffer[] {
    for (const part of streamed.parts) if (part.type === 'model') this.#model = part.model;
    if (!this.#start.sameProtocol || streamed.native === null) return this.#encodeParts(streamed.parts);
    this.#createdSeconds = numberMember(streamed.native, 'created') ?? this.#createdSeconds;
    // A usage that could not be read is kept back like any other: clients must not take it for one.
    const keepsBack =
      (streamed.native['usage'] ?? null) !== null || streamed.parts.some((part) => part.type === 'finish');
    if (!keepsBack) return this.#pass(streamed.native, streamed.event.plain);
    this.#usageNative = objectMember(streamed.native, 'usage') ?? this.#usageNative;
    const isFinish = streamed.parts.some((part) => part.type === 'finish');
    if (isFinish) this.#finishNative = streamed.native;
    if (!streamed.parts.some(isContent)) return NOTHING;
    this.#finishHadContent = isFinish;
    return this.#passContent(streamed.native);
  }

  /** The content of an event whose finish or usage is kept back, with all that its choices hold. */
  #passContent(native: JsonObject): readonly Buffer[] {
    const { usage: _usage, ...kept } = native;
    const choices = arrayMember(native, 'choices').map((choice) =>
      isJsonObject(choice) ? { ...choice, finish_reason: null } : choice,
    );
    return this.#pass({ ...kept, choices }, null);
  }

  finish(answer: Answer, envelope: AnswerEnvelope): Buffer {
    const candor = envelope.provenance === null ? {} : { candor: envelope.provenance as unknown as JsonObject };
    const withUsage = this.#start.includeUsage && answer.usage !== null;
    const { usage: _usage, candor: _candor, ...kept } = this.#finishNative ?? {};
    // An answer without content has had no chunk yet, and each has one that says whose it is.
    const opening = this.#roleSent ? '' : this.#openingFrame();
    const finish = frame({
      ...kept,
      ...this.#chunk({}, answer.finishReason),
      ...this.#nativeFinish(),
      ...(this.#start.includeUsage ? { usage: null } : {}),
      ...(withUsage ? {} : candor),
    });
    if (!withUsage || answer.usage === null) return Buffer.from(opening + finish + DONE);
    const usage = frame({
      ...kept,
      ...this.#chunk({}, null),
      choices: [],
      usage: encodeUsage(answer.usage, this.#usageNative, envelope),
      ...candor,
    });
    return Buffer.from(opening + finish + usage + DONE);
  }

  /** The vendor's own finish choice, where its chunk held nothing that has gone out already. */
  #nativeFinish(): JsonObject {
    const choices = this.#finishHadContent ? [] : arrayMember(this.#finishNative ?? {}, 'choices');
    return choices.length === 0 ? {} : { choices };
  }

  fail(error: ErrorReport): Buffer {
    return Buffer.from(frame(errorBody(error)));
  }

  /** The event's own bytes with its id replaced; written anew where that cannot be done safely. */
  #pass(native: JsonObject, plain: Buffer | null): readonly Buffer[] {
    this.#roleSent = true;
    const id = native['id'];
    if (plain !== null && typeof id === 'string' && id !== '') {
      if (id !== this.#upstreamIdText) {
        this.#upstreamIdText = id;
        this.#upstreamId = Buffer.from(`"id":${JSON.stringify(id)}`);
      }
      const needle = this.#upstreamId as Buffer;
      // As the first member it is the outermost id, if no other follows; a member named like ours must not pass for it.
      const at = plain.indexOf(needle);
      const isOnly = at === EVENT_START.length && plain.indexOf(needle, at + 1) < 0;
      if (isOnly && native['candor'] === undefined) {
        return [this.#eventStart, plain.subarray(EVENT_START.length + needle.length)];
      }
    }
    const { candor: _candor, ...kept } = native;
    return [Buffer.from(frame({ ...kept, id: this.#start.id }))];
  }

  #encodeParts(parts: readonly AnswerPart[]): readonly Buffer[] {
    let text = '';
    for (const part of parts) {
      const delta = deltaOf(part);
      if (delta === null) continue;
      if (!this.#roleSent) text += this.#openingFrame();
      text += frame(this.#chunk(delta, null));
    }
    return text === '' ? NOTHING : [Buffer.from(text)];
  }

  #openingFrame(): string {
    this.#roleSent = true;
    return frame(this.#chunk({ role: 'assistant', content: '' }, null));
  }

  #chunk(delta: JsonObject, finishReason: string | null): JsonObject {
    return {
      id: this.#start.id,
      object: 'chat.completion.chunk',
      created: this.#createdSeconds,
      model: this.#model,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
    };
  }
}

function deltaOf(part: AnswerPart): JsonObject | null {
  switch (part.type) {
    case 'text':
      return { content: part.text };
    case 'reasoning':
      return { reasoning_content: part.text };
    case 'refusal':
      return { refusal: part.text };
    case 'tool-call-start':
      return {
        tool_calls: [
          { index: part.index, id: part.id, type: 'function', function: { name: part.name, arguments: '' } },
        ],
      };
    case 'tool-call-arguments':
      return { tool_calls: [{ index: part.index, function: { arguments: part.fragment } }] };
    default:
      return null;
  }
}

function frame(chunk: JsonObject): string {
  return `data: ${JSON.stringify(chunk)}\n\n`;
}
