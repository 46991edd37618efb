import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import type { ShadowTerms } from '../core/route.ts';
import { createRegistries } from '../gateway.ts';
import { loadConfiguration } from './load.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'candor-shadow-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function read(
  shadow: string,
  models = 'gpt-4o, mini',
): { readonly terms: ShadowTerms | null; readonly said: readonly string[] } {
  const file = join(folder, 'candor.yaml');
  const lines = [
    'providers: { openai: { sim: true } }',
    'models: { gpt-4o: { at: openai }, mini: { at: openai, id: gpt-4o-mini } }',
  ];
  writeFileSync(file, [...lines, `routes: { r: { try: [${models}], shadow: ${shadow} } }`].join('\n'));
  const options = {
    mode: 'dev',
    file,
    environment: {},
    stateDirectory: folder,
    port: 0,
    cwd: folder,
    allowSim: true,
  } as const;
  const loaded = loadConfiguration({ ...options, registries: createRegistries() });
  const diagnostics = loaded.ok ? loaded.warnings : loaded.diagnostics;
  const said = diagnostics.map(({ severity, code, message }) => `${severity} ${code}: ${message}`);
  return { terms: loaded.ok ? (loaded.configuration.routes.get('r')?.shadow ?? null) : null, said };
}

test('a share, a daily budget, and all models of the route unless some are named', () => {
  expect(read('{ sample: 2%, budget: $5/day }').terms).toEqual({
    sample: 0.02,
    budgetNanoUsd: 5e9,
    models: ['gpt-4o', 'mini'],
    at: 'candor.yaml:3',
  });
  const terms = read('{ sample: 100%, budget: $0.05/day, models: [mini] }').terms;
  expect(terms).toMatchObject({ sample: 1, budgetNanoUsd: 5e7, models: ['mini'] });
});

test.each([
  ['{ budget: $5/day }', 'missing-field', /no sample/],
  ['{ sample: 2% }', 'missing-field', /no budget/],
  ['{ sample: 0%, budget: $5/day }', 'invalid-value', /a share/],
  ['{ sample: 101%, budget: $5/day }', 'invalid-value', /a share/],
  ['{ sample: 2%, budget: $5 }', 'invalid-value', /dollars a day/],
  ['{ sample: 2%, budget: $0/day }', 'invalid-value', /dollars a day/],
  ['{ sample: 2%, budget: $5/day, models: [minni] }', 'unknown-model', /"minni"/],
  ['{ sample: 2%, budget: $5/day, models: [mini, mini] }', 'duplicate', /twice/],
  ['{ sample: 2%, budget: $5/day, share: 1 }', 'unknown-field', /"share"/],
])('%s is refused', (shadow, code, message) => {
  const { terms, said } = read(shadow);
  expect(terms).toBeNull();
  expect(said.find((each) => each.startsWith(`error ${code}`))).toMatch(message);
});

test('a route with one model has nobody to ask, and is told so', () => {
  expect(read('{ sample: 2%, budget: $5/day }', 'mini').said).toContain(
    'warning unused-word: routes.r.shadow has nobody to ask: the route has one model',
  );
});
