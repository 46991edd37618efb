import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { JsonObject } from '../src/core/json.ts';
import { openai } from '../src/providers/openai/provider.ts';
import { PROVIDERS } from '../src/providers/registry.ts';
import { startInjectedGateway } from './support/injected-gateway.ts';
import { CANARY, startKeyedGateway, type KeyedGateway } from './support/keyed-gateway.ts';
import { body, eventStream, type Script } from './support/raw-upstream.ts';
import { anthropicStream, data, named, openAiChunk, openAiStream } from './support/upstream-streams.ts';
import { answer, anthropicMessage, completion, json } from './support/vendor-answers.ts';

const MESSAGES = [{ role: 'user', content: 'Hello' }];
const TYPE = 'content-type: application/json';
/** A piece of a key this long is a leak, in whatever letters it stands. */
const TELLING_CHARACTERS = 12;

/** Whether the text holds the key of the providers, or a telling piece of it. */
function leaks(text: string): boolean {
  const lower = text.toLowerCase();
  const key = CANARY.toLowerCase();
  for (let at = 0; at + TELLING_CHARACTERS <= key.length; at++) {
    if (lower.includes(key.slice(at, at + TELLING_CHARACTERS))) return true;
  }
  return false;
}

interface Echo {
  readonly name: string;
  readonly provider: 'openai' | 'anthropic' | 'google' | 'deepseek';
  readonly script: Script;
  readonly stream?: boolean;
  /** HTTP status of what the client gets. */
  readonly status: number;
  /** Whether the key stands in the body, so that what is kept of it must have been scrubbed. */
  readonly inBody?: boolean;
  readonly more?: JsonObject;
}

const MODELS = {
  openai: 'gpt-4o',
  anthropic: 'claude-opus',
  google: 'gemini-flash',
  deepseek: 'deepseek-chat',
} as const;

function refusal(status: string, error: JsonObject): Script {
  return answer(status, [TYPE], JSON.stringify({ error }));
}

const SAYING = `Incorrect API key provided: ${CANARY}.`;
const DELTA = openAiChunk({ content: 'Hel' });
const ANSWERED = openAiStream(['Hello']).events;
const OF_ANTHROPIC = anthropicStream(['Hello']);
const ANTHROPIC_ERROR = named('error', { error: { type: CANARY, message: SAYING } });

const ECHOES: readonly Echo[] = [
  { name: 'message of a 401', provider: 'openai', script: refusal('401 No', { message: SAYING }), status: 502 },
  {
    name: 'code of a 401',
    provider: 'openai',
    script: refusal('401 No', { message: 'No.', code: CANARY }),
    status: 502,
  },
  {
    name: 'type of a 401',
    provider: 'openai',
    script: refusal('401 No', { message: 'No.', type: CANARY }),
    status: 502,
  },
  {
    name: 'param of a 400',
    provider: 'openai',
    script: refusal('400 No', { message: 'No.', param: CANARY }),
    status: 400,
  },
  { name: 'message of a 401', provider: 'deepseek', script: refusal('401 No', { message: SAYING }), status: 502 },
  {
    name: 'type and message of a 401',
    provider: 'anthropic',
    script: refusal('401 No', { type: CANARY, message: SAYING }),
    status: 502,
  },
  {
    name: 'status and message of a 400',
    provider: 'google',
    script: refusal('400 No', { code: 400, status: CANARY, message: `API key not valid: ${CANARY}` }),
    status: 400,
  },
  {
    name: 'a web page',
    provider: 'openai',
    script: answer('200 OK', ['content-type: text/html'], `<p>${CANARY}</p>`),
    status: 502,
  },
  {
    name: 'the content type',
    provider: 'openai',
    script: answer('200 OK', [`content-type: text/${CANARY}`], 'x'),
    status: 502,
    inBody: false,
  },
  {
    name: 'the content encoding',
    provider: 'openai',
    script: answer('200 OK', [TYPE, `content-encoding: ${CANARY}`], 'x'),
    status: 502,
    inBody: false,
  },
  {
    name: 'the request id of a refusal',
    provider: 'openai',
    script: answer('500 No', [TYPE, `x-request-id: req-${CANARY}`], '{}'),
    status: 502,
    inBody: false,
  },
  {
    name: 'an error in a 200',
    provider: 'openai',
    script: json({ error: { message: SAYING, code: CANARY } }),
    status: 502,
  },
  {
    name: 'an error in a 200',
    provider: 'anthropic',
    script: json({ type: 'error', error: { type: CANARY, message: SAYING } }),
    status: 502,
  },
  {
    name: 'an unknown finish reason',
    provider: 'openai',
    script: json(completion({ finish: `${CANARY}_x` })),
    status: 502,
  },
  {
    name: 'an unknown finish reason that ends in the key',
    provider: 'openai',
    script: json(completion({ finish: `stopped_by_${CANARY}` })),
    status: 502,
  },
  {
    name: 'an unknown stop reason',
    provider: 'anthropic',
    script: json(anthropicMessage({ finish: `stopped_by_${CANARY}` })),
    status: 502,
  },
  {
    name: 'an unknown finish reason',
    provider: 'google',
    script: json({ candidates: [{ content: { parts: [{ text: 'x' }] }, finishReason: `STOPPED_BY_${CANARY}` }] }),
    status: 502,
  },
  {
    name: 'an unknown finish reason of a stream',
    provider: 'openai',
    stream: true,
    script: eventStream([DELTA, openAiChunk({}, `stopped_by_${CANARY}`)], 'clean'),
    status: 200,
  },
  {
    name: 'an error event before content',
    provider: 'openai',
    stream: true,
    script: eventStream([data({ error: { message: SAYING, code: CANARY } })], 'clean'),
    status: 502,
  },
  {
    name: 'an error event after content',
    provider: 'openai',
    stream: true,
    script: eventStream([DELTA, data({ error: { message: SAYING, type: CANARY } })], 'clean'),
    status: 200,
  },
  {
    name: 'an error event that comes in two pieces',
    provider: 'openai',
    stream: true,
    script: eventStream(
      [DELTA, `data: {"error":{"message":"${CANARY.slice(0, 20)}`, `${CANARY.slice(20)}"}}\n\n`],
      'clean',
    ),
    status: 200,
  },
  {
    name: 'an error event before content',
    provider: 'anthropic',
    stream: true,
    script: eventStream([...OF_ANTHROPIC.events.slice(0, 1), ANTHROPIC_ERROR], 'clean'),
    status: 502,
  },
  {
    name: 'an error event after content',
    provider: 'anthropic',
    stream: true,
    script: eventStream([...OF_ANTHROPIC.events.slice(0, 4), ANTHROPIC_ERROR], 'clean'),
    status: 200,
  },
  {
    name: 'a name in an answer that its schema does not accept',
    provider: 'openai',
    script: json(completion({ text: JSON.stringify({ [CANARY]: 1 }) })),
    more: {
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'map', schema: { type: 'object', additionalProperties: { type: 'string' } } },
      },
    },
    status: 424,
  },
];

describe('a provider key that its vendor sends back', () => {
  let gateway: KeyedGateway;
  beforeAll(async () => {
    gateway = await startKeyedGateway();
  });
  afterAll(() => gateway.close());
  beforeEach(() => gateway.closeCircuits());

  /** Neither what is told of a generation nor its pages hold the key. */
  async function expectKept(id: string, inBody: boolean): Promise<void> {
    const told = await (await fetch(`${gateway.url}/v1/generations/${id}`)).text();
    expect(leaks(told)).toBe(false);
    expect(leaks(await (await fetch(`${gateway.url}/r/${id}`)).text())).toBe(false);
    const [attempt] = (await gateway.record(id)).attempts;
    expect(attempt?.flags.includes('credential_scrubbed')).toBe(inBody);
    if (inBody) expect(attempt?.received.body).toContain('[secret:');
  }

  test.each(ECHOES.map((echo) => [echo.provider, echo.name, echo] as const))(
    '%s: %s',
    async (_provider, _name, echo) => {
      const upstream = gateway.upstreams[echo.provider];
      upstream.play(echo.script);
      const response = await gateway.ask({
        model: MODELS[echo.provider],
        messages: MESSAGES,
        stream: echo.stream ?? false,
        ...echo.more,
      });
      const told = (await response.text()) + JSON.stringify([...response.headers]);
      // The key did go to the vendor: there was something to leak.
      expect(upstream.requests.at(-1)?.head).toContain(CANARY);
      expect(response.status).toBe(echo.status);
      expect(told).toContain('"error":{"message":');
      expect(leaks(told)).toBe(false);
      await expectKept(response.headers.get('x-request-id') ?? '', echo.inBody ?? true);
    },
  );

  test.each([
    ['whole', false],
    ['streamed', true],
  ])('in an answer, %s: the client has it as it came, nothing else does', async (_name, stream) => {
    const model = `gpt-4o-${CANARY}`;
    gateway.upstreams.openai.play(
      stream
        ? eventStream(
            ANSWERED.map((event) => event.replace('Hello', CANARY).replace('gpt-4o-2024-08-06', model)),
            'clean',
          )
        : answer(
            '200 OK',
            [TYPE, `x-request-id: ${CANARY}`],
            JSON.stringify(completion({ text: CANARY, members: { model } })),
          ),
    );
    const response = await gateway.ask({ model: 'gpt-4o', messages: MESSAGES, stream });
    expect(await response.text()).toContain(CANARY);
    await expectKept(response.headers.get('x-request-id') ?? '', true);
  });

  test('is in nothing that operators are told, nor in the explanation of what became of it', async () => {
    gateway.upstreams.openai.play(refusal('401 No', { message: SAYING, code: CANARY }));
    let id = '';
    // So often that the circuit opens.
    for (let sent = 0; sent < 8; sent++) {
      const response = await gateway.ask({ model: 'gpt-4o', messages: MESSAGES });
      id = response.headers.get('x-request-id') ?? '';
    }
    expect(await gateway.tell('/admin/decisions')).toContain('"what":"open"');
    expect(await gateway.tell('/admin/telemetry')).toContain('[secret:');
    for (const path of ['/admin/decisions', '/admin/telemetry', '/metrics', '/v1/models', '/v1/generations']) {
      expect(leaks(await gateway.tell(path)), path).toBe(false);
    }
    const explained = await fetch(`${gateway.url}/v1/candor/explain`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ generation: id }),
    });
    const text = await explained.text();
    expect(text).toContain('"circuit":"open"');
    expect(leaks(text)).toBe(false);
  });

  test('is in none of the files it leaves behind, nor in its log', async () => {
    gateway.upstreams.openai.play(refusal('401 No', { message: SAYING, code: CANARY }));
    const response = await gateway.ask({ model: 'gpt-4o', messages: MESSAGES });
    const id = response.headers.get('x-request-id') ?? '';
    await gateway.stop();
    const files = gateway.files();
    const whole = [...files].map(([path, bytes]) => [path, bytes.toString('latin1')] as const);
    // The records are there to be searched, in the journal and in the store.
    const holding = whole.filter(([, text]) => text.includes(id)).map(([path]) => path);
    expect(holding.some((path) => path.startsWith('journal'))).toBe(true);
    expect(holding.some((path) => path.startsWith('store.db'))).toBe(true);
    expect(whole.filter(([, text]) => leaks(text)).map(([path]) => path)).toEqual([]);
    expect(gateway.log()).toContain(id);
    expect(leaks(gateway.log())).toBe(false);
  });
});

test('what a vendor says without end is told in part', async () => {
  const gateway = await startKeyedGateway({ routes: ['long: { try: [gpt-4o, claude-opus] }'] });
  try {
    const long = 'x'.repeat(200_000);
    gateway.upstreams.openai.play(refusal('500 No', { message: long, code: long, param: long }));
    gateway.upstreams.anthropic.play(refusal('500 No', { message: long, type: long }));
    for (const request of [{ model: 'gpt-4o' }, { model: 'long' }, { model: 'long', stream: true }]) {
      const response = await gateway.ask({ ...request, messages: MESSAGES });
      const text = await response.text();
      expect(response.status).toBeGreaterThanOrEqual(502);
      expect(text).toContain('xxx…');
      expect(text.length).toBeLessThan(10_000);
      // The whole of it is content, and kept as such.
      const record = await gateway.record(response.headers.get('x-request-id') ?? '');
      expect(record.attempts[0]?.received.body).toContain(long);
      expect(JSON.stringify(record.attempts[0]?.upstream).length).toBeLessThan(4000);
    }
  } finally {
    await gateway.close();
  }
});

test('a key in an answer that we ourselves fail on is scrubbed from what is kept', async () => {
  const key = 'sk-test-injected';
  const failing = {
    ...openai,
    decode: () => {
      throw new TypeError('a fault of our own');
    },
  };
  const gateway = await startInjectedGateway({ providers: new Map([...PROVIDERS, ['openai', failing]]) });
  try {
    gateway.upstreams.openai.play(body(JSON.stringify(completion({ text: key }))));
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-4o', messages: MESSAGES }),
    });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain(key);
    const record = JSON.stringify(await gateway.ledger.find(response.headers.get('x-request-id') ?? ''));
    expect(record).toContain('[secret:');
    expect(record).not.toContain(key);
  } finally {
    await gateway.close();
  }
});
