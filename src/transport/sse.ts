import { isUtf8 } from 'node:buffer';

import { failure, isFailure, type Failure } from '../core/failure.ts';
import type { ServerSentEvent } from '../core/server-sent-event.ts';

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
const MAX_EVENT_BYTES = 1024 * 1024;
/** `data: ` */
const PLAIN_PREFIX_BYTES = 6;
const MAX_STRAY_CHARACTERS = 64 * 1024;
const EVENT_END = Buffer.from('\n\n');
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Decodes `text/event-stream` (WHATWG HTML, section 9.2) from chunks cut anywhere: LF, CRLF and CR
 * line ends, a byte-order mark, comments, data of several lines. Text that is no field at all is
 * kept apart, since some vendors write a bare error there. One decoder a stream.
 */
export class SseDecoder {
  /** The first `#restBytes` of it are a line that has not ended. */
  #rest = Buffer.alloc(0);
  #restBytes = 0;
  #started = false;
  #skipLineFeed = false;
  #name: string | null = null;
  #data: string[] = [];
  #stray = '';
  #openBytes = 0;
  /** Where in the current buffer the open event began; -1 when it began in an earlier one. */
  #eventStart = -1;
  /** Whether the open event is one `data: ` line so far, which began the event. */
  #isPlain = false;

  /** The events that the chunk completes. */
  push(chunk: Buffer): readonly ServerSentEvent[] | Failure {
    const events: ServerSentEvent[] = [];
    const problem = this.#take(chunk, events);
    if (problem !== null) return problem;
    return this.#openBytes + this.#restBytes > MAX_EVENT_BYTES ? tooLarge() : events;
  }

  /** Called when the body has ended: the event that lacks only its blank line, and the text outside events. */
  end(): { readonly events: readonly ServerSentEvent[]; readonly stray: string } | Failure {
    const events: ServerSentEvent[] = [];
    const problem = this.#take(Buffer.from('\n\n'), events);
    return problem ?? { events, stray: this.#stray.trim() };
  }

  /** Decodes every line that the chunk ends and keeps what is left of it. */
  #take(chunk: Buffer, events: ServerSentEvent[]): Failure | null {
    const known = this.#restBytes;
    if (known > 0 && this.#started && !chunk.includes(LF) && !chunk.includes(CR)) {
      this.#keep(chunk);
      return null;
    }
    // What is kept is joined with the rest of its event, not with all that came with it.
    const rest = known > 0 ? chunk.indexOf(EVENT_END) + EVENT_END.length : 0;
    if (rest >= EVENT_END.length && rest < chunk.length) {
      return this.#take(chunk.subarray(0, rest), events) ?? this.#take(chunk.subarray(rest), events);
    }
    const buffer = known === 0 ? chunk : Buffer.concat([this.#rest.subarray(0, known), chunk]);
    this.#restBytes = 0;
    const consumed = this.#lines(buffer, known, events);
    if (isFailure(consumed)) return consumed;
    if (consumed < buffer.length) this.#keep(buffer.subarray(consumed));
    return null;
  }

  /** Adds to the line that has not ended; the room for it doubles, so that each byte is moved a few times at most. */
  #keep(piece: Buffer): void {
    const bytes = this.#restBytes + piece.length;
    if (bytes > this.#rest.length) {
      const larger = Buffer.allocUnsafe(Math.max(bytes, 2 * this.#rest.length));
      this.#rest.copy(larger, 0, 0, this.#restBytes);
      this.#rest = larger;
    }
    piece.copy(this.#rest, this.#restBytes);
    this.#restBytes = bytes;
  }

  /** Decodes every whole line in the buffer; gives the offset up to which it was used up. No line ends before `known`. */
  #lines(buffer: Buffer, known: number, events: ServerSentEvent[]): number | Failure {
    let at = this.#begin(buffer);
    if (at < 0) return 0;
    this.#eventStart = this.#openBytes === 0 ? at : -1;
    // The next of each kind, looked for again only once it is passed: a buffer without any is searched once.
    let feed = buffer.indexOf(LF, Math.max(at, known));
    let carriage = buffer.indexOf(CR, Math.max(at, known));
    while (at < buffer.length) {
      if (feed >= 0 && feed < at) feed = buffer.indexOf(LF, at);
      if (carriage >= 0 && carriage < at) carriage = buffer.indexOf(CR, at);
      const isCr = carriage >= 0 && (feed < 0 || carriage < feed);
      const end = isCr ? carriage : feed;
      if (end < 0) break;
      // A CR at the very end may be half of a CRLF: the LF, if it comes, belongs to this line.
      const next = isCr && buffer[end + 1] === LF ? end + 2 : end + 1;
      if (isCr && end + 1 === buffer.length) this.#skipLineFeed = true;
      if (end === at) {
        const event = this.#dispatch(buffer, next);
        if (event !== null) events.push(event);
      } else {
        const problem = this.#line(buffer, at, end);
        if (problem !== null) return problem;
      }
      at = next;
    }
    return at;
  }

  #begin(buffer: Buffer): number {
    let at = 0;
    if (!this.#started) {
      if (buffer.length < BOM.length && BOM.subarray(0, buffer.length).equals(buffer)) return -1;
      if (buffer.subarray(0, BOM.length).equals(BOM)) at = BOM.length;
      this.#started = true;
    }
    if (this.#skipLineFeed && buffer.length > 0) {
      this.#skipLineFeed = false;
      if (buffer[at] === LF) at++;
    }
    return at;
  }

  #line(buffer: Buffer, start: number, end: number): Failure | null {
    const bytes = buffer.subarray(start, end);
    if (!isUtf8(bytes)) return failure('invalid_utf8', 'an event of the stream is not valid UTF-8');
    this.#openBytes += bytes.length;
    if (this.#openBytes > MAX_EVENT_BYTES) return tooLarge();
    // Whatever comes beside one `data: ` line, a comment too, takes the plain form from the event.
    this.#isPlain = false;
    const colon = bytes.indexOf(COLON);
    if (colon === 0) return null;
    const field = bytes.toString('latin1', 0, colon < 0 ? bytes.length : colon);
    const valueStart = colon < 0 ? bytes.length : bytes[colon + 1] === SPACE ? colon + 2 : colon + 1;
    this.#isPlain =
      field === 'data' && start === this.#eventStart && valueStart === PLAIN_PREFIX_BYTES && buffer[end] === LF;
    if (field === 'data') this.#data.push(bytes.toString('utf8', valueStart));
    else if (field === 'event') this.#name = bytes.toString('utf8', valueStart);
    else if (field !== 'id' && field !== 'retry') this.#noteStray(bytes);
    return null;
  }

  #noteStray(bytes: Buffer): void {
    const room = MAX_STRAY_CHARACTERS - this.#stray.length;
    if (room > 0) this.#stray += `${bytes.toString('utf8')}\n`.slice(0, room);
  }

  #dispatch(buffer: Buffer, next: number): ServerSentEvent | null {
    const name = this.#name;
    const lines = this.#data;
    const isPlain = this.#isPlain && this.#eventStart >= 0 && buffer[next - 1] === LF && buffer[next - 2] === LF;
    const plain = isPlain ? buffer.subarray(this.#eventStart, next) : null;
    this.#name = null;
    this.#data = [];
    this.#openBytes = 0;
    this.#isPlain = false;
    this.#eventStart = next;
    if (lines.length === 0) return null;
    return { name, data: lines.length === 1 ? (lines[0] as string) : lines.join('\n'), plain };
  }
}

function tooLarge(): Failure {
  return failure('frame_too_large', `an event of the stream is larger than ${MAX_EVENT_BYTES} bytes`);
}
