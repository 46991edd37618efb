import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { getText, sendRaw } from './support/raw-http.ts';
import { expectRefused } from './support/refusal.ts';

const CHAT = '/v1/chat/completions';
const HELLO = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] };

let gateway: TestGateway;
let host: string;
beforeAll(async () => {
  gateway = await startTestGateway();
  host = `host: ${new URL(gateway.url).host}`;
});
afterAll(() => gateway.close());

describe('who may ask', () => {
  test.each(['https://example.com', 'http://localhost:1', 'null'])('not a page of %s', async (origin) => {
    await expectRefused(await gateway.post(CHAT, HELLO, { origin }), 403, 'origin_not_allowed');
    await expectRefused(await fetch(`${gateway.url}/v1/models`, { headers: { origin } }), 403, 'origin_not_allowed');
  });

  test('a page of the gateway itself', async () => {
    const response = await gateway.post(CHAT, HELLO, { origin: gateway.url, 'sec-fetch-site': 'same-origin' });
    expect(response.status).toBe(200);
  });

  test('not a request a browser calls cross-site', async () => {
    // Set below what a browser's own fetch would let a page set.
    const answer = await sendRaw(gateway.url, getText('/v1/models', [host, 'sec-fetch-site: cross-site']));
    expect(answer.status).toBe(403);
  });

  test.each(['candor.example', '127.0.0.1.example.com', 'localhost.example.com:4141', '10.0.0.1'])(
    'not under the name %s',
    async (name) => {
      const answer = await sendRaw(gateway.url, getText('/v1/models', [`host: ${name}`]));
      expect(answer.status).toBe(421);
      expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'host_not_allowed' } });
    },
  );

  test.each(['localhost', 'LOCALHOST:4141', '127.0.0.1', '[::1]:4141'])('under the name %s', async (name) => {
    expect((await sendRaw(gateway.url, getText('/v1/models', [`host: ${name}`]))).status).toBe(200);
  });

  test('not with two Host headers', async () => {
    const answer = await sendRaw(gateway.url, getText('/v1/models', [host, 'host: localhost']));
    expect(answer.status).toBe(400);
  });

  test('not with more than 100 headers, and with 100', async () => {
    const extra = (count: number): string[] => Array.from({ length: count }, (_, index) => `x-filler-${index}: 1`);
    // `Host` and `connection` count, too.
    expect((await sendRaw(gateway.url, getText('/v1/models', [host, ...extra(98)]))).status).toBe(200);
    const answer = await sendRaw(gateway.url, getText('/v1/models', [host, ...extra(99)]));
    expect(answer.status).toBe(431);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'too_many_headers' } });
    expect(answer.headers.get('x-should-retry')).toBe('false');
  });

  test.each([
    ['/healthz', { status: 'ok' }],
    ['/readyz', { ready: true, reasons: [] }],
  ])('%s is answered to anybody', async (path, body) => {
    const lines = ['host: candor.example', 'origin: https://example.com', 'sec-fetch-site: cross-site'];
    const answer = await sendRaw(gateway.url, getText(path, lines));
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual(body);
  });
});

describe('the admin API', () => {
  test('takes the token of this gateway and nothing else', async () => {
    const url = `${gateway.url}/admin/sim`;
    for (const authorization of ['', 'Bearer ', 'Bearer wrong', `Basic ${gateway.adminToken}`]) {
      await expectRefused(await fetch(url, { headers: { authorization } }), 401, 'invalid_api_key');
    }
    const headers = { authorization: `Bearer ${gateway.adminToken}` };
    expect(await (await fetch(url, { headers })).json()).toEqual({ object: 'list', data: [] });
    const fault = { target: 'openai', fault: 'outage', status: 503 };
    await expectRefused(await gateway.post('/admin/sim', fault), 401, 'invalid_api_key');
    expect(gateway.simulator.control.faults()).toEqual([]);
    const added = await gateway.post('/admin/sim', fault, headers);
    expect(added.status).toBe(201);
    expect(gateway.simulator.control.faults()).toMatchObject([fault]);
    expect((await gateway.post(CHAT, HELLO)).status).toBe(503);
    const reset = await fetch(url, { method: 'DELETE', headers });
    expect(reset.status).toBe(200);
    expect((await gateway.post(CHAT, HELLO)).status).toBe(200);
  });

  test('takes the cookie of its own page, for a change only from there', async () => {
    const cookie = (await fetch(gateway.url)).headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict$/);
    const headers = { cookie: cookie.slice(0, cookie.indexOf(';')) };
    expect((await fetch(`${gateway.url}/admin/sim`, { headers })).status).toBe(200);
    const reset = (origin: Record<string, string>): Promise<Response> =>
      fetch(`${gateway.url}/admin/sim`, { method: 'DELETE', headers: { ...headers, ...origin } });
    await expectRefused(await reset({}), 403, 'origin_not_allowed');
    await expectRefused(await reset({ origin: 'https://example.com' }), 403, 'origin_not_allowed');
    expect((await reset({ origin: gateway.url })).status).toBe(200);
  });

  test('names what it does not accept', async () => {
    const headers = { authorization: `Bearer ${gateway.adminToken}` };
    const unknown = await gateway.post('/admin/sim', { target: 'mistral', fault: 'outage' }, headers);
    await expectRefused(unknown, 409, 'sim_not_simulated');
    const wrong = await gateway.post('/admin/sim', { target: 'openai', fault: 'flood' }, headers);
    const error = await expectRefused(wrong, 400, 'invalid_request');
    expect(error.message).toContain('outage');
  });
});

describe('the pages', () => {
  const HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">\'&';

  test('escape what models and clients wrote, and let nothing run', async () => {
    const response = await gateway.post(CHAT, {
      model: 'gpt-4o',
      messages: [{ role: 'user', content: `Say \`${HOSTILE}\`` }],
    });
    const answer = (await response.json()) as { id: string; choices: { message: { content: string } }[] };
    expect(answer.choices[0]?.message.content).toBe(HOSTILE);
    const refused = await gateway.post(CHAT, { ...HELLO, model: HOSTILE });
    expect(refused.status).toBe(404);
    for (const path of ['/', `/r/${answer.id}`]) {
      const page = await fetch(gateway.url + path);
      const html = await page.text();
      expect(page.status).toBe(200);
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; .*frame-ancestors 'none'/);
      expect(page.headers.get('x-content-type-options')).toBe('nosniff');
      expect(html).not.toMatch(/<script|<img|onerror="/i);
      expect(html).toContain(answer.id);
      expect(html).toContain('&lt;script&gt;');
    }
    await expectRefused(await fetch(`${gateway.url}/r/${encodeURIComponent('<b>')}`), 404, 'generation_not_found');
  });

  test('show the last requests, how they ended and that they are simulated', async () => {
    const fallback = await gateway.post(CHAT, { ...HELLO, model: 'legal' }, { 'x-candor-sim': 'openai=503' });
    const { id } = (await fallback.json()) as { id: string };
    const html = await (await fetch(gateway.url)).text();
    const row = html.slice(html.lastIndexOf('<tr>', html.indexOf(id)), html.indexOf(id));
    expect(row).toContain('<td>legal</td><td>anthropic/claude-opus</td>');
    expect(row).toContain('fallback (upstream_overloaded)');
    expect(html).toContain('SIMULATED');
  });
});
