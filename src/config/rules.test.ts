import { describe, expect, it } from 'vitest';

import type { Configuration } from '../core/route.ts';
import type { RuleFacts } from '../core/rule.ts';
import { createRegistries } from '../gateway.ts';
import type { Diagnostic } from './diagnostic.ts';
import { loadConfiguration } from './load.ts';

const registries = createRegistries();
const BASE = `providers: { openai: { sim: true } }
models: { gpt-4o: { at: openai } }
routes: { legal: { try: [gpt-4o] }, other: { try: [gpt-4o] } }
`;
const FACTS: RuleFacts = {
  tags: { contract: 'yes' },
  metadata: {},
  tokens: 4100,
  tools: ['search'],
  schema: false,
  stream: true,
  dialect: 'openai-chat',
  data: ['public'],
  prompt: 'Please read this contract.',
  language: 'en',
};

function load(text: string): { readonly configuration: Configuration | null; readonly found: readonly Diagnostic[] } {
  const result = loadConfiguration({
    mode: 'dev',
    file: 'candor.yaml',
    reader: { read: () => ({ text }) },
    environment: {},
    registries,
    cwd: '/',
  });
  return result.ok
    ? { configuration: result.configuration, found: result.warnings }
    : { configuration: null, found: result.diagnostics };
}

it('are read in their order, each with its line', () => {
  const { configuration, found } = load(
    `${BASE}rules:\n  - { when: '"contract" in tags', route: legal }\n  - { when: language == "de", route: legal }\n  - { route: other }\n`,
  );
  expect(found).toEqual([]);
  expect(configuration?.rules).toEqual([
    expect.objectContaining({ when: '"contract" in tags', route: 'legal', at: 'candor.yaml:5', readsLanguage: false }),
    expect.objectContaining({ when: 'language == "de"', route: 'legal', at: 'candor.yaml:6', readsLanguage: true }),
    expect.objectContaining({ when: null, route: 'other', at: 'candor.yaml:7' }),
  ]);
  expect(configuration?.rules.map((rule) => rule.evaluate(FACTS).matched)).toEqual([true, false, true]);
});

it('one that cannot be evaluated does not match, and says where it stands', () => {
  const { configuration } = load(`${BASE}rules: [{ when: 'tags.team == "a"', route: legal }, { route: other }]`);
  expect(configuration?.rules[0]?.evaluate(FACTS)).toEqual({
    matched: false,
    problem: 'the rule at candor.yaml:4 could not be evaluated: no such key at `team`',
  });
});

it('are part of the hash', () => {
  const hash = (rules: string): string | undefined => load(`${BASE}${rules}`).configuration?.hash;
  const hashes = [
    '',
    'rules: [{ route: legal }]',
    'rules: [{ route: other }]',
    'rules: [{ when: stream, route: legal }, { route: other }]',
    'rules: [{ when: schema, route: legal }, { route: other }]',
    'rules: [{ route: other }, { when: stream, route: legal }]',
  ].map(hash);
  expect(new Set(hashes).size).toBe(hashes.length);
  expect(hashes).not.toContain(undefined);
});

/** The one finding of a file whose expected place is marked `«so»`. */
function expectFinding(marked: string, code: string, told: RegExp): void {
  const start = marked.indexOf('«');
  const before = marked.slice(0, start).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  const { found } = load(marked.replaceAll(/[«»]/g, ''));
  expect(found.map((each) => [each.code, each.line, each.column, each.endColumn])).toEqual([
    [code, before.length, column, column + marked.indexOf('»') - start - 1],
  ]);
  expect(`${found[0]?.message}; ${found[0]?.help}`).toMatch(told);
}

describe('are refused with the place in the expression', () => {
  it.each<readonly [when: string, told: RegExp]>([
    [`'«tasg».team == "a"'`, /there is no fact `tasg`; did you mean "tags"\?/],
    [`"true && «tsk»"`, /there is no fact `tsk`; there are tags, metadata/],
    [`'stream && «tokens > "a"»'`, /no such overload: int > string/],
    [`'«tokens»'`, /a rule is true or false; this one is of type int/],
    [`'«prompt.matches("a")»'`, /`matches` can take for ever; write re2\(prompt, "pattern"\)/],
    [`'tools.exists(t, «t.matches("(a+)+$")»)'`, /`matches`/],
    [`'re2(prompt, «tags.pattern»)'`, /must be written out/],
    [`'re2(prompt, «"(a"»)'`, /missing closing \)/],
    [`'re2(prompt, «"(?=a)b"»)'`, /cannot be checked in linear time/],
    [`'«prompt.split(" ")».size() > 3'`, /no function `split` for rules/],
    [`'«prompt.startWith("a")»'`, /did you mean "startsWith"\?/],
    [`'tokens >« »'`, /unexpected token/],
  ])('%s', (when, told) => {
    expectFinding(`${BASE}rules:\n  - route: legal\n    when: ${when}\n`, 'invalid-rule', told);
  });

  it('also where it is written over several lines, or with escapes', () => {
    expectFinding(
      `${BASE}rules:\n  - route: legal\n    when: >-\n      stream &&\n      «tsk»\n`,
      'invalid-rule',
      /tsk/,
    );
    expectFinding(`${BASE}rules: [{ route: legal, when: "\\"a\\" in «tasg»" }]`, 'invalid-rule', /tasg/);
  });

  it.each<readonly [rules: string, code: string, told: RegExp]>([
    ['[{ route: «legl» }]', 'unknown-route', /did you mean "legal"\?/],
    ['[«{ when: stream }»]', 'missing-field', /write route: <name>/],
    ['[{ «wehn»: stream, route: legal }]', 'unknown-field', /did you mean "when"\?/],
    ['«{ route: legal }»', 'wrong-type', /must be a list/],
    ['«[]»', 'missing-field', /rules is empty/],
  ])('%s', (rules, code, told) => {
    expectFinding(`${BASE}rules: ${rules}`, code, told);
  });
});

describe('are warned about', () => {
  it.each<readonly [rules: string, code: string, told: RegExp]>([
    ['rules: [{ route: legal }, «{ when: stream, route: other }»]', 'unreachable-rule', /the one at candor\.yaml:4/],
    ['rules: [{ when: "true", route: legal }, «{ route: other }»]', 'unreachable-rule', /the one at candor\.yaml:4/],
    ['«rules»: [{ when: stream, route: legal }]', 'no-catch-all', /answered 400/],
  ])('%s', (rules, code, told) => {
    expectFinding(BASE + rules, code, told);
  });
});

it('a route or a model cannot be named auto', () => {
  expectFinding(BASE.replace('legal:', '«auto»:'), 'invalid-name', /the word has a meaning of its own/);
  expectFinding(
    'providers: { openai: { sim: true } }\nmodels: { «auto»: { at: openai } }',
    'invalid-name',
    /a meaning/,
  );
});
