import { choiceOf, isContent, type Answer, type AnswerPart, type Logprobs } from '../../core/answer.ts';
import type { ChatRequest } from '../../core/chat.ts';
import type { AnswerEnvelope, ClientStream, ErrorReport, StreamedEvent } from '../../core/client-dialect.ts';
import {
  arrayMember,
  isJsonObject,
  numberMember,
  objectMember,
  stringMember,
  type JsonObject,
} from '../../core/json.ts';
import { candorMember } from '../candor-member.ts';
import { ChoiceState } from './choice-state.ts';
import { finishWord, type CallForm } from './choices.ts';
import { callForm, encodeUsage, errorBody } from './members.ts';

const NOTHING: readonly Buffer[] = [];
const DONE = 'data: [DONE]\n\n';
const EVENT_START = 'data: {';

interface StreamStart {
  readonly request: ChatRequest;
  readonly id: string;
  readonly createdSeconds: number;
  readonly sameProtocol: boolean;
  readonly includeUsage: boolean;
}

/**
 * A stream of `chat.completion.chunk`. Events of the same protocol pass as they came, with the id
 * replaced; how the choices end and the usage are kept until the upstream has ended. No named events,
 * ever: the SDKs would hand them to the application as if they were chunks.
 */
export class ChunkStream implements ClientStream {
  readonly #start: StreamStart;
  readonly #form: CallForm;
  readonly #passes: boolean;
  /** How every event begins that passes: up to its id, which is ours. */
  readonly #eventStart: Buffer;
  #upstreamId: Buffer | null = null;
  #upstreamIdText: string | null = null;
  /** What the client asked for, until the vendor says what serves. */
  #model: string;
  /** One for all chunks: the vendor's own where its chunks pass. */
  #createdSeconds: number;
  readonly #choices: ChoiceState[] = [];
  #hasPassed = false;
  #usageNative: JsonObject | undefined;

  constructor(start: StreamStart) {
    this.#start = start;
    this.#form = callForm(start.request);
    // Calls that are to be told in the older form are never in the vendor's events.
    this.#passes = start.sameProtocol && this.#form === 'tool_calls';
    this.#model = start.request.asked;
    this.#createdSeconds = start.createdSeconds;
    this.#eventStart = Buffer.from(`${EVENT_START}"id":${JSON.stringify(start.id)}`);
  }

  encode(streamed: StreamedEvent): readonly Buffer[] {
    const { parts, native } = streamed;
    for (const part of parts) if (part.type === 'model') this.#model = part.model;
    if (!this.#passes || native === null) return this.#encodeParts(parts);
    this.#createdSeconds = numberMember(native, 'created') || this.#createdSeconds;
    // A usage that could not be read is kept back like any other: clients must not take it for one.
    const keepsBack = (native['usage'] ?? null) !== null || parts.some((part) => part.type === 'finish');
    if (!keepsBack) return this.#pass(native, streamed.event.plain);
    this.#usageNative = objectMember(native, 'usage') ?? this.#usageNative;
    const hasContent = parts.some(isContent);
    for (const part of parts) {
      if (part.type !== 'finish') continue;
      const choice = this.#choice(choiceOf(part));
      choice.finishNative = native;
      choice.finishHadContent = hasContent;
    }
    return hasContent ? this.#passContent(native) : NOTHING;
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
    const candor = { candor: candorMember(envelope) };
    const { usage } = answer;
    const withUsage = this.#start.includeUsage && usage !== null;
    const answers = [answer, ...answer.alternatives];
    const endings = answers.map(({ finishReason }, index) => {
      const isLast = index === answers.length - 1;
      return this.#finishFrames(index, finishWord(finishReason, this.#form), withUsage || !isLast ? {} : candor);
    });
    if (withUsage) {
      const counts = encodeUsage(usage, this.#usageNative, envelope);
      endings.push(frame({ ...this.#kept(0), ...this.#chunk(0, {}, null), choices: [], usage: counts, ...candor }));
    }
    return Buffer.from(endings.join('') + DONE);
  }

  /** How one choice ends; before it, where it has had no chunk yet, one that says whose it is. */
  #finishFrames(index: number, reason: string, candor: JsonObject): string {
    const choice = this.#choice(index);
    const finish = {
      ...this.#kept(index),
      ...this.#chunk(index, choice.lastDelta(), reason),
      ...nativeFinish(choice, index),
      ...(this.#start.includeUsage ? { usage: null } : {}),
      ...candor,
    };
    const isOpen = choice.roleSent || this.#hasPassed;
    return (isOpen ? '' : this.#openingFrame(index)) + frame(finish);
  }

  /** What of the vendor's last event goes with ours. */
  #kept(index: number): JsonObject {
    const { usage: _usage, candor: _candor, ...kept } = this.#choices[index]?.finishNative ?? {};
    return kept;
  }

  fail(error: ErrorReport): Buffer {
    return Buffer.from(frame(errorBody(error)));
  }

  /** The event's own bytes with its id replaced; written anew where that cannot be done safely. */
  #pass(native: JsonObject, plain: Buffer | null): readonly Buffer[] {
    this.#hasPassed = true;
    const id = native['id'];
    const isNamed = stringMember(native, 'model') !== '';
    if (plain !== null && typeof id === 'string' && id !== '' && isNamed) {
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
    // Azure's first chunk names nothing yet: no id, no model, not even what it is.
    const named = isNamed ? {} : { object: CHUNK, created: this.#createdSeconds, model: this.#model };
    return [Buffer.from(frame({ ...kept, ...named, id: this.#start.id }))];
  }

  #encodeParts(parts: readonly AnswerPart[]): readonly Buffer[] {
    let text = '';
    const logprobs = new Map(
      parts.flatMap((part) => (part.type === 'logprobs' ? [[choiceOf(part), part.logprobs]] : [])),
    );
    for (const part of parts) {
      const index = choiceOf(part);
      const delta = this.#choice(index).delta(part);
      if (delta === null) continue;
      if (!this.#choice(index).roleSent) text += this.#openingFrame(index);
      // What an event says of its tokens is told with the first text of it.
      const likely = part.type === 'text' || part.type === 'refusal' ? logprobs.get(index) : undefined;
      if (likely !== undefined) logprobs.delete(index);
      text += frame(this.#chunk(index, delta, null, likely));
    }
    return text === '' ? NOTHING : [Buffer.from(text)];
  }

  #choice(index: number): ChoiceState {
    return (this.#choices[index] ??= new ChoiceState(this.#form));
  }

  #openingFrame(index: number): string {
    this.#choice(index).roleSent = true;
    return frame(this.#chunk(index, { role: 'assistant', content: '' }, null));
  }

  #chunk(index: number, delta: JsonObject, finishReason: string | null, logprobs?: Logprobs): JsonObject {
    return {
      id: this.#start.id,
      object: CHUNK,
      created: this.#createdSeconds,
      model: this.#model,
      choices: [
        { index, delta, logprobs: logprobs === undefined ? null : { ...logprobs }, finish_reason: finishReason },
      ],
    };
  }
}

const CHUNK = 'chat.completion.chunk';

/** The vendor's own finish of a choice, where its chunk held nothing that has gone out already. */
function nativeFinish({ finishNative, finishHadContent }: ChoiceState, index: number): JsonObject {
  if (finishNative === null || finishHadContent) return {};
  const own = arrayMember(finishNative, 'choices').filter(
    (choice) => isJsonObject(choice) && (numberMember(choice, 'index') ?? 0) === index,
  );
  return own.length === 0 ? {} : { choices: own };
}

function frame(chunk: JsonObject): string {
  return `data: ${JSON.stringify(chunk)}\n\n`;
}
