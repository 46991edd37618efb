import { choiceOf, isContent, isProgress, type Answer, type AnswerPart } from '../core/answer.ts';
import { AnswerAssembler } from '../core/answer-assembler.ts';
import { failure, isFailure, type Failure, type FailureKind } from '../core/failure.ts';
import type { ServerSentEvent } from '../core/server-sent-event.ts';
import type { StreamDecoder } from '../providers/provider.ts';
import type { CallResponse, OpenCall } from '../transport/send.ts';
import { SseDecoder } from '../transport/sse.ts';
import { AnswerSample } from './answer-sample.ts';
import type { Attempt } from './attempt.ts';
import type { AttemptContext } from './attempt-context.ts';
import { expectedAnswer } from './expected-answer.ts';
import { isOtherAuthor, twoAuthors } from './one-author.ts';
import { SilenceLimit } from './silence-limit.ts';
import { StreamJudge } from './stream-judge.ts';
import { StreamPace } from './stream-pace.ts';

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

/** Receives one stream: decodes each event, assembles the answer, and hands the events on. */
export class StreamReceiver {
  readonly #attempt: Attempt;
  readonly #context: AttemptContext;
  readonly #onFirstToken: () => void;
  readonly #decoder: StreamDecoder;
  readonly #assembler: AnswerAssembler;
  readonly #sample = new AnswerSample();
  readonly #silence: SilenceLimit;
  /** Whether the protocol's very last word has come. */
  #hasEnded = false;
  readonly #response: CallResponse;
  /** The model that the vendor named for the content so far, and before it paused; `null` while it has named none. */
  #author: string | null;
  readonly #judge: StreamJudge;

  /** `onFirstToken` is called when the first content has come. */
  constructor(
    attempt: Attempt,
    call: OpenCall,
    response: CallResponse,
    context: AttemptContext,
    onFirstToken: () => void,
  ) {
    this.#attempt = attempt;
    attempt.sample = this.#sample;
    this.#author = attempt.continues?.modelReported ?? null;
    this.#response = response;
    this.#silence = new SilenceLimit(call, context.timeouts.idleMs, response.headersAt, context.steps);
    this.#context = context;
    this.#judge = new StreamJudge(attempt, context);
    this.#onFirstToken = onFirstToken;
    const expected = expectedAnswer(context.generation.exchange.request);
    this.#decoder = context.provider.streamDecoder(expected);
    this.#assembler = new AnswerAssembler({ keepsContent: context.readsContent, choices: expected.choices });
  }

  /** Reads the stream to its end. */
  async receive(): Promise<Answer | Failure> {
    const result = await this.#receive().finally(() => this.#silence.stop());
    // What was counted before a stream broke is the question, or a part: of the whole nothing is reported.
    this.#attempt.usage = this.#assembler.finished ? this.#assembler.usage : null;
    this.#attempt.modelReported = this.#assembler.model;
    if (isFailure(result) || this.#context.generation.exchange.request.stream) return result;
    // A whole answer was asked for and a stream came.
    return { ...result, flags: [...result.flags, 'stream_emulated'] };
  }

  async #receive(): Promise<Answer | Failure> {
    const { clock, turns, spill } = this.#context.steps;
    const pace = new StreamPace(turns, clock.now());
    const sse = new SseDecoder();
    this.#attempt.received.spillTo(spill);
    for (;;) {
      const chunk = await this.#response.next();
      if (isFailure(chunk)) return this.#brokenOff(chunk);
      if (chunk === null) break;
      const turn = pace.take(chunk.length, clock.now());
      if (turn !== undefined) await this.#silence.except(turn);
      const problem = this.#takeChunk(chunk, sse);
      if (problem !== null) return problem;
      this.#limitSilence();
      const draining = this.#context.reply.flush();
      if (draining !== undefined) await this.#silence.except(draining);
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

  /** Apart from the waiting, so that nothing of a chunk is held while the client is slow. */
  #takeChunk(chunk: Buffer, sse: SseDecoder): Failure | null {
    const { received } = this.#attempt;
    received.append(chunk);
    if (received.length > MAX_STREAM_BYTES)
      return failure('overrun', `the stream is larger than ${MAX_STREAM_BYTES} bytes`);
    if (this.#context.readsContent || this.#context.reply.holds)
      this.#context.generation.exchange.held.add(chunk.length);
    const events = sse.push(chunk);
    const problem = isFailure(events) ? events : this.#take(events);
    if (problem !== null) return problem;
    return this.#assembler.contentCharacters > MAX_CONTENT_CHARACTERS
      ? failure('overrun', `the answer is longer than ${MAX_CONTENT_CHARACTERS} characters`)
      : null;
  }

  /** Some vendors keep the connection open after their last word, and the client need not wait with us. */
  #limitSilence(): void {
    if (this.#decoder.saidAll) {
      if (!this.#hasEnded) this.#silence.heard(this.#context.steps.clock.now());
      this.#hasEnded = true;
      this.#silence.allow(AFTER_LAST_WORD_MS);
    } else if (this.#assembler.finished && this.#decoder.endsWithFinish) this.#silence.allow(AFTER_FINISH_MS);
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
      const problem = this.#takeParts(decoded.parts) ?? this.#judge.take(decoded.parts);
      if (problem !== null) return problem;
      const { parts, native } = decoded;
      this.#context.reply.take({ parts, native, event: decoded.isRewritten ? { ...event, plain: null } : event });
    }
    return null;
  }

  #takeParts(parts: readonly AnswerPart[]): Failure | null {
    let hasContent = false;
    let goesOn = false;
    for (const part of parts) {
      if (part.type === 'restart' && !this.#restart()) return secondAnswer();
      const isOfContent = isContent(part);
      // Some models of Gemini say with every chunk how the answer ends, not with the last one only.
      if (isOfContent && this.#assembler.isFinished(choiceOf(part)) && !hasFinish(parts)) return secondAnswer();
      hasContent ||= isOfContent;
      goesOn ||= isProgress(part);
      this.#assembler.add(part);
      this.#sample.add(part);
    }
    if (!goesOn) return null;
    const now = this.#context.steps.clock.now();
    this.#silence.heard(now);
    if (!hasContent || this.#noteContent(now)) return null;
    return twoAuthors();
  }

  /** Forgets what came so far; `false` when the client has some of it already. */
  #restart(): boolean {
    const { reply } = this.#context;
    // What came before a pause is of the answer, sent or not.
    if (reply.committed || this.#attempt.continues !== null) return false;
    this.#author = null;
    this.#attempt.firstTokenAt = null;
    this.#sample.restart();
    reply.restart();
    return true;
  }

  /** Notes that content has come; `false` when another model wrote it than the content before. */
  #noteContent(now: number): boolean {
    const { model } = this.#assembler;
    const isSameAuthor = !isOtherAuthor(this.#author, model);
    this.#author = model ?? this.#author;
    this.#attempt.lastAt = now;
    if (this.#attempt.firstTokenAt !== null) return isSameAuthor;
    this.#attempt.firstTokenAt = now;
    this.#onFirstToken();
    return isSameAuthor;
  }
}

function hasFinish(parts: readonly AnswerPart[]): boolean {
  return parts.some((part) => part.type === 'finish');
}

function secondAnswer(): Failure {
  return failure('protocol', 'a second answer began inside the stream of the first');
}
