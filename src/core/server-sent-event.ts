/** One event of a `text/event-stream` (WHATWG HTML, section 9.2). */
export interface ServerSentEvent {
  /** The `event:` field; `null` when the event has no name. */
  readonly name: string | null;
  /** The `data:` lines joined by line feeds. */
  readonly data: string;
  /** The event's own bytes with its blank line, when they are in the plainest form (`data: …\n\n`); else `null`. */
  readonly plain: Buffer | null;
}
