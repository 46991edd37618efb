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
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const NOTHING = Buffer.alloc(0);

/**
 * Decodes `text/event-stream` (WHATWG HTML, section 9.2) from chunks cut anywhere: LF, CRLF and CR
 * line ends, a byte-order mark, comments, data of several lines. Text that is no field at all is
 * kept apart, since some vendors write a bare error there. One decoder a stream.
 */
export class SseDecoder {
  #rest: Buffer = NOTHING;
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
    const buffer = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const events: ServerSentEvent[] = [];
    const consumed = this.#lines(buffer, events);
    if (isFailure(consumed)) return consumed;
    this.#rest = consumed === buffer.length ? NOTHING : Buffer.from(buffer.subarray(consumed));
    return this.#rest.length > MAX_EVENT_BYTES ? tooLarge() : events;
  }

  /** Called when the body has ended: the event that lacks only its blank line, and the text outside events. */
  end(): { readonly events: readonly ServerSentEvent[]; readonly stray: string } | Failure {
    const events: ServerSentEvent[] = [];
    const consumed = this.#lines(Buffer.concat([this.#rest, Buffer.from('\n\n')]), events);
    return isFailure(consumed) ? consumed : { events, stray: this.#stray.trim() };
  }

  /** Decodes every whole line in the buffer; gives the offset up to which it was used up. */
  #lines(buffer: Buffer, events: ServerSentEvent[]): number | Failure {
    let at = this.#begin(buffer);
    if (at < 0) return 0;
    this.#eventStart = this.#openBytes === 0 ? at : -1;
    const hasCarriage = buffer.includes(CR);
    while (at < buffer.length) {
      const end = hasCarriage ? lineEnd(buffer, at) : buffer.indexOf(LF, at);
      if (end < 0) break;
      const isCr = buffer[end] === CR;
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
    if (this.#stray.length < MAX_STRAY_CHARACTERS) this.#stray += `${bytes.toString('utf8')}\n`;
  }

  #dispatch(buffer: Buffer, next: number): ServerSentEvent | null {
    const name = this.#name;
    const lines = this.#data;
    const plain =
      this.#isPlain && buffer[next - 1] === LF && buffer[next - 2] === LF
        ? buffer.subarray(this.#eventStart, next)
        : null;
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

function lineEnd(buffer: Buffer, from: number): number {
  const feed = buffer.indexOf(LF, from);
  const carriage = buffer.indexOf(CR, from);
  if (feed < 0) return carriage;
  return carriage < 0 ? feed : Math.min(feed, carriage);
}
