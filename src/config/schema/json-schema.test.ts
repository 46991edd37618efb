import { readFileSync } from 'node:fs';

import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { configArbitrary } from '../../../test/support/config-arbitrary.ts';
import { schemaText } from '../../cli/config/config-schema.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { isJsonObject } from '../../core/json.ts';
import { createRegistries } from '../../gateway.ts';
import { PLACES } from '../grammar.ts';
import type { ConfigNames } from './json-schema.ts';
import { loadConfiguration } from '../load.ts';
import { PARAMETERS } from '../params.ts';

const registries = createRegistries();

function checker(names: ConfigNames | null = null): (config: JsonValue) => boolean {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false });
  addFormats.default(ajv);
  const validate = ajv.compile(JSON.parse(schemaText(registries, names)) as object);
  return (config) => validate(config);
}

const accepts = checker();

function loads(config: JsonObject): boolean {
  const result = loadConfiguration({
    mode: 'dev',
    file: 'candor.yaml',
    reader: { read: (name) => ({ text: name.endsWith('.md') ? 'Be brief.' : JSON.stringify(config) }) },
    environment: { OPENAI_API_KEY: 'x' },
    registries,
    cwd: '/',
  });
  return result.ok;
}

/** Every map of the config that stands at one of the grammar's places, by the place. */
function placesOf(config: JsonObject): readonly (readonly [string, JsonObject])[] {
  const found: (readonly [string, JsonObject])[] = [];
  const walk = (value: JsonValue, steps: readonly string[]): void => {
    if (Array.isArray(value)) for (const item of value as readonly JsonValue[]) walk(item, [...steps, '*']);
    if (!isJsonObject(value)) return;
    const place = Object.keys(PLACES).find((pattern) => {
      const wanted = pattern === '' ? [] : pattern.split('.');
      return wanted.length === steps.length && wanted.every((step, at) => step === '*' || step === steps[at]);
    });
    // A map there is the client's own, whatever its words.
    const isFree = steps.at(-2) === 'params' && PARAMETERS[steps.at(-1) ?? ''] === 'json';
    if (place !== undefined && !isFree) found.push([place, value]);
    for (const [key, member] of Object.entries(value)) walk(member ?? null, [...steps, key]);
  };
  walk(config, []);
  return found;
}

/** The config with one more word in the map given. */
function withWord(config: JsonObject, map: JsonObject, word: string): JsonObject {
  const copy = (value: JsonValue): JsonValue => {
    if (Array.isArray(value)) return (value as readonly JsonValue[]).map(copy);
    if (!isJsonObject(value)) return value;
    const members = Object.entries(value).map(([key, member]) => [key, copy(member ?? null)] as const);
    return Object.fromEntries(value === map ? [...members, [word, 'x']] : members);
  };
  return copy(config) as JsonObject;
}

describe('the JSON Schema and the loader agree', () => {
  it('on every config that loads, with every word at every place', { timeout: 60_000 }, () => {
    const seen = new Map<string, Set<string>>();
    fc.assert(
      fc.property(configArbitrary, (config) => {
        expect(loads(config)).toBe(true);
        expect(accepts(config)).toBe(true);
        for (const [place, map] of placesOf(config)) {
          for (const word of Object.keys(map)) seen.set(place, (seen.get(place) ?? new Set()).add(word));
        }
      }),
      { numRuns: 250, seed: 20_261_122 },
    );
    for (const [place, { built }] of Object.entries(PLACES)) {
      expect([...(seen.get(place) ?? [])], place).toEqual(expect.arrayContaining([...built]));
    }
  });

  it('on what is unknown or not built yet, wherever it stands', { timeout: 60_000 }, () => {
    const words = fc.constantFrom('x-unknown', ...Object.values(PLACES).flatMap(({ notBuilt }) => [...notBuilt]));
    fc.assert(
      fc.property(configArbitrary, words, fc.nat(), (config, word, pick) => {
        const places = placesOf(config).filter(([place]) => !PLACES[place]?.built.includes(word));
        const [, map] = places[pick % places.length] ?? ['', config];
        const wrong = withWord(config, map, word);
        expect(loads(wrong)).toBe(false);
        expect(accepts(wrong)).toBe(false);
      }),
      { numRuns: 200, seed: 20_261_122 },
    );
  });

  // A schema may have members that this version does not know.
  const validators = [...registries.validators.keys()].filter((id) => id !== 'json_schema');

  it.each(validators)('on an option that %s does not have', (id) => {
    const routes = { r: { try: ['a'], validate: [{ [id]: { x_unknown: 1 } }], stream: 'hold' } };
    const config = { providers: { openai: { sim: true } }, models: { a: { at: 'openai' } }, routes };
    expect([loads(config), accepts(config)]).toEqual([false, false]);
  });

  it.each<JsonValue>([
    { citations: 'flag' },
    { numbers: 'strict' },
    { numbers: { mode: 'flag', entities: false, allow_computed: true } },
    { numbers: {} },
  ])('on the options %j', (validator) => {
    const routes = { r: { try: ['a'], validate: [validator], stream: 'hold' } };
    const config = { providers: { openai: { sim: true } }, models: { a: { at: 'openai' } }, routes };
    expect([loads(config), accepts(config)]).toEqual([true, true]);
  });

  it.each<JsonObject>([
    { providers: { openai: {} }, models: { a: { at: 'openai' } } },
    { providers: { mine: { sim: true } }, models: { a: { at: 'mine' } } },
    { providers: { openai: { sim: true } }, models: { a: {} } },
    { providers: { openai: { sim: true } }, models: { auto: { at: 'openai' } } },
    { providers: { openai: { sim: true } } },
    { providers: { openai: { key: 'sk-0123456789' } }, models: { a: { at: 'openai' } } },
    { providers: { openai: { sim: true } }, models: { a: { at: 'openai' } }, routes: { r: { try: [] } } },
    {
      providers: { openai: { sim: true } },
      models: { a: { at: 'openai' } },
      routes: { r: { try: ['a'], timeout: 5 } },
    },
    { providers: { openai: { sim: true } }, models: { a: { at: 'openai', params: { seed: 1.5 } } } },
    { providers: { openai: { sim: true } }, models: { a: { at: 'openai', params: { user: { max: 1 } } } } },
    { providers: { openai: { sim: true } }, models: { a: { at: 'openai', params: { strict: true } } } },
    { providers: { openai: { sim: true } }, models: { a: { at: 'openai' } }, server: { workers: 0 } },
    { providers: { openai: { sim: true } }, models: { a: { at: 'openai', price: { in: 1, out: 2 } } } },
  ])('on a mistake: %j', (config) => {
    expect([loads(config), accepts(config)]).toEqual([false, false]);
  });
});

it('knows the names of a config, when there is one', () => {
  const knows = checker({ providers: ['openai'], models: ['m'], routes: ['r'], deployments: ['openai/m'] });
  const config = (at: string, candidate: string): JsonObject => ({
    providers: { openai: { sim: true } },
    models: { m: { at } },
    routes: { r: { try: [candidate] } },
  });
  const verdicts = [config('openai', 'm'), config('openai', 'openai/m'), config('opanai', 'm'), config('openai', 'n')];
  expect(verdicts.map(knows)).toEqual([true, true, false, false]);
});

it('describes every word, for editors to show', () => {
  const undescribed: string[] = [];
  const walk = (value: JsonValue | undefined, path: string): void => {
    if (!isJsonObject(value)) return;
    for (const [key, member] of Object.entries(value)) walk(member, `${path}/${key}`);
    const { properties } = value;
    if (!isJsonObject(properties)) return;
    for (const [word, schema] of Object.entries(properties)) {
      const target = isJsonObject(schema) && typeof schema['$ref'] === 'string' ? definition(schema['$ref']) : {};
      const hasText = isJsonObject(schema) && 'description' in { ...target, ...schema };
      if (!hasText && !isJsonObject(value['required'])) undescribed.push(`${path}/${word}`);
    }
  };
  const schema = JSON.parse(schemaText(registries, null)) as JsonObject;
  const definition = (reference: string): JsonObject =>
    (schema['$defs'] as Readonly<Record<string, JsonObject>>)[reference.replace('#/$defs/', '')] ?? {};
  walk(schema, '');
  expect(undescribed.filter((path) => !/\/(?:min|max|set|sim)$/.test(path))).toEqual([]);
});

it('is shipped as it is now', () => {
  const shipped = readFileSync(new URL('../../../candor.schema.json', import.meta.url), 'utf8');
  expect(shipped, 'run `npm run docs:schema`').toBe(schemaText(registries, null));
});
