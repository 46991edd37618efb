import { request } from 'undici';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { FaultRejected } from '../core/simulation.ts';
import { instantClock } from './clock.ts';
import { startSimulator, type Simulator, type SimulatorOptions } from './simulator.ts';

const OPENAI = { kind: 'openai', models: { 'gpt-4o': 'gpt-4o' } } as const;
const DEEPSEEK = { kind: 'deepseek', models: { 'deepseek-chat': 'deepseek-chat' } } as const;

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator({ providers: { openai: OPENAI }, clock: instantClock() });
});
afterEach(() => simulator.close());

/** The model that answers at this address, or the status of the refusal. */
async function ask(url: string, model: string): Promise<string | number> {
  const { statusCode, body } = await request(`${url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer any' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
  });
  const answer = (await body.json()) as { readonly model?: string };
  return answer.model ?? statusCode;
}

async function play(providers: SimulatorOptions['providers']): Promise<void> {
  await simulator.play(providers);
  expect(Object.keys(simulator.urls)).toEqual(Object.keys(providers));
}

test('a provider that joins answers, and one that goes on keeps its address', async () => {
  const url = simulator.urls['openai'] ?? '';
  await play({ openai: OPENAI, deepseek: DEEPSEEK });
  expect(simulator.urls['openai']).toBe(url);
  expect(await ask(simulator.urls['deepseek'] ?? '', 'deepseek-chat')).toBe('sim-deepseek-chat');
});

test('a request that began before a change still finds its model', async () => {
  const url = simulator.urls['openai'] ?? '';
  expect(await ask(url, 'gpt-4o-mini')).toBe(404);
  await play({ openai: { kind: 'openai', models: { 'gpt-4o-mini': 'small' } } });
  expect(await ask(url, 'gpt-4o-mini')).toBe('sim-small');
  expect(await ask(url, 'gpt-4o')).toBe('sim-gpt-4o');
  await play({});
  expect(await ask(url, 'gpt-4o')).toBe('sim-gpt-4o');
});

test('a name that changes its kind has another address; the old one answers on', async () => {
  const url = simulator.urls['openai'] ?? '';
  await play({ openai: DEEPSEEK });
  expect(simulator.urls['openai']).not.toBe(url);
  expect(await ask(simulator.urls['openai'] ?? '', 'deepseek-chat')).toBe('sim-deepseek-chat');
  expect(await ask(url, 'gpt-4o')).toBe('sim-gpt-4o');
});

test('faults outlive a change, and may be put on whoever plays now', async () => {
  simulator.control.addFault({ target: 'openai', fault: 'outage', status: 429 });
  await play({ deepseek: DEEPSEEK });
  expect(() => simulator.control.addFault({ target: 'openai', fault: 'refuse' })).toThrow(FaultRejected);
  simulator.control.addFault({ target: 'deepseek-chat', fault: 'outage', status: 503 });
  await play({ openai: OPENAI, deepseek: DEEPSEEK });
  expect(simulator.control.faults()).toHaveLength(2);
  expect(await ask(simulator.urls['openai'] ?? '', 'gpt-4o')).toBe(429);
  expect(await ask(simulator.urls['deepseek'] ?? '', 'deepseek-chat')).toBe(503);
});

test('with nobody to play, a fault has no target', async () => {
  await play({});
  expect(() => simulator.control.addFault({ target: 'openai', fault: 'refuse' })).toThrow(/nothing is simulated/);
});
