import { isUtf8 } from 'node:buffer';

import { AnswerAssembler, isContent, type Answer, type AnswerPart } from '../core/answer.ts';
import { failure, isFailure, type Failure, type FailureKind } from '../core/failure.ts';
import { parseJson } from '../core/json.ts';
import type { ServerSentEvent } from '../core/server-sent-event.ts';
import type { StreamDecoder } from '../providers/provider.ts';
import type { CallResponse, OpenCall } from '../transport/send.ts';
import { SseDecoder } from '../transport/sse.ts';
import type { Attempt } from './attempt.ts';
import type { AttemptContext } from './attempt-context.ts';

/** What an upstream may send for one answer; more is a fault of its own, not an answer. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
/** Framing can be many times the content, so the two are bounded apart. */
const MAX_STREAM_BYTES = 64 * 1024 * 1024;
const MAX_CONTENT_CHARACTERS = 8 * 1024 * 1024;

/** How long a body may stay open after the protocol's last word, and after a finish that counts may still follow. */
const AFTER_LAST_WORD_MS = 250;
const AFTER_FINISH_MS = 2_000;

/** Failures that say nothing but that no more will come. */
const LOST_CONNECTIONS: ReadonlySet<FailureKind> = new Set([
  'truncated',
  'reset',
  'idle_timeout',
  'shutting_down',
  'deadline_exceeded',
  'total_timeout',
]);

/** Reads an upstream's response to its end and decodes it. `onFirstToken` is called when the first content has come. */
export async function receiveAnswer(
  attempt: Attempt,
  call: OpenCall,
  context: AttemptContext,
  onFirstToken: () => void,
): Promise<Answer | Failure> {
  const response = await call.response;
  if (isFailure(response)) return response;
  const { provider } = context;
  attempt.status = response.status;
  attempt.headersAt = response.headersAt;
  attempt.noteRequestId(headerText(response.headers[provider.requestIdHeader]));
  const unreadable = checkEncoding(response);
  if (unreadable !== null) return unreadable;
  if (response.status !== 200) return receiveFailure(attempt, response, context);
  const said = contentType(response);
  const type = said.toLowerCase();
  if (type === 'text/event-stream') return new StreamReceiver(attempt, context, onFirstToken).receive(response);
  if (type !== 'application/json' && type !== 'application/octet-stream' && type !== '') {
    await readBody(attempt, response, 64 * 1024);
    return failure('content_type', `the upstream answered with ${said} instead of JSON`);
  }
  return receiveWhole(attempt, response, context, onFirstToken);
}

function checkEncoding(response: CallResponse): Failure | null {
  const encoding = headerText(response.headers['content-encoding']);
  if (encoding === null || encoding === 'identity') return null;
  return failure('encoding', `the upstream compressed its answer (${encoding}), which was not asked for`);
}

async function receiveFailure(attempt: Attempt, response: CallResponse, context: AttemptContext): Promise<Failure> {
  const body = await readBody(attempt, response, MAX_ANSWER_BYTES);
  // The status alone says what matters, also when the body breaks off.
  const text = isFailure(body) ? '' : body.toString('utf8');
  return context.provider.decodeFailure(response.status, response.headers, text);
}

async function receiveWhole(
  attempt: Attempt,
  response: CallResponse,
  context: AttemptContext,
  onFirstToken: () => void,
): Promise<Answer | Failure> {
  const body = await readBody(attempt, response, MAX_ANSWER_BYTES);
  attempt.lastAt = context.steps.clock.now();
  if (isFailure(body)) return body;
  onFirstToken();
  if (!isUtf8(body)) return failure('invalid_utf8', 'the answer is not valid UTF-8');
  const json = parseJson(body.toString('utf8'));
  if (json === undefined) return failure('invalid_json', 'the answer is not JSON');
  const answer = context.provider.decode(json);
  if (isFailure(answer) || !context.exchange.request.stream) return answer;
  // A stream was asked for and a whole answer came: it is relayed as one event, and said to be so.
  const parts = partsOf(answer);
  attempt.firstTokenAt = attempt.lastAt;
  context.reply.take({ parts, native: null, event: { name: null, data: '', plain: null } });
  await context.reply.flush();
  return { ...answer, native: null, flags: [...answer.flags, 'stream_emulated'] };
}

function partsOf(answer: Answer): readonly AnswerPart[] {
  const parts: AnswerPart[] = [];
  if (answer.model !== null) parts.push({ type: 'model', model: answer.model });
  if (answer.reasoning !== null) parts.push({ type: 'reasoning', text: answer.reasoning });
  if (answer.text !== null) parts.push({ type: 'text', text: answer.text });
  if (answer.refusal !== null) parts.push({ type: 'refusal', text: answer.refusal });
  answer.toolCalls.forEach((call, index) => {
    parts.push({ type: 'tool-call-start', index, id: call.id, name: call.name });
    parts.push({ type: 'tool-call-arguments', index, fragment: call.arguments });
  });
  return parts;
}

async function readBody(attempt: Attempt, response: CallResponse, maxBytes: number): Promise<Buffer | Failure> {
  const { received } = attempt;
  for (;;) {
    const chunk = await response.next();
    if (isFailure(chunk)) return chunk;
    if (chunk === null) return received.bytes;
    received.append(chunk);
    if (received.length > maxBytes) return failure('overrun', `the answer is larger than ${maxBytes} bytes`);
  }
}

/** Receives one stream: decodes each event, assembles the answer, and hands the events on. */
class StreamReceiver {
  readonly #attempt: Attempt;
  readonly #context: AttemptContext;
  readonly #onFirstToken: () => void;
  readonly #decoder: StreamDecoder;
  readonly #assembler = new AnswerAssembler();
  /** When the answer was complete; `null` before. */
  #completeAt: number | null = null;
  /** The model that the vendor named for the content so far; `null` while it has named none. */
  #author: string | null = null;

  constructor(attempt: Attempt, context: AttemptContext, onFirstToken: () => void) {
    this.#attempt = attempt;
    this.#context = context;
    this.#onFirstToken = onFirstToken;
    this.#decoder = context.provider.streamDecoder();
  }

  async receive(response: CallResponse): Promise<Answer | Failure> {
    const result = await this.#receive(response);
    // What a broken stream had reported until then is the best there is to know.
    this.#attempt.usage = this.#assembler.usage;
    this.#attempt.modelReported = this.#assembler.model;
    if (isFailure(result) || this.#context.exchange.request.stream) return result;
    // A whole answer was asked for and a stream came.
    return { ...result, flags: [...result.flags, 'stream_emulated'] };
  }

  async #receive(response: CallResponse): Promise<Answer | Failure> {
    const sse = new SseDecoder();
    for (;;) {
      const patienceMs = this.#patienceMs();
      if (patienceMs === 0) return this.#brokenOff(failure('idle_timeout', 'the body stayed open after the answer'));
      const chunk = await (patienceMs === null ? response.next() : response.next(patienceMs));
      if (isFailure(chunk)) return this.#brokenOff(chunk);
      if (chunk === null) break;
      this.#attempt.received.append(chunk);
      if (this.#attempt.received.length > MAX_STREAM_BYTES)
        return failure('overrun', `the stream is larger than ${MAX_STREAM_BYTES} bytes`);
      const events = sse.push(chunk);
      const problem = isFailure(events) ? events : this.#take(events);
      if (problem !== null) return problem;
      if (this.#assembler.contentCharacters > MAX_CONTENT_CHARACTERS)
        return failure('overrun', `the answer is longer than ${MAX_CONTENT_CHARACTERS} characters`);
      await this.#context.reply.flush();
    }
    const rest = sse.end();
    if (isFailure(rest)) return rest;
    const problem = this.#takeRest(rest.events);
    if (problem !== null) return problem;
    const flags = this.#decoder.end(rest.stray);
    if (isFailure(flags)) return flags;
    await this.#context.reply.flush();
    return this.#assembler.answer(flags) ?? failure('truncated', 'the stream ended before the model had finished');
  }

  /**
   * How long the next chunk may take once the answer is complete: some vendors keep the connection
   * open after their last word, and the client need not wait with us. `null`: it is not complete.
   */
  #patienceMs(): number | null {
    if (!this.#decoder.saidAll && this.#assembler.answer([]) === null) return null;
    const now = this.#context.steps.clock.now();
    this.#completeAt ??= now;
    const limitMs = this.#decoder.saidAll ? AFTER_LAST_WORD_MS : AFTER_FINISH_MS;
    return Math.max(0, Math.ceil(this.#completeAt + limitMs - now));
  }

  /** A connection that breaks after the protocol's terminal signal takes nothing from the answer; before it, it takes all. */
  #brokenOff(failed: Failure): Answer | Failure {
    if (!LOST_CONNECTIONS.has(failed.kind)) return failed;
    const flags = this.#decoder.end('');
    return (isFailure(flags) ? null : this.#assembler.answer([...flags, 'cut_after_finish'])) ?? failed;
  }

  /** The event a cut left without its blank line: whole, it counts; broken, it is part of the cut. */
  #takeRest(events: readonly ServerSentEvent[]): Failure | null {
    const problem = this.#take(events);
    return problem?.kind === 'invalid_event' ? null : problem;
  }

  #take(events: readonly ServerSentEvent[]): Failure | null {
    for (const event of events) {
      const decoded = this.#decoder.decode(event);
      if (isFailure(decoded)) {
        if (decoded.kind !== 'invalid_event' || !this.#context.reply.committed) return decoded;
        this.#attempt.skippedEvents = true;
        continue;
      }
      const hasContent = decoded.parts.some(isContent);
      // Some models of Gemini say with every chunk how the answer ends, not with the last one only.
      const endsAgain = decoded.parts.some((part) => part.type === 'finish');
      const isFinished = hasContent && !endsAgain && this.#assembler.answer([]) !== null;
      for (const part of decoded.parts) this.#assembler.add(part);
      if (isFinished) return failure('protocol', 'a second answer began inside the stream of the first');
      if (hasContent && !this.#noteContent()) {
        return failure('protocol', 'the vendor changed the model in the middle of the answer');
      }
      this.#context.reply.take({ parts: decoded.parts, native: decoded.native, event });
    }
    return null;
  }

  /** Notes that content has come; `false` when another model wrote it than the content before. */
  #noteContent(): boolean {
    const { model } = this.#assembler;
    const isSameAuthor = this.#author === null || model === this.#author;
    this.#author = model;
    const now = this.#context.steps.clock.now();
    this.#attempt.lastAt = now;
    if (this.#attempt.firstTokenAt !== null) return isSameAuthor;
    this.#attempt.firstTokenAt = now;
    this.#onFirstToken();
    return isSameAuthor;
  }
}

/** As the vendor wrote it: a key it may quote is known by its letters. */
function contentType(response: CallResponse): string {
  const type = headerText(response.headers['content-type']) ?? '';
  return (type.split(';')[0] ?? '').trim();
}

function headerText(value: string | readonly string[] | undefined): string | null {
  if (value === undefined) return null;
  return typeof value === 'string' ? value : (value[0] ?? null);
}
