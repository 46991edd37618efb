import fc from 'fast-check';

import type { JsonObject, JsonValue } from '../../src/core/json.ts';
import { PARAMETERS, type ParameterType } from '../../src/config/params.ts';

/**
 * Configs of the grammar as the file holds them, with every word that is built. They load: their providers are
 * simulated, or have the key `env:OPENAI_API_KEY`.
 */

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,6}$/);
const text = fc.oneof(
  fc.constantFrom('plain text', "it's quoted", 'a "word"', 'colon: and # hash', '{braces}', 'off', '12', 'two\nlines'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).map((value) => `.${value}`),
);
const duration = fc
  .tuple(fc.integer({ min: 1, max: 20 }), fc.constantFrom('ms', 's', 'm', 'h'))
  .map(([amount, unit]) => `${amount}${unit}`);
const amount = fc.integer({ min: 0, max: 9999 }).map((value) => value / 100);

const values: Readonly<Record<ParameterType, fc.Arbitrary<JsonValue>>> = {
  number: amount,
  count: fc.integer({ min: 1, max: 9000 }),
  text: fc.constantFrom('low', 'high', 'a user'),
  flag: fc.boolean(),
  json: fc.constantFrom<JsonValue>(['END'], { note: 'x' }, 'stop', { set: [1, 'two'] }),
};

const param = fc
  .constantFrom(...Object.entries(PARAMETERS))
  .chain(([word, type]): fc.Arbitrary<[string, JsonValue]> => {
    const value = values[type];
    const bounds = fc.tuple(amount, amount).map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) }));
    const rules: fc.Arbitrary<JsonValue>[] = [value, value.map((set): JsonValue => ({ set }))];
    if (type === 'number' || type === 'count') rules.push(bounds, fc.record({ max: amount }));
    return fc.oneof(...rules).map((rule) => [word, rule]);
  });
const params = fc.array(param, { maxLength: 3 }).map((entries): JsonObject => Object.fromEntries(entries));
const routeParams = fc.oneof(
  params,
  fc.constant('strict'),
  params.map((rules) => ({ ...rules, strict: true })),
);

const provider = fc.oneof(
  optional({ kind: fc.constantFrom('openai', 'anthropic', 'google', 'deepseek'), sim: fc.constant(true) }, [
    'kind',
    'sim',
  ]),
  optional(
    {
      kind: fc.constantFrom('openai', 'anthropic', 'google', 'deepseek'),
      url: fc.constantFrom('https://eu.api.example/v1', 'http://127.0.0.1:8080/v1'),
      allow_private: fc.constant(true),
      key: fc.constantFrom<JsonValue>('env:OPENAI_API_KEY', ['env:OPENAI_API_KEY']),
      region: fc.constantFrom('eu', 'us-east-1', 'unknown'),
      sim: fc.constant(false),
    },
    ['kind', 'key', 'allow_private'],
  ),
);

const price = optional({ in: amount, out: amount, cached: amount, as_of: fc.constant('2026-11-01') }, [
  'in',
  'out',
  'as_of',
]);

function model(providers: readonly string[]): fc.Arbitrary<JsonObject> {
  const place = fc.constantFrom(...providers);
  const places = fc
    .uniqueArray(place, { minLength: 1, maxLength: 3 })
    .chain((some) =>
      fc.tuple(
        ...some.map((one) => fc.constantFrom<JsonValue>(one, { provider: one }, { provider: one, id: 'an-id' })),
      ),
    );
  return optional(
    {
      at: fc.oneof<fc.Arbitrary<JsonValue>[]>(place, places),
      id: fc.constantFrom('gpt-4o', 'own-model'),
      prompt: optional({ prepend: text, append: text, documents: fc.constantFrom('xml', 'markdown') }),
      params,
      price,
    },
    ['at'],
  );
}

const steps = fc.constantFrom<JsonValue>(
  ['next'],
  ['fail'],
  ['next', 'fail'],
  ['repair', 'fail'],
  ['repair', 'next', 'fail'],
);
const checks = fc.uniqueArray(
  fc.constantFrom<JsonValue>(
    'truncation',
    { refusal: 'soft' },
    { json_schema: { type: 'object', required: ['total'] } },
    { tool_arguments: { echo: { derived: ['query'] }, calls: { min: 1, max: 3 } } },
    { language: ['de', 'fr'] },
    { degeneration: true },
    { regex: { must: '^INV', must_not: ['(?i)todo'] } },
    { assert: ['output.total > 0', { that: 'size(output.lines) > 0', because: 'it has no lines' }] },
    { pii: { kinds: ['iban', 'card'], echoed: 'fail' } },
  ),
  { minLength: 1, selector: (check) => JSON.stringify(check) },
);
const timers = optional({
  connect: duration,
  first_byte: duration,
  first_token: duration,
  idle: duration,
  total: duration,
});

const objectives = fc.record(
  {
    ttft_p95: duration,
    tokens_per_second: fc.integer({ min: 1, max: 90 }),
    error_rate: fc.constantFrom<JsonValue>('2%', 0.02, '0.5 %'),
    valid_rate: fc.constantFrom<JsonValue>('95%', 0.9),
    cost_per_request: fc.constantFrom<JsonValue>('$0.02', 0.05, 1),
  },
  { requiredKeys: ['error_rate'] },
);

/** `pick` and `try` go together: weights are for `weighted` alone. */
function choices(candidate: fc.Arbitrary<string>): fc.Arbitrary<JsonObject> {
  const plain = fc.oneof<fc.Arbitrary<JsonValue>[]>(
    candidate,
    candidate.map((one) => ({ model: one })),
  );
  const weighted = fc.tuple(candidate, fc.integer({ min: 1, max: 9 })).map(([model, weight]) => ({ model, weight }));
  const list = (entry: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonValue> =>
    fc.array(entry, { minLength: 1, maxLength: 3 });
  return fc.oneof(
    optional({ try: list(plain), pick: fc.constantFrom('ordered', 'fastest', 'cheapest') }, ['try']),
    optional({ try: list(fc.oneof(plain, weighted)), pick: fc.constant('weighted') }, ['try', 'pick']),
  );
}

const when = fc.constantFrom(
  '"contract" in tags',
  'tokens > 4000 && !stream',
  'tools.exists(t, t.startsWith("search"))',
  'metadata["team"] == "a"',
  'language == "de" || re2(prompt, "(?i)vertrag")',
);

function rules(routes: readonly string[]): fc.Arbitrary<JsonValue> {
  const rule = optional({ when, route: fc.constantFrom(...routes) }, ['route']);
  return fc.array(rule, { minLength: 1, maxLength: 3 });
}

const shadow = fc.option(
  fc.record(
    {
      sample: fc.constantFrom<JsonValue>('2%', 0.5, '100%'),
      budget: fc.constantFrom('$5/day', '$0.50/day'),
      models: fc.constant(null),
    },
    { requiredKeys: ['sample', 'budget'] },
  ),
);

/** It can name models of `try` only. */
function shadowing({ try: tried }: JsonObject, asked: JsonObject | null): JsonObject {
  if (asked === null) return {};
  const [first] = tried as readonly (string | { readonly model: string })[];
  const word = typeof first === 'object' ? first.model : (first ?? '');
  const models = [word.slice(word.indexOf('/') + 1)];
  return { shadow: { ...asked, ...('models' in asked ? { models } : {}) } };
}

function route(models: readonly string[], deployments: readonly string[]): fc.Arbitrary<JsonObject> {
  const candidate = fc.constantFrom(...models, ...deployments);
  const others = optional({
    slo: objectives,
    slo_policy: fc.constantFrom('best_effort', 'fail'),
    retries: fc.constantFrom(0, 1, 2),
    params: routeParams,
    prompts: fc.constantFrom('./prompts/task.md', './prompts/task.{model}.md'),
    brief: fc.constantFrom('default', 'off', 'Be brief, {{ asked }} is away.'),
    validate: checks,
    invalid: steps,
    fallback: fc.constantFrom('degraded', 'off'),
    stream: fc.constantFrom<JsonValue>('hold', 'trail', { window: '400ms' }, { window: 200 }),
    mid_system: fc.constantFrom('refuse', 'hoist'),
    on_refusal: fc.constantFrom('deliver', 'fallback'),
    on_abstain: fc.constantFrom('fail', 'flag'),
    accept: fc.constantFrom<JsonObject>({ risk: '5%' }, { risk: 0.05, delta: '10%' }),
    timeout: fc.oneof(duration, timers),
  });
  return fc
    .tuple(choices(candidate), others, shadow)
    .map(([chosen, more, asked]) => ({ ...chosen, ...more, ...shadowing(chosen, asked) }));
}

const server = optional({
  listen: fc.constantFrom('127.0.0.1:4141', '[::1]:80', 'localhost:0'),
  hosts: fc.constantFrom(['a.example'], ['a.example', 'b.example']),
  public_url: fc.constant('https://candor.example/base'),
  admin: optional({ token: fc.constant('env:OPENAI_API_KEY') }),
  health: fc.constant({ listen: '127.0.0.1:4142' }),
  store: fc.constantFrom('./.candor', '/var/lib/candor'),
  keep: fc.constant('30d'),
  workers: fc.integer({ min: 1, max: 256 }),
  drain: optional({ grace: fc.oneof(duration, fc.constant(0)), cap: duration }),
});

/** A record in which every word but the `required` ones may be missing. */
function optional(
  words: Readonly<Record<string, fc.Arbitrary<JsonValue>>>,
  required: readonly string[] = [],
): fc.Arbitrary<JsonObject> {
  return fc.record(words, { requiredKeys: [...required] });
}

function dictionary(names: readonly string[], member: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> {
  return fc
    .tuple(...names.map(() => member))
    .map((all) => Object.fromEntries(all.map((each, index) => [names[index], each])));
}

/** A config that loads. */
export const configArbitrary: fc.Arbitrary<JsonObject> = fc
  .tuple(
    fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
    fc.uniqueArray(
      name.map((each) => `m-${each}`),
      { minLength: 1, maxLength: 3 },
    ),
    fc.uniqueArray(
      name.map((each) => `r-${each}`),
      { maxLength: 3 },
    ),
  )
  .chain(([providerNames, modelNames, routeNames]) =>
    fc
      .tuple(dictionary(providerNames, provider), dictionary(modelNames, model(providerNames)))
      .chain(([providers, models]) => {
        const routes = dictionary(routeNames, route(modelNames, deploymentsOf(models)));
        const sections = { providers: fc.constant(providers), models: fc.constant(models), routes, server };
        return routeNames.length === 0
          ? fc.record(sections, { requiredKeys: ['providers', 'models'] })
          : fc.record({ ...sections, rules: rules(routeNames) }, { requiredKeys: ['providers', 'models', 'routes'] });
      }),
  );

function deploymentsOf(models: JsonObject): readonly string[] {
  return Object.entries(models).flatMap(([model, entry]) => {
    const { at } = entry as { readonly at: string | readonly (string | { readonly provider: string })[] };
    const places =
      typeof at === 'string' ? [at] : at.map((place) => (typeof place === 'string' ? place : place.provider));
    return places.map((place) => `${place}/${model}`);
  });
}
