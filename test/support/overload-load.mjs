// Clients that ask one question after the other over a connection each, for a test of overload. Raw sockets, so that
// one core can play thousands of them. Usage: node overload-load.mjs '{"url","body","clients","seconds","honour"}':
// `honour` says whether a client that is told when to come back waits until then. Prints one line of JSON.
import { connect } from 'node:net';

const { url, body, clients, seconds, honour } = JSON.parse(process.argv[2] ?? '{}');
const { hostname, port } = new URL(url);
const request = Buffer.from(
  `POST /v1/chat/completions HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
);
const SETTLED_MS = 10_000;
const RECONNECT_MS = 100;
/** Latencies are counted in buckets of a tenth of a millisecond. */
const BUCKETS_PER_MS = 10;
const MAX_MS = 60_000;

const startedAt = performance.now();
const endsAt = startedAt + seconds * 1000;
const counts = { answered: 0, answeredSettled: 0, shed: 0, other: 0 };
/** How often something other than an answer or a refusal came, by what it was. */
const others = {};
const latencies = { answered: new Histogram(), shed: new Histogram(), shedSettled: new Histogram() };
let lastShedAt = null;

function Histogram() {
  this.buckets = new Uint32Array(MAX_MS * BUCKETS_PER_MS + 1);
  this.count = 0;
  this.add = (ms) => {
    this.buckets[Math.min(MAX_MS * BUCKETS_PER_MS, Math.floor(ms * BUCKETS_PER_MS))]++;
    this.count++;
  };
  this.quantile = (share) => {
    if (this.count === 0) return null;
    let left = Math.ceil(this.count * share);
    let at = 0;
    while ((left -= this.buckets[at]) > 0) at++;
    return (at + 1) / BUCKETS_PER_MS;
  };
}

function note(what) {
  counts.other++;
  others[what] = (others[what] ?? 0) + 1;
}

function play() {
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  let askedAt = null;
  let received = '';
  const ask = () => {
    if (performance.now() >= endsAt) {
      socket.destroy();
      return;
    }
    askedAt = performance.now();
    socket.write(request);
  };
  socket.on('connect', ask);
  socket.on('data', (bytes) => {
    received += bytes.latin1Slice();
    const headEnd = received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const length = Number(/content-length: *(\d+)/i.exec(received)?.[1] ?? 0);
    if (received.length < headEnd + 4 + length) return;
    const head = received.slice(0, headEnd);
    received = '';
    const now = performance.now();
    const tookMs = now - askedAt;
    askedAt = null;
    const status = head.slice(9, 12);
    if (status === '200') {
      counts.answered++;
      if (now - startedAt > SETTLED_MS) counts.answeredSettled++;
      latencies.answered.add(tookMs);
      ask();
      return;
    }
    const retryAfterMs = Number(/retry-after-ms: *(\d+)/i.exec(head)?.[1]);
    if (status === '503' && retryAfterMs > 0) {
      counts.shed++;
      lastShedAt = now;
      latencies.shed.add(tookMs);
      if (now - startedAt > SETTLED_MS) latencies.shedSettled.add(tookMs);
    } else note(status);
    if (honour) setTimeout(ask, Math.min(retryAfterMs || RECONNECT_MS, Math.max(0, endsAt - now)));
    else ask();
  });
  socket.on('error', (error) => note(error.code));
  socket.on('close', () => {
    if (askedAt !== null) note('closed');
    if (performance.now() < endsAt) setTimeout(play, RECONNECT_MS);
  });
}

for (let client = 0; client < clients; client++) play();
setTimeout(
  () => {
    const cpu = process.cpuUsage();
    const result = {
      answered: counts.answered,
      /** A second, over all of the time and without its beginning. */
      goodput: counts.answered / seconds,
      settledGoodput: seconds * 1000 > SETTLED_MS ? counts.answeredSettled / (seconds - SETTLED_MS / 1000) : null,
      shed: counts.shed,
      other: counts.other,
      others,
      answeredMs: { p50: latencies.answered.quantile(0.5), p99: latencies.answered.quantile(0.99) },
      shedMs: { p50: latencies.shed.quantile(0.5), p99: latencies.shed.quantile(0.99) },
      settledShedMs: { p50: latencies.shedSettled.quantile(0.5), p99: latencies.shedSettled.quantile(0.99) },
      /** From the start; `null` when nobody was refused. */
      lastShedMs: lastShedAt === null ? null : lastShedAt - startedAt,
      generatorCores: (cpu.user + cpu.system) / 1e6 / ((performance.now() - startedAt) / 1000),
    };
    process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
  },
  seconds * 1000 + 200,
);
