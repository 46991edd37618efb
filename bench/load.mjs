// A load generator for where no better one is installed, and for streams.
// Usage: node load.mjs URL BODY_FILE CONNECTIONS SECONDS [STREAMS]. Prints one line of JSON: {requests, errors, seconds}.
// Without STREAMS it asks until SECONDS are over, at most MAX_REQUESTS times; with it, it asks for so many streams and
// ends when each has been read to its end, or counts as errors what SECONDS did not suffice for.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { STREAM_TOKENS } from './answers.mjs';

const [url, bodyFile, connectionsText, secondsText, streamsText] = process.argv.slice(2);
if (secondsText === undefined) throw new TypeError('usage: node load.mjs URL BODY_FILE CONNECTIONS SECONDS [STREAMS]');
const connections = Number(connectionsText);
const seconds = Number(secondsText);
const MAX_REQUESTS = 1_000_000;
/** Streams begin this far apart, so that their events do not all come in the same millisecond. */
const STREAM_SPACING_MS = 1;
const isStream = streamsText !== undefined;
const limit = isStream ? Number(streamsText) : MAX_REQUESTS;

const pool = new Pool(new URL(url).origin, { connections, pipelining: 1 });
const options = {
  path: new URL(url).pathname,
  method: 'POST',
  headers: ['content-type', 'application/json', 'authorization', 'Bearer benchmark'],
  body: readFileSync(bodyFile),
};
const LINE_FEED = 0x0a;
const EVENT_END = Buffer.from('\n\n');
/** The last event of a whole stream holds one of these. */
const TERMINAL_SIGNALS = ['[DONE]', 'message_stop'];
/** Closed for good: what is still open then counts as an error. */
const deadline = performance.now() + seconds * 1000;

/** Reads one answer to its end; resolves to whether it was whole. */
class Reader {
  constructor(resolve) {
    this.resolve = resolve;
    this.status = 0;
    this.events = 0;
    this.lastChunk = Buffer.alloc(0);
  }

  onRequestStart() {}

  onResponseStart(_controller, status) {
    this.status = status;
  }

  onResponseData(_controller, chunk) {
    if (!isStream) return;
    // An event ends with an empty line, which chunks may cut in half.
    if (this.lastChunk.at(-1) === LINE_FEED && chunk[0] === LINE_FEED) this.events++;
    for (let at = chunk.indexOf(EVENT_END); at >= 0; at = chunk.indexOf(EVENT_END, at + 2)) this.events++;
    this.lastChunk = chunk;
  }

  onResponseEnd() {
    this.resolve(this.status === 200 && (!isStream || this.isWholeStream()));
  }

  onResponseError() {
    this.resolve(false);
  }

  isWholeStream() {
    return this.events >= STREAM_TOKENS && TERMINAL_SIGNALS.some((signal) => this.lastChunk.includes(signal));
  }
}

const counts = { begun: 0, requests: 0, errors: 0 };

async function work(index) {
  if (isStream) await delay(index * STREAM_SPACING_MS);
  while (counts.begun < limit && performance.now() < deadline) {
    counts.begun++;
    const whole = await new Promise((resolve) => {
      pool.dispatch(options, new Reader(resolve));
    });
    if (whole) counts.requests++;
    else counts.errors++;
  }
}

const startedAt = performance.now();
const late = delay((seconds + (isStream ? 0 : 5)) * 1000, null, { ref: false }).then(() => pool.destroy());
await Promise.race([Promise.all(Array.from({ length: connections }, (_, index) => work(index))), late]);
if (isStream) counts.errors += Math.max(0, limit - counts.requests - counts.errors);
console.log(
  JSON.stringify({ requests: counts.requests, errors: counts.errors, seconds: (performance.now() - startedAt) / 1000 }),
);
await pool.destroy();
