import { Readable } from 'node:stream';

import { Client, request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startKeyedGateway, type KeyedGateway } from './support/keyed-gateway.ts';
import { openSocket, postText } from './support/open-socket.ts';
import { completion, json } from './support/vendor-answers.ts';

const PATH = '/v1/chat/completions';
const QUESTION = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] });
const MAX_BODY_BYTES = 32 * 1024 * 1024;

describe('a connection that is kept', () => {
  let gateway: KeyedGateway;
  beforeAll(async () => {
    gateway = await startKeyedGateway();
    gateway.upstreams.openai.play(json(completion()));
  });
  afterAll(() => gateway.close());

  test('carries a POST after a GET that found nothing, again and again', async () => {
    const client = new Client(gateway.url, { pipelining: 1 });
    let connected = 0;
    client.on('connect', () => connected++);
    try {
      for (let pair = 0; pair < 50; pair++) {
        const nothing = await client.request({ method: 'GET', path: '/v1/nothing' });
        expect(nothing.headers['connection']).not.toBe('close');
        expect(await nothing.body.json()).toMatchObject({ error: { code: 'unknown_url' } });
        const answered = await client.request({
          method: 'POST',
          path: PATH,
          headers: { 'content-type': 'application/json' },
          body: QUESTION,
        });
        expect(await answered.body.json()).toMatchObject({ choices: [{ finish_reason: 'stop' }] });
      }
      expect(connected).toBe(1);
    } finally {
      await client.close();
    }
  });

  test.each([
    ['a media type', PATH, 'content-type: text/plain', 415, 'unsupported_media_type'],
    ['a path', '/v1/nothing', 'content-type: application/json', 404, 'unknown_url'],
    ['a compression', PATH, 'content-type: application/json\r\ncontent-encoding: gzip', 415, 'unsupported_media_type'],
  ])('is closed when a POST is refused for %s with its body unread', async (_name, path, headers, status, code) => {
    const socket = await openSocket(gateway.url);
    // The rest of the body reads like a request: it must never be taken for one.
    const smuggled = `GET /v1/models HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`;
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${headers}\r\ncontent-length: ${smuggled.length + 1000}\r\n\r\n`,
    );
    await socket.until('"candor"');
    socket.write(smuggled);
    const text = await socket.toEnd();
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(text).toMatch(/\r\nconnection: close\r\n/i);
    expect(text).toContain(`"code":"${code}"`);
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });

  test('stays open when a refused POST was read to its end', async () => {
    const socket = await openSocket(gateway.url);
    socket.write(postText(PATH, '{"model":7}'));
    expect(await socket.until('"candor"')).not.toMatch(/\r\nconnection: close\r\n/i);
    socket.write(postText(PATH, QUESTION));
    expect(await socket.until('chat.completion')).toContain('HTTP/1.1 200 ');
    socket.destroy();
  });
});

describe('a request that is refused before it is read', () => {
  let gateway: KeyedGateway;
  beforeAll(async () => {
    gateway = await startKeyedGateway();
  });
  afterAll(() => gateway.close());

  async function expectRecorded(id: string, status: number, code: string): Promise<void> {
    const record = await gateway.record(id);
    expect(record).toMatchObject({ status: 'failed', http: status, asked: null, attempts: [], cost: 0 });
    expect(record).toMatchObject({ error: { code }, why: expect.stringContaining('no model was asked') });
  }

  test.each([
    ['another media type', { 'content-type': 'text/plain' }],
    ['another charset', { 'content-type': 'application/json; charset=latin1' }],
    ['a compressed body', { 'content-type': 'application/json', 'content-encoding': 'gzip' }],
  ])('is on record: %s', async (_name, headers) => {
    const response = await gateway.ask('{"model":"gpt-4o"}', headers);
    expect(response.status).toBe(415);
    const id = response.headers.get('x-request-id') ?? '';
    expect(await response.json()).toMatchObject({ error: { code: 'unsupported_media_type', candor: { id } } });
    await expectRecorded(id, 415, 'unsupported_media_type');
  });

  test('is on record: a body that says it is too large', async () => {
    const socket = await openSocket(gateway.url);
    socket.write(
      `POST ${PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${MAX_BODY_BYTES + 1}\r\n\r\n{`,
    );
    const text = await socket.toEnd();
    expect(text).toMatch(/^HTTP\/1\.1 413 [^]*\r\nconnection: close\r\n/i);
    await expectRecorded(/\r\nx-request-id: (gen_\w+)\r\n/i.exec(text)?.[1] ?? '', 413, 'request_too_large');
  });

  test('is on record: a body that turns out too large', async () => {
    // One byte too many: nothing is left to be written when the answer comes.
    const pieces = Readable.from([Buffer.alloc(MAX_BODY_BYTES, ' '), Buffer.from('{')]);
    const response = await request(gateway.url + PATH, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: pieces,
    });
    await response.body.text();
    expect(response.statusCode).toBe(413);
    await expectRecorded(String(response.headers['x-request-id']), 413, 'request_too_large');
  });
});
