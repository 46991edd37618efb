import { describe, expect, it } from 'vitest';

import { createRegistries } from '../../gateway.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { loadConfiguration } from '../load.ts';

const registries = createRegistries();
const NOW = Date.parse('2026-11-20T12:00:00Z');

function warnings(text: string): readonly Diagnostic[] {
  const result = loadConfiguration({
    mode: 'dev',
    file: 'candor.yaml',
    reader: { read: () => ({ text }) },
    environment: { KEY: 'k', KEY_2: 'k' },
    registries,
    cwd: '/',
    wallTime: () => NOW,
  });
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics, null, 2));
  return result.warnings;
}

const BASE = `providers: { openai: { key: env:KEY }, anthropic: { key: env:KEY_2 } }
models: { gpt-4o: { at: openai }, claude-opus: { at: anthropic, id: claude-opus-4-8 } }
`;
const BOTH = 'b: { try: [gpt-4o, claude-opus] }';

/** The one warning of a file whose expected place is marked `«so»`. */
function expectWarning(marked: string, code: string, message: RegExp): void {
  const start = marked.indexOf('«');
  const before = marked.slice(0, start).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  const found = warnings(marked.replaceAll(/[«»]/g, ''));
  expect(found.map((each) => [each.code, each.line, each.column, each.endColumn])).toEqual([
    [code, before.length, column, column + marked.indexOf('»') - start - 1],
  ]);
  expect(found[0]?.message).toMatch(message);
}

describe('what is allowed and hardly meant', () => {
  it.each<readonly [string, string, RegExp]>([
    [
      `${BASE.replace('claude-opus:', '«claude-opus»:')}routes: { r: { try: [gpt-4o] } }`,
      'unreachable-model',
      /only a request for "claude-opus" itself reaches it/,
    ],
    [
      'providers: { openai: { key: env:KEY }, «anthropic»: { key: env:KEY_2 } }\nmodels: { gpt-4o: { at: openai } }',
      'unused-provider',
      /no model runs at providers\.anthropic/,
    ],
    [BASE.replace('env:KEY_2', '«env:KEY»'), 'shared-key', /uses the key of providers\.openai/],
    [
      BASE.replace('at: openai', 'at: openai, price: { in: 1, out: 2, as_of: «2026-10-20» }'),
      'old-price',
      /models\.gpt-4o\.price is 31 days old/,
    ],
    [
      `${BASE}routes: { r: { try: [gpt-4o, claude-opus], validate: [refusal], stream: «trail» } }`,
      'late-check',
      /before it is checked/,
    ],
    [
      `${BASE}routes: { r: { try: [gpt-4o, claude-opus], on_refusal: fallback, stream: «trail» } }`,
      'held-stream',
      /held although it says trail/,
    ],
    [`${BASE}routes: { ${BOTH}, r: { try: [gpt-4o], «brief»: Be kind. } }`, 'unused-word', /has one model/],
    [`${BASE}routes: { ${BOTH}, r: { try: [gpt-4o], «fallback»: degraded } }`, 'unused-word', /has one model/],
    [`${BASE}routes: { ${BOTH}, r: { try: [gpt-4o], «on_refusal»: fallback } }`, 'unused-word', /has one model/],
    [
      `${BASE}routes: { r: { try: [gpt-4o, claude-opus], timeout: { first_token: «90s», total: 60s } } }`,
      'dead-timer',
      /first_token never runs out: total is not longer/,
    ],
    [`${BASE}routes: { r: { try: [gpt-4o, claude-opus], timeout: { idle: «1h» } } }`, 'dead-timer', /idle/],
    [
      `${BASE}routes: { r: { try: [gpt-4o, claude-opus], timeout: { first_byte: «60s», total: 60s } } }`,
      'dead-timer',
      /first_byte/,
    ],
    [
      `${BASE}routes: { r: { try: [gpt-4o, claude-opus], timeout: { connect: «9s», first_byte: 8s } } }`,
      'dead-timer',
      /connect never runs out: first_byte/,
    ],
    [
      `${BASE.replace('at: openai', 'at: openai, params: { temperature: { max: 0.3 } }')}routes: { r: { try: [gpt-4o, claude-opus], params: { «temperature»: 0.9 } } }`,
      'contradiction',
      /temperature is 0\.9, which models\.gpt-4o caps at most 0\.3/,
    ],
    [
      `${BASE.replace('at: openai', 'at: openai, params: { seed: { set: 7 } }')}routes: { r: { try: [gpt-4o, claude-opus], params: { «seed»: { max: 5 } } } }`,
      'contradiction',
      /caps at most 5, but models\.gpt-4o makes it 7/,
    ],
    [
      `${BASE.replace('at: openai', 'at: openai, params: { max_tokens: { max: 100 } }')}routes: { r: { try: [gpt-4o, claude-opus], params: { «max_tokens»: { min: 200 } } } }`,
      'contradiction',
      /both cannot hold/,
    ],
    [
      `${BASE}routes: { ${BOTH}, r: { try: [gpt-4o], «slo»: { ttft_p95: 2s } } }`,
      'idle-objective',
      /nobody to go to, and answers are only marked/,
    ],
    [
      `${BASE}routes: { ${BOTH}, r: { try: [gpt-4o], «slo»: { ttft_p95: 2s }, slo_policy: fail } }`,
      'idle-objective',
      /requests are refused/,
    ],
    [
      `${BASE}routes: { r: { try: [gpt-4o, claude-opus], fallback: off, «slo»: { ttft_p95: 2s } } }`,
      'idle-objective',
      /no other model is asked/,
    ],
    [
      `${BASE}routes: { r: { try: [gpt-4o, claude-opus], slo: { «valid_rate»: 95% } } }`,
      'idle-objective',
      /validates nothing/,
    ],
    [`${BASE}routes: { r: { try: [gpt-4o, claude-opus], «slo_policy»: fail } }`, 'unused-word', /has no slo/],
    [
      `${BASE}routes: { ${BOTH}, r: { try: [{ model: gpt-4o, weight: 2 }], «pick»: weighted } }`,
      'unused-word',
      /one candidate/,
    ],
    [
      `${BASE}routes: { r: { try: [gpt-4o, claude-opus], validate: [refusal], stream: «{ window: 200 }» } }`,
      'late-check',
      /before it is checked/,
    ],
    [BASE.replace('env:KEY_2', '[«env:KEY»]'), 'shared-key', /uses the key of providers\.openai/],
  ])('is warned about: %s', expectWarning);

  it.each([
    ['«pick»: cheapest', /no price is known for openai\/gpt-4o, so `pick` cannot judge them/],
    ['slo: { «cost_per_request»: 0.02 }', /so `cost_per_request` cannot judge them/],
  ])('is warned about where a price is unknown: %s', (words, message) => {
    const text = `${BASE.replace('at: openai', 'at: openai, id: not-priced')}routes: { r: { try: [gpt-4o, claude-opus], ${words} } }`;
    const place = text.split('\n')[2]?.indexOf('«') ?? -1;
    const found = warnings(text.replaceAll(/[«»]/g, '')).filter(({ line }) => line === 3);
    expect(found.map(({ code, column }) => [code, column])).toEqual([['unknown-price', place + 1]]);
    expect(found[0]?.message).toMatch(message);
  });

  it.each([
    BASE,
    `${BASE}routes: { ${BOTH} }`,
    BASE.replace('{ key: env:KEY_2 }', '{ sim: true }'),
    BASE.replace('anthropic: { key: env:KEY_2 }', 'anthropic: { kind: openai, key: env:KEY }').replace(
      'id: claude-opus-4-8',
      'id: gpt-4o',
    ),
    BASE.replace('at: openai', 'at: openai, price: { in: 1, out: 2, as_of: 2026-10-21 }'),
    `${BASE}routes: { r: { try: [gpt-4o, claude-opus], validate: [refusal], stream: hold } }`,
    `${BASE}routes: { r: { try: [gpt-4o, claude-opus], validate: [refusal] } }`,
    `${BASE}routes: { r: { try: [gpt-4o, claude-opus], on_refusal: fallback } }`,
    `${BASE}routes: { ${BOTH}, r: { try: [gpt-4o], brief: off, fallback: off, on_refusal: deliver } }`,
    `${BASE}routes: { r: { try: [gpt-4o, claude-opus], timeout: { first_token: 59s, total: 60s, idle: 59s } } }`,
    `${BASE}routes: { r: { try: [gpt-4o, claude-opus], timeout: 2s } }`,
    `${BASE}routes: { r: { try: [gpt-4o, claude-opus], pick: cheapest, slo: { ttft_p95: 2s, cost_per_request: 1 }, slo_policy: fail } }`,
    `${BASE}routes: { r: { try: [gpt-4o, claude-opus], pick: fastest, fallback: off, slo: { ttft_p95: 2s } } }`,
    `${BASE}routes: { r: { try: [gpt-4o, claude-opus], validate: [refusal], slo: { valid_rate: 95% } } }`,
    `${BASE}routes: { ${BOTH} }\nrules: [{ when: stream, route: b }, { route: b }]`,
    `${BASE.replace('at: openai', 'at: openai, params: { temperature: { max: 0.9 } }')}routes: { r: { try: [gpt-4o, claude-opus], params: { temperature: 0.9 } } }`,
  ])('and nothing else: %s', (text) => {
    expect(warnings(text)).toEqual([]);
  });
});
