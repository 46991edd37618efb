import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { getText, sendRaw } from './support/raw-http.ts';
import { expectRefused, type Refusal } from './support/refusal.ts';

const CHAT = '/v1/chat/completions';
const HELLO = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] };

let gateway: TestGateway;
let host: string;
beforeAll(async () => {
  gateway = await startTestGateway();
  host = `host: ${new URL(gateway.url).host}`;
});
afterAll(() => gateway.close());

/** Posts a body and expects a refusal that no vendor hears of. */
async function expectBadBody(body: string | Uint8Array<ArrayBuffer>, status: number, code: string): Promise<Refusal> {
  const before = gateway.simulator.received.length;
  const response = await fetch(gateway.url + CHAT, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const error = await expectRefused(response, status, code);
  expect(gateway.simulator.received).toHaveLength(before);
  return error;
}

describe('paths and methods', () => {
  test.each(['/v1/nothing', '/V1/chat/completions', '/chat/completions', '/v1/chat/completions/', '/admin', '/r/'])(
    '%s is unknown',
    async (path) => {
      await expectRefused(await fetch(gateway.url + path), 404, 'unknown_url');
    },
  );

  test.each([
    ['/v1/audio/speech', 'audio'],
    ['/v1/images/generations', 'image'],
    ['/v1/files', 'files'],
    ['/v1/batches', 'batches'],
    ['/v1/realtime', 'realtime'],
  ])('%s is not supported, in one sentence', async (path, word) => {
    for (const method of ['GET', 'POST']) {
      const response = await fetch(gateway.url + path, { method, ...(method === 'POST' ? { body: '{}' } : {}) });
      const error = await expectRefused(response, 404, 'not_supported');
      expect(error.message).toContain(word);
    }
  });

  test.each([
    ['GET', CHAT, 'POST'],
    ['DELETE', CHAT, 'POST'],
    ['POST', '/v1/models', 'GET'],
    ['PUT', '/healthz', 'GET'],
    ['POST', '/v1/generations', 'GET'],
    ['POST', '/v1/generations/gen_01', 'GET'],
    ['PATCH', '/admin/sim', 'GET, POST, DELETE'],
  ])('%s %s is 405 and names %s', async (method, path, allowed) => {
    const response = await fetch(gateway.url + path, { method });
    await expectRefused(response, 405, 'method_not_allowed');
    expect(response.headers.get('allow')).toBe(allowed);
  });

  test.each(['/v1//models', '/v1/%2e%2e/models', '/v1/models/..%2f..', '/v1/models;x=1', '/v1/../v1/models'])(
    'the path %s could mean two things and is refused',
    async (path) => {
      const answer = await sendRaw(gateway.url, getText(path, [host]));
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'bad_path' } });
    },
  );

  test('a generation nobody knows is 404', async () => {
    for (const id of ['gen_01ARZ3NDEKTSV4RRFFQ69G5FAV', 'nothing']) {
      await expectRefused(await fetch(`${gateway.url}/v1/generations/${id}`), 404, 'generation_not_found');
    }
  });

  test('a generation can be had by its older path, too', async () => {
    const answer = (await (await gateway.post(CHAT, HELLO)).json()) as { id: string };
    const response = await fetch(`${gateway.url}/v1/generation?id=${answer.id}`);
    expect(await response.json()).toEqual(await gateway.record(answer.id));
  });
});

describe('bodies', () => {
  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1', ''])(
    'of type "%s" are 415',
    async (type) => {
      const response = await fetch(gateway.url + CHAT, {
        method: 'POST',
        headers: { 'content-type': type },
        body: JSON.stringify(HELLO),
      });
      await expectRefused(response, 415, 'unsupported_media_type');
    },
  );

  test('that are compressed are 415', async () => {
    const response = await gateway.post(CHAT, HELLO, { 'content-encoding': 'gzip' });
    await expectRefused(response, 415, 'unsupported_media_type');
  });

  test.each(['application/json', 'Application/JSON; Charset="UTF-8"'])('of type %s are read', async (type) => {
    expect((await gateway.post(CHAT, HELLO, { 'content-type': type })).status).toBe(200);
  });

  test.each([
    ['', 'missing_body'],
    ['{"model":', 'invalid_json'],
    ['{"model": NaN}', 'invalid_json'],
    ['{"model": "gpt-4o",}', 'invalid_json'],
    ['{} {}', 'invalid_json'],
    ['[]', 'body_must_be_object'],
    ['null', 'body_must_be_object'],
    ['"text"', 'body_must_be_object'],
    ['{"__proto__": {}}', 'forbidden_key'],
    [`{"a": ${'['.repeat(65)}${']'.repeat(65)}}`, 'json_too_deep'],
    [`{"a": [${'1,'.repeat(200_001)}1]}`, 'json_too_complex'],
    ['{"model": "gpt-4o", "messages": [{"role": "user", "content": "\\ud800"}]}', 'invalid_unicode'],
  ])('like %.40s are 400 %s', async (body, code) => {
    await expectBadBody(body, 400, code);
  });

  test('that are not UTF-8 are 400', async () => {
    await expectBadBody(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400, 'invalid_utf8');
  });

  test.each(['{"model": "gpt-4o", "model": "claude-opus"}', '{"messages": [{"role": "user", "role": "system"}]}'])(
    'with a key twice are 400: %s',
    async (body) => {
      const error = await expectBadBody(body, 400, 'duplicate_key');
      expect(['model', 'role']).toContain(error.param);
    },
  );

  test('that try to choose the upstream are 400', async () => {
    for (const name of ['api_base', 'base_url', 'api_key', 'extra_headers']) {
      const error = await expectBadBody(JSON.stringify({ ...HELLO, [name]: 'x' }), 400, 'forbidden_param');
      expect(error.param).toBe(name);
    }
  });

  test('with a wrong type name the place', async () => {
    const cases = [
      [{ ...HELLO, messages: 'Hello' }, 'messages'],
      [{ ...HELLO, stream: 'true' }, 'stream'],
      [{ ...HELLO, temperature: '1' }, 'temperature'],
      [{ ...HELLO, messages: [{ role: 'user', content: 3 }] }, 'messages[0].content'],
    ] as const;
    for (const [body, param] of cases) {
      expect((await expectBadBody(JSON.stringify(body), 400, 'invalid_type')).param).toBe(param);
    }
  });

  test('larger than 32 MiB are 413 before they are read', async () => {
    const answer = await sendRaw(
      gateway.url,
      `POST ${CHAT} HTTP/1.1\r\n${host}\r\ncontent-type: application/json\r\ncontent-length: 33554433\r\n\r\n{`,
    );
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'request_too_large' } });
  });

  test('that could not be read are on record, with what was sent', async () => {
    const { candor } = await expectBadBody('{"model":', 400, 'invalid_json');
    expect(await gateway.record(candor.id)).toMatchObject({
      status: 'failed',
      http: 400,
      error: { code: 'invalid_json' },
      attempts: [],
      request: { body: '{"model":' },
    });
  });
});
