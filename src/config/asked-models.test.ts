import { expect, test } from 'vitest';

import { createRegistries } from '../gateway.ts';
import type { LoadResult } from './load.ts';
import { loadConfiguration } from './load.ts';

const FACTS = `providers: { openai: { key: env:KEY }, anthropic: { key: env:KEY_2 } }
models:
  gpt-4o: { at: openai, id: gpt-4o-2024-08-06 }
  mini: { at: openai, id: gpt-4o-mini }
  opus: { at: anthropic, id: claude-opus-4-8 }
  haiku: { at: anthropic, id: claude-haiku-4-5-20251001 }
routes:
`;

function load(route: string, rubric = 'Be kind.', facts = FACTS): LoadResult {
  return loadConfiguration({
    mode: 'dev',
    file: 'candor.yaml',
    reader: {
      read: (name) =>
        name.endsWith('rubric.md') ? { text: rubric } : { text: `${facts}  r: { ${route}, stream: hold }` },
    },
    environment: { KEY: 'k', KEY_2: 'k2' },
    registries: createRegistries(),
    cwd: '/',
  });
}

function said(route: string): readonly string[] {
  const loaded = load(route);
  const diagnostics = loaded.ok ? loaded.warnings : loaded.diagnostics;
  return diagnostics
    .filter(({ code }) => code !== 'unreachable-model')
    .map(({ code, message }) => `${code}: ${message}`);
}

function options(route: string): unknown {
  const loaded = load(route);
  return loaded.ok ? loaded.configuration.routes.get('r')?.validators[0]?.options : loaded.diagnostics;
}

test('a rubric may lie in a file, and the judge’s snapshot is part of the check', () => {
  const expected = { model: 'haiku', rubric: 'Be kind.', sample: '5%', snapshots: ['claude-haiku-4-5-20251001'] };
  expect(options('try: [gpt-4o], validate: [{ judge: { model: haiku, rubric: ./rubric.md, sample: 5% } }]')).toEqual(
    expected,
  );
  expect(options('try: [gpt-4o], validate: [{ judge: { model: haiku, rubric: Be kind., sample: 5% } }]')).toEqual(
    expected,
  );
  expect(said('try: [gpt-4o], validate: [{ judge: { model: haiku, rubric: Be kind. } }]')).toEqual([]);
});

test.each([
  ['{ judge: { model: haiku } }', /^invalid-validator: .*`rubric` must say/],
  ['{ judge: { rubric: x } }', /^invalid-validator: .*`model` must name/],
  ['{ judge: { model: haiku, rubric: x, sample: 0 } }', /^invalid-validator: .*`sample` must be a share/],
  ['{ judge: { model: haiku, rubric: x, sample: 101% } }', /^invalid-validator: .*`sample` must be a share/],
  ['{ judge: { model: haiku, rubric: x, prompt: y } }', /^invalid-validator: .*there is no "prompt"/],
  ['judge', /^invalid-validator: .*it takes/],
  ['{ judge: { model: hiku, rubric: x } }', /^unknown-model: .*"hiku", which is not defined/],
  ['{ judge: { model: mini, rubric: x } }', /^contradiction: .*mini is of the family of gpt-4o/],
  ['{ confidence: { min: 0.8, agreement: openai/mini } }', /^contradiction: .*is of the family of gpt-4o/],
  ['{ confidence: { min: 1 } }', /^invalid-validator: .*`min` must be a probability/],
  ['{ confidence: { agreement: opus } }', /^invalid-validator: .*`min` must be a probability/],
  ['{ confidence: { min: 0.8, agreement: oppus } }', /^unknown-model: .*oppus/],
])('refused: %s', (validator, message) => {
  const loaded = load(`try: [gpt-4o], validate: [${validator}]`);
  expect(loaded.ok).toBe(false);
  expect(said(`try: [gpt-4o], validate: [${validator}]`)).toEqual([expect.stringMatching(message)]);
});

test('warns of what may change, of whom it cannot judge, and that nothing is known at first', () => {
  expect(said('try: [gpt-4o], validate: [{ judge: { model: opus, rubric: x } }]')).toEqual([
    'moving-judge: routes.r.validate.judge.model: "claude-opus-4-8" is no pinned snapshot: its vendor may change who judges',
  ]);
  expect(said('try: [gpt-4o, opus], validate: [{ judge: { model: haiku, rubric: x } }]')).toEqual([
    'same-family: routes.r.validate.judge.model: haiku is of the family of opus, whose answers it cannot judge',
  ]);
  expect(said('try: [gpt-4o], validate: [{ confidence: { min: 0.8 } }]')).toEqual([
    expect.stringMatching(
      /^unknown-confidence: .*until enough answers have labels, none has a confidence, and each fails$/,
    ),
  ]);
});

test('a judge is pinned by the same names as a certificate', () => {
  const facts = FACTS.replace('claude-opus-4-8', 'claude-opus-4-20250514-v1:0');
  const loaded = load('try: [gpt-4o], validate: [{ judge: { model: opus, rubric: x } }]', 'x', facts);
  const warnings = loaded.ok ? loaded.warnings.map(({ code }) => code) : loaded.diagnostics;
  expect(warnings).not.toContain('moving-judge');
});

test('a model that only judges is not out of reach', () => {
  const loaded = load('try: [gpt-4o, mini, opus], validate: [{ judge: { model: anthropic/haiku, rubric: x } }]');
  const warnings = loaded.ok ? loaded.warnings.map(({ code }) => code) : [];
  expect(warnings).toEqual(['same-family']);
});
