import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

import { Secret } from '../../../core/secret.ts';
import { ok } from './finding.ts';
import type { ProviderKey } from './key-checks.ts';
import { checkLive, liveNotice } from './live-checks.ts';

const KEY = 'sk-live-0123456789abc-x9Qf';

/** A vendor that a test scripts. */
let reply: (response: ServerResponse) => void = () => undefined;
let received: IncomingMessage[] = [];
let url = '';
const vendor = createServer((request, response) => {
  received.push(request);
  reply(response);
});
beforeAll(async () => {
  await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}/base`;
});
afterAll(() => new Promise((resolve) => vendor.close(resolve)));
beforeEach(() => {
  received = [];
});

function provider(kind: string, more: Partial<ProviderKey> = {}): ProviderKey {
  const finding = ok(kind, '');
  return { provider: kind, label: kind, kind, url, modelIds: ['a', 'b'], finding, key: new Secret(KEY), ...more };
}

function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
  reply = (response) => response.writeHead(status, headers).end(JSON.stringify(body));
}

const OPENAI_LIST = { object: 'list', data: [{ id: 'a' }, { id: 'b' }] };

it.each<readonly [kind: string, path: string, header: string, value: string, list: unknown]>([
  ['openai', '/base/models', 'authorization', `Bearer ${KEY}`, OPENAI_LIST],
  ['deepseek', '/base/models', 'authorization', `Bearer ${KEY}`, OPENAI_LIST],
  ['anthropic', '/base/v1/models?limit=1000', 'x-api-key', KEY, { data: [{ type: 'model', id: 'a' }, { id: 'b' }] }],
  [
    'google',
    '/base/models?pageSize=1000',
    'x-goog-api-key',
    KEY,
    { models: [{ name: 'models/a' }, { name: 'models/b' }] },
  ],
])('asks %s for its models with the key', async (kind, path, header, value, list) => {
  json(200, list);
  expect(liveNotice([provider(kind)])).toContain(`GET http://127.0.0.1:${new URL(url).port}${path}`);
  const [finding] = await checkLive([provider(kind)]);
  expect(finding).toMatchObject({ check: `${kind} live`, outcome: 'ok', cause: null });
  expect(finding?.message).toMatch(/200 in \d+ ms, 2 of 2 configured models exist$/);
  expect(received.map((request) => [request.method, request.url, request.headers[header]])).toEqual([
    ['GET', path, value],
  ]);
});

it('says which model the vendor does not have', async () => {
  json(200, { data: [{ id: 'a' }] });
  const [finding] = await checkLive([provider('openai')]);
  expect(finding).toMatchObject({ outcome: 'warning', cause: 'The vendor does not list b.' });
  expect(finding?.message).toContain('1 of 2 configured models exist');
});

it('tells what a vendor says of a key that it refuses, and not the key', async () => {
  json(401, { error: { message: `Incorrect API key provided: ${KEY}` } });
  const [finding] = await checkLive([provider('openai')]);
  expect(finding).toMatchObject({ outcome: 'problem', next: expect.stringContaining('…x9Qf') });
  expect(finding?.cause).toMatch(/^The vendor said: Incorrect API key provided: \[secret:/);
  expect(JSON.stringify(finding)).not.toContain(KEY);
});

it('says when something else answers, or nobody', async () => {
  reply = (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
  expect(await checkLive([provider('openai')])).toMatchObject([
    { outcome: 'problem', message: expect.stringContaining('without a JSON object') },
  ]);
  json(503, {});
  expect(await checkLive([provider('openai')])).toMatchObject([{ outcome: 'problem', next: 'try again later' }]);
  expect(await checkLive([provider('openai', { url: 'http://127.0.0.1:1' })])).toMatchObject([
    { outcome: 'problem', message: 'http://127.0.0.1:1 does not answer (ECONNREFUSED)' },
  ]);
});

it("says when this machine's clock is wrong by the vendor's", async () => {
  json(200, OPENAI_LIST, { date: new Date(Date.now() - 3_600_000).toUTCString() });
  expect(await checkLive([provider('openai')])).toMatchObject([
    { outcome: 'ok' },
    { outcome: 'warning', message: expect.stringMatching(/^clocks differ by 60 min|^clocks differ by 59 min/) },
  ]);
});

it('asks nobody without a key', async () => {
  const keyless = provider('openai', { key: null });
  expect(await checkLive([keyless])).toEqual([]);
  expect(liveNotice([keyless])).toContain('no provider is asked');
  expect(received).toEqual([]);
});
