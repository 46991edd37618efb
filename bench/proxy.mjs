// The do-nothing proxy that the gateway is measured against: node:http in, undici's dispatch out, and nothing between.
// Usage: node proxy.mjs UPSTREAM_URL. Prints one line of JSON with its port once it listens.
import { createServer } from 'node:http';
import { Pool } from 'undici';

const [upstreamUrl] = process.argv.slice(2);
if (upstreamUrl === undefined) throw new TypeError('usage: node proxy.mjs UPSTREAM_URL');
const pool = new Pool(upstreamUrl, { pipelining: 1 });

/** Headers that belong to one connection, not to the message. */
const CONNECTION_HEADERS = new Set(['connection', 'keep-alive', 'transfer-encoding', 'host']);

/** Passes an upstream's answer on as it comes, no faster than the client takes it. */
class Relay {
  /** @param {import('node:http').ServerResponse} response */
  constructor(response) {
    this.response = response;
  }

  onRequestStart() {}

  onResponseStart(_controller, status, headers) {
    const passed = [];
    for (const name in headers) {
      if (!CONNECTION_HEADERS.has(name)) passed.push(name, headers[name]);
    }
    this.response.writeHead(status, passed);
  }

  onResponseData(controller, chunk) {
    if (this.response.write(chunk)) return;
    controller.pause();
    this.response.once('drain', () => controller.resume());
  }

  onResponseEnd() {
    this.response.end();
  }

  onResponseError() {
    this.response.destroy();
  }
}

const server = createServer({ noDelay: true, keepAliveTimeout: 60_000 }, (request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const headers = [];
    for (let at = 0; at < request.rawHeaders.length; at += 2) {
      const name = request.rawHeaders[at];
      if (!CONNECTION_HEADERS.has(name.toLowerCase())) headers.push(name, request.rawHeaders[at + 1]);
    }
    pool.dispatch(
      {
        path: request.url ?? '/',
        method: 'POST',
        headers,
        body: chunks.length === 1 ? chunks[0] : Buffer.concat(chunks),
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      new Relay(response),
    );
  });
});

server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
