import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startTestGateway, type TestGateway } from './support/gateway.ts';

const CONFIG = `providers:
  openai: { sim: true }
  google: { sim: true }
models:
  gpt-4o: { at: openai }
  gemini-flash: { at: google, id: gemini-2.5-flash }
  vectors: { at: openai, id: text-embedding-3-small }
routes:
  legal: { try: [gpt-4o, gemini-flash] }
`;
/** Routes, models, deployments, in the order of the config. */
const IDS = ['legal', 'gpt-4o', 'gemini-flash', 'vectors', 'openai/gpt-4o', 'google/gemini-flash', 'openai/vectors'];
const VERSION = { 'anthropic-version': '2023-06-01' };

interface Entry {
  readonly id?: string;
  readonly name?: string;
  readonly candor: { readonly kind: string };
  readonly supportedGenerationMethods?: readonly string[];
}

interface Listed {
  readonly data?: readonly Entry[];
  readonly models?: readonly Entry[];
  readonly first_id?: string | null;
  readonly last_id?: string | null;
  readonly has_more?: boolean;
  readonly nextPageToken?: string;
  readonly error?: { readonly message: string; readonly type: string; readonly code: unknown; readonly param?: string };
}

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ config: CONFIG });
});
afterAll(() => gateway.close());

async function get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<[number, Listed]> {
  const response = await fetch(gateway.url + path, { headers });
  return [response.status, (await response.json()) as Listed];
}

const ids = ({ data = [] }: Listed): readonly unknown[] => data.map(({ id }) => id);
const names = ({ models = [] }: Listed): readonly unknown[] => models.map(({ name }) => name);

describe('OpenAI’s shape', () => {
  test('all of them on one page, and one by its name', async () => {
    const listed = await gateway.client.models.list();
    expect(listed.data.map(({ id }) => id)).toEqual(IDS);
    expect(await gateway.client.models.retrieve('openai/gpt-4o')).toEqual(listed.data[4]);
  });

  test('how a route streams is a word', async () => {
    const config = `${CONFIG}  held: { try: [gpt-4o], stream: hold }
  timed: { try: [gpt-4o], stream: { window: 400ms } }
  counted: { try: [gpt-4o], stream: { window: 200 } }
`;
    const other = await startTestGateway({ config });
    try {
      const { data } = await other.client.models.list();
      const words = data.map((entry) => (entry as unknown as { candor: { stream?: string } }).candor.stream);
      expect(words.slice(0, 4)).toEqual(['trail', 'hold', 'window 400ms', 'window 200']);
    } finally {
      await other.close();
    }
  });

  test('a query is refused, with its word', async () => {
    const [status, { error }] = await get('/v1/models?limit=2');
    expect([status, error]).toMatchObject([400, { code: 'unsupported_parameter', param: 'limit' }]);
  });

  test('an unknown name is answered with the nearest', async () => {
    await expect(gateway.client.models.retrieve('gpt-40')).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
      message: expect.stringContaining('did you mean `gpt-4o`?'),
    });
  });
});

describe.each([
  ['/v1/models', VERSION],
  ['/anthropic/v1/models', {}],
])('Anthropic’s shape at %s', (path, headers) => {
  test('a first page of twenty, each entry as its SDK reads it', async () => {
    const [status, listed] = await get(path, headers);
    expect([status, ids(listed)]).toEqual([200, IDS]);
    expect(listed).toMatchObject({ first_id: 'legal', last_id: 'openai/vectors', has_more: false });
    expect(listed.data?.[1]).toMatchObject({
      type: 'model',
      id: 'gpt-4o',
      display_name: 'gpt-4o',
      created_at: '1970-01-01T00:00:00Z',
      candor: { kind: 'model', deployments: ['openai/gpt-4o'], simulated: true },
    });
    expect(Object.keys(listed).toSorted()).toEqual(['data', 'first_id', 'has_more', 'last_id']);
  });

  test('pages forward and backward', async () => {
    const [, first] = await get(`${path}?limit=3`, headers);
    expect([ids(first), first.has_more]).toEqual([IDS.slice(0, 3), true]);
    const [, second] = await get(`${path}?limit=3&after_id=${first.last_id}`, headers);
    expect([ids(second), second.has_more]).toEqual([IDS.slice(3, 6), true]);
    const [, last] = await get(`${path}?limit=3&after_id=${encodeURIComponent(String(second.last_id))}`, headers);
    expect([ids(last), last.has_more]).toEqual([IDS.slice(6), false]);
    const [, back] = await get(`${path}?limit=2&before_id=vectors&beta=true`, headers);
    expect([ids(back), back.has_more]).toEqual([IDS.slice(1, 3), true]);
    const [, start] = await get(`${path}?before_id=gpt-4o`, headers);
    expect([ids(start), start.has_more]).toEqual([['legal'], false]);
  });

  test('one by its name, also with its slash escaped', async () => {
    const [, listed] = await get(path, headers);
    expect(await get(`${path}/openai%2Fgpt-4o`, headers)).toEqual([200, listed.data?.[4]]);
    expect(await get(`${path}/legal`, headers)).toEqual([200, listed.data?.[0]]);
  });

  test('errors are its own too, and name the word or the nearest name', async () => {
    expect(await get(`${path}/gpt-40`, headers)).toMatchObject([
      404,
      { type: 'error', error: { type: 'not_found_error', message: expect.stringContaining('did you mean `gpt-4o`?') } },
    ]);
    for (const query of [
      'limit=0',
      'limit=1001',
      'after_id=gone',
      'after_id=legal&before_id=legal',
      'beta=no',
      'workspace=1',
    ]) {
      const [status, { error }] = await get(`${path}?${query}`, headers);
      const message = expect.stringMatching(/`(limit|after_id|before_id|beta|workspace)`/);
      expect({ query, status, error }).toMatchObject({
        status: 400,
        error: { type: 'invalid_request_error', message },
      });
    }
  });
});

describe.each(['/v1beta/models', '/gemini/v1beta/models', '/gemini/v1/models'])('Gemini’s shape at %s', (path) => {
  test('the list, each entry as its SDK reads it', async () => {
    const [status, listed] = await get(path);
    expect([status, names(listed)]).toEqual([200, IDS.map((id) => `models/${id}`)]);
    expect(listed.models?.[0]).toMatchObject({
      name: 'models/legal',
      displayName: 'legal',
      supportedGenerationMethods: ['generateContent', 'streamGenerateContent', 'countTokens'],
      candor: { kind: 'route', try: ['openai/gpt-4o', 'google/gemini-flash'] },
    });
    expect(listed.models?.[3]?.supportedGenerationMethods).toEqual([]);
    expect(listed.nextPageToken).toBeUndefined();
  });

  test('pages by token', async () => {
    const seen: unknown[] = [];
    let token: string | undefined = '';
    for (let pages = 0; token !== undefined && pages < 4; pages++) {
      const [, page] = await get(`${path}?pageSize=3${token === '' ? '' : `&pageToken=${token}`}`);
      seen.push(...names(page));
      token = page.nextPageToken;
    }
    expect(seen).toEqual(IDS.map((id) => `models/${id}`));
    expect(token).toBeUndefined();
  });

  test('one by its name', async () => {
    const [, listed] = await get(path);
    expect(await get(`${path}/openai/gpt-4o`)).toEqual([200, listed.models?.[4]]);
    expect(await get(`${path}/openai%2Fgpt-4o`)).toEqual([200, listed.models?.[4]]);
  });

  test('errors are its own too, and name the word or the nearest name', async () => {
    expect(await get(`${path}/gpt-40`)).toMatchObject([
      404,
      { error: { code: 404, status: 'NOT_FOUND', message: expect.stringContaining('did you mean `gpt-4o`?') } },
    ]);
    for (const query of ['pageSize=0', 'pageSize=1001', 'pageToken=Z29uZQ', 'filter=x', 'key=abc']) {
      const [status, { error }] = await get(`${path}?${query}`);
      const message = expect.stringMatching(/`(pageSize|pageToken|filter|key)`/);
      expect({ query, status, error }).toMatchObject({ status: 400, error: { status: 'INVALID_ARGUMENT', message } });
    }
  });
});
