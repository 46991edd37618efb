import { afterEach, beforeEach, expect, test } from 'vitest';

import type { Provider } from '../src/providers/provider.ts';
import { PROVIDERS } from '../src/providers/registry.ts';
import { startInjectedGateway, type InjectedGateway } from './support/injected-gateway.ts';
import { eventStream } from './support/raw-upstream.ts';
import { openAiStream } from './support/upstream-streams.ts';

/** The providers, of which the one for OpenAI does something wrong. */
function withFault(fault: Partial<Provider>): ReadonlyMap<string, Provider> {
  const openai = PROVIDERS.get('openai');
  if (openai === undefined) throw new Error('there is no such provider');
  return new Map([...PROVIDERS, ['openai', { ...openai, ...fault }]]);
}

let gateway: InjectedGateway | null = null;
beforeEach(() => {
  gateway = null;
});
afterEach(async () => {
  await gateway?.close();
});

async function ask(fault: Partial<Provider>): Promise<{ readonly started: InjectedGateway; readonly record: unknown }> {
  const started = await startInjectedGateway({ providers: withFault(fault) });
  gateway = started;
  started.upstreams.openai.play(eventStream(openAiStream(['ein']).events, 'clean'));
  const response = await fetch(`${started.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'openai-degraded', messages: [{ role: 'user', content: 'Hello' }], stream: true }),
  });
  expect(response.status).toBe(500);
  expect(response.headers.get('x-should-retry')).toBe('false');
  expect(response.headers.get('x-candor-served-by')).toBeNull();
  expect(await response.json()).toMatchObject({ error: { code: 'internal_error' } });
  // The fault is ours: another model would not mend it.
  expect(started.upstreams.anthropic.requests).toEqual([]);
  return { started, record: await started.ledger.find(response.headers.get('x-request-id') ?? '') };
}

test('a request that cannot be put on the wire blames nobody and costs nothing', async () => {
  const { started, record } = await ask({ credentialHeader: () => ['authorization', 'Bearer a\nb'] });
  expect(started.upstreams.openai.requests).toEqual([]);
  expect(record).toMatchObject({
    status: 'failed',
    http: 500,
    served_by: null,
    cost: 0,
    attempts: [{ deployment: 'openai/gpt-4o', kind: 'internal_error', status: null, possibly_billed: false, cost: 0 }],
  });
});

test('an answer that we fail to read was not served, but may have been paid for', async () => {
  const { started, record } = await ask({
    streamDecoder: () => {
      throw new TypeError('broken decoder');
    },
  });
  expect(started.upstreams.openai.requests).toHaveLength(1);
  expect(record).toMatchObject({
    status: 'failed',
    served_by: null,
    cost: null,
    attempts: [{ kind: 'internal_error', status: 200, possibly_billed: true, cost: null }],
  });
});
