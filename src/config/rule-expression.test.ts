import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { RuleFacts } from '../core/rule.ts';
import { LARGEST_FACTS } from './rule-cost.ts';
import { compileRule, type RuleExpression } from './rule-expression.ts';

const FACTS: RuleFacts = {
  tags: { team: 'a', contract: 'yes' },
  metadata: { tier: 'gold' },
  tokens: 4100,
  tools: ['search', 'read_file'],
  schema: false,
  stream: true,
  dialect: 'openai-chat',
  data: ['public'],
  prompt: 'Please read this Contract.',
  language: 'en',
};

function accepted(text: string): RuleExpression {
  const compiled = compileRule(text);
  if ('problem' in compiled) throw new Error(`${text}: ${compiled.problem.message}`);
  return compiled.expression;
}

function problemOf(text: string): string | null {
  const compiled = compileRule(text);
  return 'problem' in compiled ? compiled.problem.message : null;
}

describe('a rule', () => {
  it.each<readonly [text: string, matches: boolean]>([
    ['"contract" in tags', true],
    ['tags.team == "b"', false],
    ['has(tags.user) && tags.user == "x"', false],
    ['metadata.tier == "gold" && tokens > 4000', true],
    ['tokens > 4000.5', true],
    ['"search" in tools', true],
    ['size(tools) == 2 && tools.all(t, t != "")', true],
    ['tools.exists_one(t, t.endsWith("file"))', true],
    ['tools.filter(t, t.contains("_")).size() == 1', true],
    ['tools.map(t, t.upperAscii()) == ["SEARCH", "READ_FILE"]', true],
    ['!schema && stream', true],
    ['schema ? tokens < 5 : dialect == "openai-chat"', true],
    ['"public" in data', true],
    ['prompt.lowerAscii().contains("contract")', true],
    ['re2(prompt, "(?i)\\\\bcontract\\\\b")', true],
    ['re2(prompt, "contract")', false],
    ['language in ["de", "fr"]', false],
    ['int("41") == 41 && string(tokens) == "4100"', true],
    ['"constructor" in tags || "__proto__" in metadata', false],
    // What cannot be told on one side does not matter when the other decides.
    ['tags.user == "x" || true', true],
  ])('%s', (text, matches) => {
    expect(accepted(text).matches(FACTS)).toBe(matches);
  });

  it.each<readonly [text: string, why: RegExp]>([
    ['tags.user == "x"', /^no such key at `user`$/],
    ['tools[7] == "a"', /^index out of bounds at `tools\[7\]`$/],
    ['tokens / (tokens - 4100) == 1', /^division by zero at `tokens \/ \(tokens - 4100`$/],
    ['int(prompt) == 1', /^int conversion error at `int\(prompt\)`$/],
    // The prompt may be anybody's business: it is in no message.
    ['tags[prompt] == "a"', /^no such key at `tags\[prompt\]`$/],
    ['bool(prompt)', /^bool conversion error at `bool\(prompt\)`$/],
  ])('fails when there is no answer: %s', (text, why) => {
    expect(() => accepted(text).matches(FACTS)).toThrow(why);
  });

  it('says whether it reads the language', () => {
    expect(accepted('language == "de"').readsLanguage).toBe(true);
    expect(accepted('"language" in tags').readsLanguage).toBe(false);
  });
});

describe('what a rule may read is bounded', () => {
  const many = Array.from({ length: 65 }, (_, index) => `tool_${index}`);
  it('of the prompt it reads the beginning', () => {
    const at = (place: number): boolean =>
      accepted('prompt.contains("needle")').matches({ ...FACTS, prompt: `${'x'.repeat(place)}needle` });
    expect([at(LARGEST_FACTS.promptCharacters - 6), at(LARGEST_FACTS.promptCharacters - 5)]).toEqual([true, false]);
  });

  it.each<readonly [text: string, facts: Partial<RuleFacts>, why: RegExp]>([
    ['!("secret" in tools)', { tools: many }, /`tools` has more than 64 entries/],
    ['tools.all(t, t != "x")', { tools: ['x'.repeat(513)] }, /`tools` has a text of more than 512 characters/],
    ['!has(metadata.a)', { metadata: { b: 'x'.repeat(513) } }, /`metadata` has a text/],
    ['!("a" in tags)', { tags: Object.fromEntries(many.map((name) => [name, '1'])) }, /`tags` has more than 64/],
  ])('and a list that is larger makes it fail instead of being read in part: %s', (text, facts, why) => {
    expect(() => accepted(text).matches({ ...FACTS, ...facts })).toThrow(why);
    expect(accepted('stream').matches({ ...FACTS, ...facts })).toBe(true);
  });
});

const nestedThrice = 'tools.exists(a, tools.exists(b, tools.exists(c, a == b + c)))';

describe('is refused', () => {
  it.each<readonly [text: string, why: RegExp]>([
    ['x'.repeat(2001), /at most 2000 characters/],
    [`[${Array(201).fill('1').join(',')}].size() > 3`, /exceeded maxAstNodes/],
    [`${'('.repeat(900)}true${')'.repeat(900)}`, /maxDepth/],
    [`${'['.repeat(30)}1${']'.repeat(30)} == []`, /maxDepth/],
    [nestedThrice, /could take \d+ steps, of which 150000 are allowed/],
    ['re2(prompt, "(a|b){200}c")', /could take \d+ steps/],
    [`prompt.contains(prompt)`, /could take \d+ steps/],
    ['cel.bind(x, prompt + prompt, x == prompt)', /no function `bind` for rules/],
    ['timestamp("2026-01-01T00:00:00Z") == timestamp("x")', /no function `timestamp`/],
    ['re2(prompt)', /no matching overload/],
    ['"a" + 1 == "a1"', /no such overload/],
  ])('%s', (text, why) => {
    expect(problemOf(text)).toMatch(why);
  });
});

/** Expressions of every shape, right and wrong ones. */
const { expression } = fc.letrec<{ expression: string; text: string; number: string; list: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('true', 'stream', 'schema', 'has(tags.a)', '"a" in metadata'),
    fc.tuple(tie('expression'), fc.constantFrom('&&', '||', '=='), tie('expression')).map((parts) => parts.join(' ')),
    tie('expression').map((inner) => `!(${inner})`),
    fc.tuple(tie('text'), fc.constantFrom('==', '<', 'in'), tie('text')).map((parts) => parts.join(' ')),
    fc.tuple(tie('number'), fc.constantFrom('==', '<', '>='), tie('number')).map((parts) => parts.join(' ')),
    fc
      .tuple(tie('text'), fc.constantFrom('contains', 'startsWith', 'endsWith'), tie('text'))
      .map(([a, name, b]) => `(${a}).${name}(${b})`),
    fc
      .tuple(tie('list'), fc.constantFrom('all', 'exists', 'exists_one'), tie('expression'))
      .map(([list, name, body]) => `${list}.${name}(x, x != "a" || ${body})`),
    fc
      .tuple(tie('text'), fc.constantFrom('(?i)a+', '[ab]*a[ab]{9}c', '^$', '('))
      .map(([subject, pattern]) => `re2(${subject}, "${pattern}")`),
  ),
  text: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('prompt', 'language', 'dialect', 'tags.a', 'metadata["b"]', 'tools[0]', '"a"', '""', 'x'),
    fc.tuple(tie('text'), tie('text')).map(([a, b]) => `${a} + ${b}`),
    tie('text').map((inner) => `(${inner}).lowerAscii().trim()`),
    tie('number').map((inner) => `string(${inner})`),
  ),
  number: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('tokens', '0', '9223372036854775807', '1.5', 'size(tools)', 'size(tags)'),
    fc.tuple(tie('number'), fc.constantFrom('+', '-', '*', '/', '%'), tie('number')).map((parts) => parts.join(' ')),
    tie('text').map((inner) => `int(${inner})`),
  ),
  list: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('tools', 'data', '["a", "b"]', '[]', 'tags', 'metadata'),
    fc.tuple(tie('list'), tie('list')).map(([a, b]) => `(${a} + ${b})`),
    fc.tuple(tie('list'), tie('expression')).map(([list, body]) => `${list}.filter(x, ${body})`),
    fc.tuple(tie('list'), tie('text')).map(([list, body]) => `${list}.map(x, ${body})`),
  ),
}));

const words = fc.dictionary(fc.constantFrom('a', 'b', '__proto__', 'constructor'), fc.string({ maxLength: 600 }));
const factsArbitrary: fc.Arbitrary<RuleFacts> = fc.record({
  tags: words,
  metadata: words,
  tokens: fc.oneof(fc.nat(), fc.constant(Number.MAX_SAFE_INTEGER)),
  tools: fc.array(fc.string(), { maxLength: 80 }),
  schema: fc.boolean(),
  stream: fc.boolean(),
  dialect: fc.constant('openai-chat'),
  data: fc.constant(['public']),
  prompt: fc.string({ unit: 'binary', maxLength: 9000 }),
  language: fc.constantFrom('en', 'und'),
});

it(
  'an expression is refused with a place in it, or answers true or false or with an Error',
  { timeout: 60_000 },
  () => {
    let kept = 0;
    fc.assert(
      fc.property(expression, fc.array(factsArbitrary, { minLength: 3, maxLength: 3 }), (text, manyFacts) => {
        const compiled = compileRule(text);
        if ('problem' in compiled) {
          const { start, end, message } = compiled.problem;
          expect(message).not.toBe('');
          expect(0 <= start && start < end && end <= Math.max(1, text.length)).toBe(true);
          return;
        }
        kept += 1;
        for (const facts of manyFacts) {
          try {
            expect([true, false]).toContain(compiled.expression.matches(facts));
          } catch (error) {
            expect((error as Error).message).not.toBe('');
          }
        }
      }),
      { numRuns: 400, seed: 20_261_122 },
    );
    expect(kept).toBeGreaterThan(100);
  },
);

describe('the dearest rules that are accepted', () => {
  let seed = 20_261_122;
  const bit = (): number => {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    return seed & 1;
  };
  const letters = Array.from({ length: 8192 }, () => 'ab'[bit()]).join('');
  const largest: RuleFacts = {
    ...FACTS,
    tags: Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`tag${index}`.padEnd(64, 'x'), 'y'.repeat(64)])),
    metadata: Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`${index}`, 'a'.repeat(512)])),
    tools: Array.from({ length: 64 }, (_, index) => `${'a'.repeat(500)}${index}`),
    data: Array.from({ length: 64 }, (_, index) => `${'a'.repeat(500)}${index}`),
    prompt: letters,
  };
  /** The same part again and again, up to the last time that is accepted. */
  const most = (build: (times: number) => string): string => {
    let times = 1;
    while (times < 200 && problemOf(build(times + 1)) === null) times += 1;
    return build(times);
  };
  const or = (part: string, times: number): string => Array(times).fill(part).join(' || ');
  it.each<readonly [what: string, text: string]>([
    ['lists within lists', most((times) => `tools.exists(a, tools.exists(b, ${or('a == b + "x"', times)}))`)],
    [
      'long lists within lists',
      most((times) => `(${Array(times).fill('tools').join(' + ')}).exists(a, data.exists(b, a == b + "x"))`),
    ],
    ['a pattern with many states', most((times) => `re2(prompt, "[ab]*a[ab]{${times}}[c-e]")`)],
    ['many patterns', most((times) => or('re2(prompt, "[ab]*a[ab]{9}[c-e]")', times))],
    ['patterns over a list', most((times) => `tools.exists(t, re2(t, "(a|aa){${times}}[b-d]"))`)],
    ['long texts looked for', most((times) => `prompt.contains("${'a'.repeat(8 * times)}b")`)],
    ['texts that grow', most((times) => `(${Array(times).fill('prompt').join(' + ')}).lowerAscii().trim() == prompt`)],
    ['lists that grow', most((times) => `tools.map(a, tools.map(b, a + b))${' + []'.repeat(times)} == []`)],
  ])('take less than 20 ms: %s', (_what, text) => {
    const rule = accepted(text);
    const times = Array.from({ length: 25 }, (_, turn) => {
      // Another text each time, so that nothing is known of it.
      const facts = { ...largest, prompt: letters.slice(97 * turn) + letters.slice(0, 97 * turn) };
      const startedMs = performance.now();
      try {
        rule.matches(facts);
      } catch {
        // A rule that has no answer has looked for one just as long.
      }
      return performance.now() - startedMs;
    });
    // The others are the machine's business.
    expect(Math.min(...times)).toBeLessThan(20);
  });
});
