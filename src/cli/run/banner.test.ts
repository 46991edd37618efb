import { expect, it } from 'vitest';

import type { Capabilities } from '../../core/capabilities.ts';
import { NO_LIMITS } from '../../core/model-limits.ts';
import { loadConfiguration } from '../../config/load.ts';
import type { Configuration } from '../../core/route.ts';
import { banner, readyLine, type ReadyFacts } from './banner.ts';

const CAPABILITIES: Capabilities = {
  protocol: 'openai-chat',
  features: new Set(),
  emulates: new Set(),
  fitSchema: (schema) => ({ schema, changes: [] }),
  limits: NO_LIMITS,
  reasoning: null,
  hints: {},
  exclusiveHints: [],
  defaultOutputTokens: null,
  source: 'test',
};

function builtIn(): Configuration {
  const kinds = ['openai', 'anthropic', 'google', 'deepseek'];
  const providers = new Map(
    kinds.map((kind) => [kind, { kind, defaultUrl: `https://${kind}.example`, capabilities: () => CAPABILITIES }]),
  );
  const registries = { providers, validators: new Map(), price: () => null };
  const result = loadConfiguration({ mode: 'dev', file: null, environment: {}, registries, cwd: '/' });
  if (!result.ok) throw new Error('the built-in configuration does not load');
  return result.configuration;
}

const facts: ReadyFacts = {
  version: '0.1.0',
  configuration: builtIn(),
  url: 'http://127.0.0.1:4141',
  port: 4141,
  pid: 42,
  readyMs: 180.4,
  state: './.candor',
  ephemeral: false,
};

it('tells a person where it is, what is simulated and what to do next', () => {
  expect(banner(facts)).toBe(`
  CANDOR 0.1.0  ready in 180 ms    no candor.yaml, no keys: 8 SIMULATED models, nothing is spent

  ➜  API      http://127.0.0.1:4141/v1    OpenAI-compatible
  ➜  Page     http://127.0.0.1:4141/    the last requests
  ➜  Key      any string (this machine only)

  routes      extract → gpt-4o    summarize → gemini-flash    create → claude-opus    legal → gpt-4o
  simulated   gpt-4o    gpt-4o-mini    claude-opus    claude-haiku    gemini-flash    gemini-pro
              deepseek-chat    deepseek-reasoner
  fallback    extract, summarize, legal: allowed, and marked degraded
  state       ./.candor

  next        candor ask extract "Invoice 118: 3 chairs, 240 EUR. Answer as JSON."
              candor sim outage openai    break it, and ask again
              Ctrl-C stops it

`);
  expect(banner({ ...facts, state: '/tmp/x', ephemeral: true })).toContain('state       /tmp/x (removed at exit)');
});

it('speaks of keys that are found, and of the keys to press', () => {
  const text = banner(facts, { foundKeys: ['OPENAI_API_KEY', 'GEMINI_API_KEY'], keysLine: 'press  q quit' });
  expect(text).toContain('ready in 180 ms    no candor.yaml: 8 SIMULATED models, nothing is spent\n');
  expect(text).toMatch(
    / {2}found {7}OPENAI_API_KEY, GEMINI_API_KEY {4}`candor init` writes a config that uses them\n\n {2}press {2}q quit\n\n$/,
  );
  expect(text).not.toContain('Ctrl-C');
});

it('tells a program the same on one line', () => {
  const line = readyLine(facts);
  expect(line.indexOf('\n')).toBe(line.length - 1);
  expect(JSON.parse(line)).toEqual({
    event: 'ready',
    version: '0.1.0',
    mode: 'dev',
    url: 'http://127.0.0.1:4141',
    api: 'http://127.0.0.1:4141/v1',
    port: 4141,
    pid: 42,
    config: facts.configuration.hash,
    origin: 'built-in',
    routes: {
      extract: ['openai/gpt-4o', 'anthropic/claude-opus', 'deepseek/deepseek-chat'],
      summarize: ['google/gemini-flash', 'openai/gpt-4o-mini'],
      create: ['anthropic/claude-opus'],
      legal: ['openai/gpt-4o', 'anthropic/claude-opus', 'google/gemini-flash'],
    },
    models: [...facts.configuration.models.keys()],
    simulated: [...facts.configuration.models.keys()],
    state: './.candor',
    ephemeral: false,
    ready_ms: 180,
  });
});
