// An upstream that costs little: answers every POST at once, or streams one event each INTERVAL_MS, in one protocol.
// Usage: node upstream.mjs openai|anthropic INTERVAL_MS. Prints one line of JSON with its port once it listens.
// It reads HTTP no further than its own clients here need: a head, a content-length, a body.
import { createServer } from 'node:net';
import { ANSWERS } from './answers.mjs';

const [protocol, interval] = process.argv.slice(2);
const answer = ANSWERS[protocol ?? ''];
const intervalMs = Number(interval);
if (answer === undefined || !(intervalMs > 0))
  throw new TypeError('usage: node upstream.mjs openai|anthropic INTERVAL_MS');

const REQUEST_IDS = 'x-request-id: req_0123456789abcdef\r\nrequest-id: req_0123456789abcdef\r\n';
const whole = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${REQUEST_IDS}content-length: ${Buffer.byteLength(answer.whole)}\r\n\r\n${answer.whole}`,
);
const streamHead = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n${REQUEST_IDS}transfer-encoding: chunked\r\n\r\n`,
);
const frames = answer.events.map((event, index) => {
  const last = index === answer.events.length - 1 ? '0\r\n\r\n' : '';
  return Buffer.from(`${Buffer.byteLength(event).toString(16)}\r\n${event}\r\n${last}`);
});

/** How many events follow the last token, in either protocol. */
const TAIL_EVENTS = 3;

/** Sends the events one by one; none after the client has gone. */
function stream(socket) {
  socket.write(streamHead);
  let next = 0;
  const timer = setInterval(() => {
    if (socket.destroyed) {
      clearInterval(timer);
      return;
    }
    // Everything after the last token comes at once, as it does from a vendor.
    const end = frames.length - next > TAIL_EVENTS ? next + 1 : frames.length;
    socket.write(end - next === 1 ? frames[next] : Buffer.concat(frames.slice(next, end)));
    next = end;
    if (next === frames.length) clearInterval(timer);
  }, intervalMs);
}

const server = createServer({ noDelay: true }, (socket) => {
  let received = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const headEnd = received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const length = /content-length: *(\d+)/i.exec(received.latin1Slice(0, headEnd))?.[1];
    const end = headEnd + 4 + Number(length ?? 0);
    if (received.length < end) return;
    const wantsStream = received.subarray(headEnd, end).includes('"stream":true');
    received = received.subarray(end);
    if (wantsStream) stream(socket);
    else socket.write(whole);
  });
  socket.on('error', () => socket.destroy());
});

server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
