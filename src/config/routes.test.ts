import { describe, expect, it } from 'vitest';

import type { Configuration, Route } from '../core/route.ts';
import { createRegistries } from '../gateway.ts';
import type { Diagnostic } from './diagnostic.ts';
import { loadConfiguration } from './load.ts';

const registries = createRegistries();
const BASE = `providers: { openai: { sim: true }, azure: { kind: openai, sim: true }, anthropic: { sim: true } }
models: { gpt-4o: { at: [openai, azure] }, claude-opus: { at: anthropic, id: claude-opus-4-8 } }
`;

function load(text: string): { readonly configuration: Configuration | null; readonly found: readonly Diagnostic[] } {
  const result = loadConfiguration({
    mode: 'dev',
    file: 'candor.yaml',
    reader: { read: () => ({ text }) },
    environment: { KEY: 'first', KEY_2: 'second' },
    registries,
    cwd: '/',
  });
  return result.ok
    ? { configuration: result.configuration, found: result.warnings }
    : { configuration: null, found: result.diagnostics };
}

function routeOf(words: string): Route {
  const { configuration, found } = load(`${BASE}routes: { r: { ${words} } }`);
  const route = configuration?.routes.get('r');
  if (route === undefined) throw new Error(JSON.stringify(found));
  return route;
}

describe('what a route decides', () => {
  it('is by default the first that can, without objectives', () => {
    expect(routeOf('try: [gpt-4o]')).toMatchObject({
      pick: 'ordered',
      objectives: [],
      objectivePolicy: 'best_effort',
      retries: 0,
      timeouts: { firstTokenMs: null },
    });
  });

  it('has the objectives in their units, each with its line', () => {
    const slo =
      '{ ttft_p95: 2s, tokens_per_second: 40.5,\n error_rate: 2%, valid_rate: 0.95, cost_per_request: $0.02 }';
    expect(routeOf(`try: [gpt-4o], slo: ${slo}`).objectives).toEqual([
      { name: 'ttft_p95', limit: 2000, at: 'candor.yaml:3' },
      { name: 'tokens_per_second', limit: 40.5, at: 'candor.yaml:3' },
      { name: 'error_rate', limit: 0.02, at: 'candor.yaml:4' },
      { name: 'valid_rate', limit: 0.95, at: 'candor.yaml:4' },
      { name: 'cost_per_request', limit: 20_000_000, at: 'candor.yaml:4' },
    ]);
  });

  it.each([
    ['slo: { ttft_p95: 2s }', 6000],
    ['slo: { ttft_p95: 2s }, timeout: 60s', 6000],
    ['slo: { ttft_p95: 2s }, timeout: { first_token: 9s }', 9000],
    ['slo: { ttft_p95: 20d }', 2_147_483_647],
    ['slo: { error_rate: 1% }', null],
  ])('and gives the first token three times its objective: %s', (words, firstTokenMs) => {
    expect(routeOf(`try: [gpt-4o], ${words}`).timeouts.firstTokenMs).toBe(firstTokenMs);
  });

  it.each([
    ['hold', 'hold'],
    ['{ window: 400ms }', { milliseconds: 400 }],
    ['{ window: 200 }', { characters: 200 }],
  ])('may hold back the beginning of a stream: %s', (written, stream) => {
    expect(routeOf(`try: [gpt-4o], stream: ${written}`).stream).toEqual(stream);
  });

  it('shares the requests of a model that is named as a whole, and of no other', () => {
    expect([...routeOf('try: [gpt-4o, claude-opus]').sharedModels]).toEqual(['gpt-4o']);
    expect([...routeOf('try: [openai/gpt-4o, azure/gpt-4o]').sharedModels]).toEqual([]);
    expect([...routeOf('try: [azure/gpt-4o, gpt-4o]').sharedModels]).toEqual([]);
  });

  it('weighs each deployment of what a weight is given to', () => {
    const { weights } = routeOf('try: [{ model: gpt-4o, weight: 3 }, claude-opus], pick: weighted');
    expect([...weights]).toEqual([
      ['openai/gpt-4o', 3],
      ['azure/gpt-4o', 3],
    ]);
  });
});

describe('the keys of a provider', () => {
  it('are one, or a list in order of preference', () => {
    const { configuration } = load(
      'providers: { openai: { key: [env:KEY_2, env:KEY] }, anthropic: { key: env:KEY } }\nmodels: { a: { at: openai, id: gpt-4o }, b: { at: anthropic } }',
    );
    const keys = (name: string): readonly string[] | undefined =>
      configuration?.deployments.get(name)?.credentials.map((secret) => secret.reveal());
    expect(keys('openai/a')).toEqual(['second', 'first']);
    expect(keys('anthropic/b')).toEqual(['first']);
  });
});

/** The code and message of the one finding, whose place is marked `«so»`. */
function expectFinding(marked: string, code: string, message: RegExp): void {
  const start = marked.indexOf('«');
  const before = marked.slice(0, start).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  const { found } = load(marked.replaceAll(/[«»]/g, ''));
  expect(found.map((each) => [each.code, each.line, each.column, each.endColumn])).toEqual([
    [code, before.length, column, column + marked.indexOf('»') - start - 1],
  ]);
  expect(`${found[0]?.message}; ${found[0]?.help}`).toMatch(message);
}

describe('is refused', () => {
  it.each<readonly [words: string, code: string, message: RegExp]>([
    ['slo: { «ttft_p59»: 800ms }', 'unknown-field', /"ttft_p59" in routes\.r\.slo; did you mean "ttft_p95"\?/],
    ['slo: «{}»', 'missing-field', /slo is empty/],
    ['slo: { ttft_p95: «800» }', 'invalid-duration', /ttft_p95 is not a duration/],
    ['slo: { tokens_per_second: «0» }', 'invalid-value', /above 0/],
    ['slo: { error_rate: «2» }', 'invalid-value', /write 2% or 0\.02/],
    ['slo: { error_rate: «0%» }', 'invalid-value', /between 0% and 100%/],
    ['slo: { valid_rate: «100%» }', 'invalid-value', /between 0% and 100%/],
    ['slo: { cost_per_request: «2 cents» }', 'invalid-value', /write 0\.02 or \$0\.02/],
    ['slo: { cost_per_request: «0» }', 'invalid-value', /above 0/],
    ['pick: «fastets»', 'unknown-value', /did you mean "fastest"\?/],
    ['slo_policy: «fial», slo: { error_rate: 1% }', 'unknown-value', /did you mean "fail"\?/],
    ['retries: «3»', 'invalid-value', /must be 0, 1 or 2/],
    ['retries: «0.5»', 'invalid-value', /must be 0, 1 or 2/],
    ['stream: «{}»', 'missing-field', /write \{ window/],
    ['stream: { window: «0» }', 'invalid-value', /characters/],
    ['stream: { window: «2 s» }', 'invalid-duration', /not a duration/],
    ['stream: { «windw»: 2s }', 'unknown-field', /did you mean "window"\?/],
  ])('%s', (words, code, message) => {
    expectFinding(`${BASE}routes: { r: { try: [gpt-4o, claude-opus], ${words} } }`, code, message);
  });

  it.each<readonly [words: string, code: string, message: RegExp]>([
    ['try: [gpt-4o, { model: claude-opus, «weight»: 2 }]', 'contradiction', /write pick: weighted/],
    ['try: [gpt-4o, { model: claude-opus, weight: «-1» }], pick: weighted', 'invalid-value', /above 0/],
    ['try: [gpt-4o, { model: claude-opus, weight: «1e308» }], pick: weighted', 'invalid-value', /at most 1000000/],
  ])('a weight: %s', (words, code, message) => {
    expectFinding(`${BASE}routes: { r: { ${words} } }`, code, message);
  });

  it.each<readonly [key: string, code: string]>([
    ['«[]»', 'missing-field'],
    ['[env:KEY, «secret-itself»]', 'literal-secret'],
    ['[env:KEY, «env:NONE»]', 'missing-secret'],
    ['[env:KEY, «env:KEY»]', 'duplicate'],
  ])('or warned about, a list of keys: %s', (key, code) => {
    expectFinding(`providers: { openai: { key: ${key} } }\nmodels: { gpt-4o: { at: openai } }`, code, /key/);
  });
});
