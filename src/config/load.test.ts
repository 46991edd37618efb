import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Capabilities } from '../core/capabilities.ts';
import { NO_LIMITS } from '../core/model-limits.ts';
import type { JsonValue } from '../core/json.ts';
import { flatPrice } from '../core/price.ts';
import type { Configuration } from '../core/route.ts';
import { loadConfiguration, type LoadOptions, type LoadResult } from './load.ts';
import type { Registries } from './registries.ts';

const CAPABILITIES: Capabilities = {
  protocol: 'openai-chat',
  features: new Set(['tools']),
  emulates: new Set(),
  fitSchema: (schema) => ({ schema, changes: [] }),
  limits: NO_LIMITS,
  reasoning: null,
  hints: {},
  exclusiveHints: [],
  defaultOutputTokens: null,
  source: 'test',
};

const PRICE = flatPrice(
  { input: 2.5, output: 10, cachedInput: 1.25, cacheWrite: null, cacheWriteOneHour: null },
  { asOf: '2026-01-01', source: 'test' },
);

const registries: Registries = {
  providers: new Map(
    ['openai', 'anthropic', 'google', 'vertex', 'deepseek'].map((kind) => [
      kind,
      {
        kind,
        defaultUrl: kind === 'vertex' ? null : `https://api.${kind}.example/v1`,
        capabilities: () => CAPABILITIES,
      },
    ]),
  ),
  validators: new Map([
    [
      'json_schema',
      { id: 'json_schema', checkOptions: (options: JsonValue) => (options === null ? 'it needs a schema' : null) },
    ],
    ['truncation', { id: 'truncation', checkOptions: () => null }],
    ['refusal', { id: 'refusal', checkOptions: () => null }],
  ]),
  price: (_kind, modelId) => (/^(?:sim-)?(?:gpt-4o|claude-opus)/.test(modelId) ? PRICE : null),
};

const SECRET = 'sk-test-0123456789abcdef';
const ENVIRONMENT = { OPENAI_API_KEY: SECRET, EMPTY: ' ', CONTROL: 'a\nb' };

/** A file that loads, for tests of one section to stand in. */
const BASE = `providers: { openai: { key: env:OPENAI_API_KEY }, anthropic: { sim: true } }
models: { gpt-4o: { at: openai }, claude-opus: { at: anthropic } }
`;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'candor-config-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function load(text: string, options: Partial<LoadOptions> = {}): LoadResult {
  writeFileSync(join(folder, 'candor.yaml'), text);
  return loadConfiguration({
    mode: 'dev',
    file: 'candor.yaml',
    environment: ENVIRONMENT,
    registries,
    cwd: folder,
    ...options,
  });
}

function loaded(text: string, options: Partial<LoadOptions> = {}): Configuration {
  const result = load(text, options);
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics, null, 2));
  return result.configuration;
}

/** The one problem of a file whose expected place is marked `«so»`. */
function expectProblem(marked: string, code: string, message: RegExp, options: Partial<LoadOptions> = {}): void {
  const start = marked.indexOf('«');
  const before = marked.slice(0, start).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  const result = load(marked.replaceAll(/[«»]/g, ''), options);
  const found = result.ok ? result.warnings : result.diagnostics;
  const problems = found;
  expect(problems.map(({ code, line, column, endColumn }) => ({ code, line, column, endColumn }))).toEqual([
    { code, line: before.length, column, endColumn: column + marked.indexOf('»') - start - 1 },
  ]);
  expect(problems[0]?.message).toMatch(message);
}

describe('a good file', () => {
  it('fills in every default', () => {
    const configuration = loaded(`${BASE}routes: { extract: { try: [gpt-4o, claude-opus] } }`);
    expect(configuration.server).toEqual({
      host: '127.0.0.1',
      port: 4141,
      hosts: [],
      publicUrl: null,
      store: join(folder, '.candor'),
      adminToken: null,
      health: null,
      workers: 1,
      drain: { graceMs: 0, capMs: 25_000 },
      keepMs: null,
    });
    const route = configuration.routes.get('extract');
    expect(route).toMatchObject({
      fallback: 'degraded',
      stream: 'trail',
      invalid: ['repair', 'next', 'fail'],
      onRefusal: 'deliver',
      strict: false,
    });
    expect(route?.brief.at).toBe('built-in');
    expect(route?.timeouts).toEqual({
      connectMs: 5000,
      firstByteMs: 60_000,
      firstByteUnstreamedMs: 600_000,
      firstTokenMs: null,
      idleMs: 30_000,
      totalMs: 600_000,
      totalStreamMs: 3_600_000,
    });
    expect(configuration.deployments.get('openai/gpt-4o')).toMatchObject({
      kind: 'openai',
      modelId: 'gpt-4o',
      url: 'https://api.openai.example/v1',
      region: null,
      simulated: false,
      price: PRICE,
      at: 'candor.yaml:2',
    });
    expect(configuration.deployments.get('anthropic/claude-opus')).toMatchObject({
      credentials: [],
      simulated: true,
      price: PRICE,
    });
  });

  it('reads everything that is written', () => {
    writeFileSync(join(folder, 'schema.json'), '{"type":"object"}');
    writeFileSync(join(folder, 'brief.md'), 'Instead of {{ asked }}, on {{ route }}.');
    writeFileSync(join(folder, 'key.txt'), 'from-a-file\n');
    const configuration = loaded(`
providers:
  main: { kind: openai, url: "http://localhost:9/v1/", allow_private: true, key: file:./key.txt, region: eu }
  anthropic: { sim: true }
models:
  gpt-4o:
    at: [{ provider: main, id: gpt-4o-2024-08-06 }, anthropic]
    id: own-id
    prompt: { prepend: "Before.", append: "After." }
    params: { max_tokens: 4096 }
    price: { in: 1, out: 2.5, cached: 0.5, as_of: 2026-02-28 }
routes:
  extract:
    try: [anthropic/gpt-4o, { model: gpt-4o }]
    params: { temperature: { min: 0, max: 0.3 }, seed: 7, user: { set: candor }, metadata: { team: a }, strict: true }
    brief: ./brief.md
    validate: [truncation, { json_schema: ./schema.json }]
    invalid: [fail]
    fallback: off
    stream: trail
    on_refusal: fallback
    timeout: { connect: 1s, first_byte: 2s, first_token: 800ms, idle: 1.5s, total: 10m }
  plain: { try: [gpt-4o], params: strict, brief: "Be brief.", validate: [{ json_schema: { type: array } }], timeout: 60s }
server: { listen: "[::1]:4200", hosts: [Gateway.Example], public_url: "https://gateway.example/", admin: { token: env:OPENAI_API_KEY }, store: ./state }
`);
    expect(configuration.deployments.get('main/gpt-4o')).toMatchObject({
      kind: 'openai',
      url: 'http://localhost:9/v1',
      modelId: 'gpt-4o-2024-08-06',
      region: 'eu',
      at: 'candor.yaml:7',
      prompt: { prepend: { text: 'Before.', at: 'candor.yaml:9' }, append: { text: 'After.', at: 'candor.yaml:9' } },
      price: {
        periods: [{ tiers: [{ input: 1, output: 2.5, cachedInput: 0.5 }] }],
        asOf: '2026-02-28',
        source: 'candor.yaml:11',
      },
    });
    expect(configuration.deployments.get('main/gpt-4o')?.credentials[0]?.reveal()).toBe('from-a-file');
    expect(configuration.deployments.get('anthropic/gpt-4o')?.modelId).toBe('own-id');
    const extract = configuration.routes.get('extract');
    expect(extract?.candidates.map((candidate) => candidate.name)).toEqual(['anthropic/gpt-4o', 'main/gpt-4o']);
    expect(Object.fromEntries(extract?.params ?? [])).toEqual({
      temperature: { defaultValue: undefined, min: 0, max: 0.3, set: undefined, at: 'candor.yaml:15' },
      seed: { defaultValue: 7, min: null, max: null, set: undefined, at: 'candor.yaml:15' },
      user: { defaultValue: undefined, min: null, max: null, set: 'candor', at: 'candor.yaml:15' },
      metadata: { defaultValue: { team: 'a' }, min: null, max: null, set: undefined, at: 'candor.yaml:15' },
    });
    expect(extract).toMatchObject({
      strict: true,
      brief: { template: 'Instead of {{ asked }}, on {{ route }}.', at: 'candor.yaml:16' },
      validators: [
        { id: 'truncation', options: null },
        { id: 'json_schema', options: { type: 'object' }, at: 'candor.yaml:17' },
      ],
      invalid: ['fail'],
      fallback: 'off',
      stream: 'trail',
      onRefusal: 'fallback',
      timeouts: {
        connectMs: 1000,
        firstByteMs: 2000,
        firstByteUnstreamedMs: 2000,
        firstTokenMs: 800,
        idleMs: 1500,
        totalMs: 600_000,
        totalStreamMs: 600_000,
      },
    });
    expect(configuration.routes.get('plain')).toMatchObject({
      strict: true,
      stream: 'hold',
      brief: { template: 'Be brief.' },
      validators: [{ options: { type: 'array' } }],
      timeouts: { totalMs: 60_000, totalStreamMs: 60_000, idleMs: 30_000 },
    });
    expect(configuration.server).toMatchObject({
      host: '::1',
      port: 4200,
      hosts: ['gateway.example'],
      publicUrl: 'https://gateway.example',
      store: join(folder, 'state'),
    });
  });

  it('follows anchors', () => {
    const configuration = loaded(`${BASE}routes:
  a: { try: [gpt-4o], timeout: &patience { idle: 5s } }
  b: { try: [gpt-4o], timeout: *patience }`);
    expect(configuration.routes.get('b')?.timeouts.idleMs).toBe(5000);
  });

  it('reads how the process lives', () => {
    const { server } = loaded(
      `${BASE}server: { health: { listen: "[::1]:4242" }, workers: 4, drain: { grace: 0, cap: 1m }, keep: 365d }`,
      { mode: 'serve', allowSim: true },
    );
    expect(server).toMatchObject({
      health: { host: '::1', port: 4242 },
      workers: 4,
      drain: { graceMs: 0, capMs: 60_000 },
      keepMs: 31_536_000_000,
    });
  });

  it('lets the command line win', () => {
    const { server } = loaded(`${BASE}server: { listen: "127.0.0.1:1", store: ./state }`, {
      port: 4200,
      stateDirectory: 'elsewhere',
    });
    expect(server).toMatchObject({ port: 4200, store: join(folder, 'elsewhere') });
  });
});

describe('a word that is not built yet', () => {
  const members: Readonly<Record<string, readonly string[]>> = {
    '': ['data', 'keys'],
    'providers: { openai: { sim: true, WORD } }\nmodels: { gpt-4o: { at: openai } }': [
      'retention',
      'training',
      'agreements',
      'human_review',
      'optional',
    ],
    [`${BASE}routes: { r: { try: [gpt-4o], WORD } }`]: ['data'],
    [`${BASE}server: { WORD }`]: ['alarm_url'],
    [`${BASE}server: { admin: { WORD } }`]: ['listen'],
  };
  const places = Object.entries(members).flatMap(([place, words]) => words.map((word) => [word, place] as const));
  it.each(places)('%s', (word, place) => {
    const marked = place === '' ? `${BASE}«${word}»: {}` : place.replace('WORD', `«${word}»: {}`);
    expectProblem(marked, 'not-built-yet', new RegExp(`^\`${word}\` is not built yet`));
  });

  it.each([['region: «{ value: eu, evidence: doc }»']])('providers.x.%s', (member) => {
    expectProblem(BASE.replace('sim: true', `sim: true, ${member}`), 'not-built-yet', /is not built yet/);
  });
});

describe('an error has its place', () => {
  const route = (members: string): string => `${BASE}routes: { r: { try: [gpt-4o], ${members} } }`;
  const provider = (members: string): string =>
    `providers: { openai: { ${members} } }\nmodels: { gpt-4o: { at: openai } }`;
  const model = (members: string): string => `providers: { openai: { sim: true } }\nmodels: { gpt-4o: { ${members} } }`;
  it.each<readonly [string, string, RegExp]>([
    [`${BASE}«route»: {}`, 'unknown-field', /unknown field "route" in the file/],
    ['«models»: {}\nproviders: { openai: { sim: true } }', 'missing-field', /defines no models/],
    [`${BASE}routes: «[a]»`, 'wrong-type', /map of names/],
    [`${BASE}«models»: {}`, 'duplicate-key', /"models" is there twice/],
    [`${BASE}routes: { r: { try: [gpt-4o] }\n«server»: {}`, 'syntax', /flow map/],
    [provider('key: env:OPENAI_API_KEY, «reegion»: eu'), 'unknown-field', /"reegion" in providers.openai/],
    [provider('key: «{ a: b }»'), 'wrong-type', /key must be text, not a map/],
    [provider('key: «sk-literal-literal»'), 'literal-secret', /holds a secret itself/],
    [provider('key: «env:MISSING_KEY»'), 'missing-secret', /variable MISSING_KEY is not set/],
    [provider('key: «env:EMPTY»'), 'missing-secret', /EMPTY is not set/],
    [provider('key: «env:CONTROL»'), 'invalid-secret', /cannot be sent/],
    [provider('key: «"env:A B"»'), 'invalid-secret', /does not name/],
    [provider('key: «file:/nonexistent/key»'), 'missing-secret', /cannot be read/],
    ['providers: { «openai»: {} }\nmodels: { gpt-4o: { at: openai } }', 'missing-field', /has no key/],
    [
      'providers: { «vertex»: { key: env:OPENAI_API_KEY } }\nmodels: { gemini: { at: vertex } }',
      'missing-field',
      /providers.vertex has no url/,
    ],
    [
      'providers: { «opnai»: { sim: true } }\nmodels: { gpt-4o: { at: opnai } }',
      'unknown-kind',
      /no kind of provider "opnai"/,
    ],
    ['providers: { mine: { kind: «opnai», sim: true } }\nmodels: { gpt-4o: { at: mine } }', 'unknown-kind', /"opnai"/],
    [
      'providers: { openai: { sim: true }, «"a/b"»: {} }\nmodels: { gpt-4o: { at: openai } }',
      'invalid-name',
      /cannot be named/,
    ],
    [provider('key: env:OPENAI_API_KEY, url: «"ftp://a.example"»'), 'invalid-url', /not a base URL/],
    [provider('key: env:OPENAI_API_KEY, url: «"https://u:p@a.example"»'), 'invalid-url', /not a base URL/],
    [provider('key: env:OPENAI_API_KEY, url: «"http://a.example/v1"»'), 'private-url', /plain http/],
    [provider('key: env:OPENAI_API_KEY, url: «"https://10.1.2.3/v1"»'), 'private-url', /private network/],
    [provider('key: env:OPENAI_API_KEY, url: «"https://[::ffff:192.168.0.1]/"»'), 'private-url', /private network/],
    [provider('sim: «yes»'), 'wrong-type', /true or false, not text/],
    [provider('sim: true, region: «"EU West"»'), 'invalid-value', /short word/],
    [model('at: «opnai»'), 'unknown-provider', /names provider "opnai"/],
    [`${BASE}«---»\nserver: {}`, 'syntax', /one document/],
    ['providers: { openai: { sim: true } }\nmodels: { «gpt-4o»: {} }', 'missing-field', /does not say where it runs/],
    [model('at: [openai, «openai»]'), 'duplicate', /twice/],
    [model('at: [«{ id: x }»]'), 'missing-field', /without a provider/],
    [model('at: openai, id: «4»'), 'wrong-type', /must be text, not a number/],
    [model('at: openai, «price»: { in: 1, out: 2 }'), 'missing-field', /no `as_of`/],
    [model('at: openai, price: { in: 1, out: 2, as_of: «2026-02-30» }'), 'invalid-value', /not a date/],
    [model('at: openai, price: { in: «-1», out: 2, as_of: 2026-02-28 }'), 'invalid-value', /at least 0/],
    [model('at: openai, price: { in: «"1"», out: 2, as_of: 2026-02-28 }'), 'wrong-type', /must be a number/],
    [model('at: openai, params: { «strict»: true }'), 'unknown-field', /belongs to a route/],
    [model('at: openai, prompt: { append: «""» }'), 'missing-field', /is empty/],
    [`${BASE}routes: { «gpt-4o»: { try: [gpt-4o] } }`, 'name-conflict', /name of a route and of a model/],
    [`${BASE}routes: { «auto»: { try: [gpt-4o] } }`, 'invalid-name', /meaning of its own/],
    [`${BASE}routes: { «r»: {} }`, 'missing-field', /names no model/],
    [`${BASE}routes: { r: { try: «[]» } }`, 'missing-field', /is empty/],
    [`${BASE}routes: { r: { try: «gpt-4o» } }`, 'wrong-type', /must be a list/],
    [`${BASE}routes: { r: { try: [«claud-opus»] } }`, 'unknown-model', /names model "claud-opus"/],
    [`${BASE}routes: { r: { try: [«anthropic/gpt-4o»] } }`, 'unknown-model', /"anthropic\/gpt-4o"/],
    [route('params: { «temprature»: 1 }'), 'unknown-field', /unknown parameter "temprature"/],
    [route('params: { «__proto__»: 1 }'), 'unknown-field', /unknown parameter/],
    [route('params: { temperature: «hot» }'), 'wrong-type', /must be a number/],
    [route('params: { temperature: «{ min: 1, max: 0 }» }'), 'invalid-value', /min is greater/],
    [route('params: { temperature: «{}» }'), 'missing-field', /says nothing/],
    [route('params: { temperature: { max: 1, «set»: 0 } }'), 'invalid-value', /nothing for min and max/],
    [route('params: { reasoning_effort: { «max»: 1 } }'), 'unknown-field', /"max"/],
    [route('params: { seed: «9007199254740993» }'), 'invalid-value', /more digits than can be kept/],
    [route('params: { strict: «false» }'), 'unknown-value', /only be true/],
    [route('params: «loose»'), 'wrong-type', /must be a map/],
    [route('fallback: «degrade»'), 'unknown-value', /cannot be "degrade"/],
    [route('stream: «[hold]»'), 'wrong-type', /must be hold or trail/],
    [route('on_refusal: «retry»'), 'unknown-value', /cannot be "retry"/],
    [route('invalid: [fail, «next»]'), 'invalid-value', /nothing can follow/],
    [route('invalid: [next, «next»]'), 'duplicate', /twice/],
    [route('invalid: [next, «repair»]'), 'invalid-value', /comes first/],
    [route('timeout: «60»'), 'invalid-duration', /not a duration/],
    [route('timeout: { idle: «0s» }'), 'invalid-duration', /not a duration/],
    [route('timeout: { «first_tokn»: 1s }'), 'unknown-field', /"first_tokn"/],
    [route('validate: [«truncatoin»]'), 'unknown-value', /no validator "truncatoin"/],
    [route('validate: [«json_schema»]'), 'invalid-validator', /needs a schema/],
    [route('validate: [{ json_schema: «./none.json» }]'), 'unreadable-file', /none.json does not exist/],
    [route('validate: [truncation, «truncation»]'), 'duplicate', /twice/],
    [route('validate: [«{ truncation: 1, refusal: 2 }»]'), 'wrong-type', /takes names/],
    [route('brief: «./none.md»'), 'unreadable-file', /none.md does not exist/],
    [route('brief: «"{{ ruote }}"»'), 'invalid-brief', /does not render: there is no `ruote`/],
    [route('brief: «"{% if %}"»'), 'invalid-brief', /does not render/],
    [route('brief: «"{% include \'/etc/hostname\' %}"»'), 'invalid-brief', /does not render/],
    [`${BASE}server: { listen: «"4141"» }`, 'invalid-value', /not an address/],
    [`${BASE}server: { listen: «"127.0.0.1:70000"» }`, 'invalid-value', /not an address/],
    [`${BASE}server: { listen: «"0.0.0.0:4141"» }`, 'non-loopback-listen', /this machine only/],
    [`${BASE}server: { hosts: [«"a:1"»] }`, 'invalid-value', /host names/],
    [`${BASE}server: { public_url: «gateway.example» }`, 'invalid-url', /not a base URL/],
    [`${BASE}server: { admin: { token: «literal» } }`, 'literal-secret', /admin.token holds/],
    [`${BASE}server: { «health»: {} }`, 'missing-field', /does not say where/],
    [`${BASE}server: { health: { listen: «"4142"» } }`, 'invalid-value', /not an address/],
    [`${BASE}server: { health: { listen: «"0.0.0.0:4142"» } }`, 'non-loopback-listen', /this machine only/],
    [`${BASE}server: { workers: «2» }`, 'unused-word', /runs in one process/],
    [`${BASE}server: { workers: «0» }`, 'invalid-value', /at least 1/],
    [`${BASE}server: { workers: «1.5» }`, 'invalid-value', /whole number/],
    [`${BASE}server: { workers: «257» }`, 'invalid-value', /whole number/],
    [`${BASE}server: { drain: { grace: «soon» } }`, 'invalid-duration', /drain.grace is not a duration/],
    [`${BASE}server: { drain: { «wait»: 1s } }`, 'unknown-field', /unknown field "wait"/],
    [`${BASE}server: { keep: «30» }`, 'invalid-duration', /keep is not a duration/],
    [`${BASE}routes: { r: { try: [gpt-4o], brief: «"\\uD800"» } }`, 'invalid-text', /surrogate/],
  ])('%s', (marked, code, message) => {
    expectProblem(marked, code, message);
  });

  it('in serve, for what only serve refuses', () => {
    expectProblem(
      'providers: { openai: { «sim»: true } }\nmodels: { gpt-4o: { at: openai } }',
      'simulated-provider',
      /refuses/,
      { mode: 'serve' },
    );
    const listen =
      'providers: { openai: { key: env:OPENAI_API_KEY } }\nmodels: { gpt-4o: { at: openai } }\nserver: { listen: «"[::]:1"» }';
    expectProblem(listen, 'non-loopback-listen', /needs `keys`, which are not built yet/, { mode: 'serve' });
  });

  it('and all of them are reported, in the order of the file', () => {
    const result = load(
      'routes: { r: { try: [x], slo: {} } }\nproviders: { openai: { sim: 1 } }\nmodels: { m: { at: nobody } }',
    );
    expect(result.ok ? [] : result.diagnostics.map(({ line, code }) => [line, code])).toEqual([
      [1, 'unknown-model'],
      [1, 'missing-field'],
      [2, 'wrong-type'],
      [3, 'unknown-provider'],
    ]);
  });

  it('stops at documents made to explode', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let depth = 1; depth < 9; depth++)
      lines.push(
        `a${depth}: &a${depth} [${Array(10)
          .fill(`*a${depth - 1}`)
          .join(', ')}]`,
      );
    const result = load(lines.join('\n'));
    expect(result.ok ? [] : result.diagnostics.map(({ code }) => code)).toEqual(['too-complex']);
    const deep = load(`a: ${'['.repeat(5000)}${']'.repeat(5000)}`);
    expect(deep.ok ? [] : deep.diagnostics.map(({ code }) => code)).toEqual(['too-complex']);
    const cycle = load('a: &a [*a]');
    expect(cycle.ok).toBe(false);
  });

  it('finds an empty file empty', () => {
    for (const text of ['', '# nothing yet\n', '---\n']) {
      const result = load(text);
      expect(result).toMatchObject({
        ok: false,
        diagnostics: [{ code: 'missing-field', message: 'the file is empty', line: 1 }],
      });
    }
  });

  it('reads no file as other characters than it has', () => {
    writeFileSync(join(folder, 'brief.md'), Buffer.from('d\u00e9j\u00e0 vu', 'latin1'));
    expect(load(`${BASE}routes: { r: { try: [gpt-4o], brief: ./brief.md } }`)).toMatchObject({
      ok: false,
      diagnostics: [{ code: 'unreadable-file', message: expect.stringMatching(/brief.md is not text in UTF-8$/) }],
    });
  });

  it('names a file that is not there', () => {
    const result = load(BASE, { file: 'other.yaml' });
    expect(result).toMatchObject({
      ok: false,
      diagnostics: [{ code: 'unreadable-file', message: 'other.yaml does not exist', sourceLine: null }],
    });
  });
});

describe('a warning has its place', () => {
  const two =
    'providers: { openai: { key: env:OPENAI_API_KEY } }\nmodels: { gpt-4o: { at: openai }, gpt-4o-mini: { at: openai } }\n';
  it.each<readonly [string, string, RegExp]>([
    [`${two}routes: { r: { try: [gpt-4o, «gpt-4o»] }, s: { try: [gpt-4o-mini] } }`, 'duplicate', /asked once/],
    [
      `${two}routes: { r: { try: [gpt-4o, gpt-4o-mini], «fallback»: degraded } }`,
      'uncertified-fallback',
      /without evidence/,
    ],
    [
      'providers: { openai: { key: env:OPENAI_API_KEY } }\nmodels: { «gpt-9»: { at: openai } }',
      'unknown-price',
      /costs will be null/,
    ],
  ])('%s', (marked, code, message) => {
    expectProblem(marked, code, message, { mode: 'serve' });
  });

  it('for a fallback under serve that nobody has measured; by default it must have earned its place', () => {
    const codes = (text: string): readonly string[] => {
      const result = load(text, { mode: 'serve' });
      return result.ok ? result.warnings.map(({ code }) => code) : ['failed'];
    };
    const route = (more: string): string => `${two}routes: { r: { try: [gpt-4o, gpt-4o-mini]${more} } }`;
    expect(codes(route(''))).toEqual([]);
    expect(loaded(route(''), { mode: 'serve' }).routes.get('r')?.fallback).toBe('certified');
    expect(codes(route(', fallback: degraded'))).toEqual(['uncertified-fallback']);
    expect(codes(route(', fallback: off'))).toEqual([]);
  });

  it('for a simulated provider that serve is allowed to have', () => {
    const text = 'providers: { openai: { «sim»: true } }\nmodels: { gpt-4o: { at: openai } }';
    expectProblem(text, 'simulated-provider', /not a vendor's/, { mode: 'serve', allowSim: true });
  });

  it('for a key that a simulated provider does not need, which is not even read', () => {
    expectProblem(
      'providers: { openai: { sim: true, «key»: env:MISSING_KEY } }\nmodels: { gpt-4o: { at: openai } }',
      'unused-word',
      /not used/,
    );
  });
});

describe('secrets', () => {
  it('are in the configuration, and nowhere to be read from it', () => {
    const result = load(`${BASE}server: { admin: { token: env:OPENAI_API_KEY } }`);
    if (!result.ok) throw new Error('does not load');
    const { configuration } = result;
    expect(configuration.deployments.get('openai/gpt-4o')?.credentials[0]?.reveal()).toBe(SECRET);
    expect(result.secretVariables).toEqual(['OPENAI_API_KEY']);
    const printed = [
      JSON.stringify(configuration),
      JSON.stringify([...configuration.deployments.values()]),
      inspect(configuration, { depth: 9 }),
      JSON.stringify(result.warnings),
    ];
    expect(printed.join('\n')).not.toContain(SECRET);
    expect(printed[1]).toContain('[secret:');
  });

  it.each([
    [`providers: { openai: { key: ${SECRET}, urll: x } }\nmodels: { gpt-4o: { at: openai } }`],
    [`providers: { openai: { key: "${SECRET}", urll: x } }\nmodels: { gpt-4o: { at: openai } }`],
    [`providers: { openai: { key: [env:OPENAI_API_KEY, ${SECRET}] } }\nmodels: { gpt-4o: { at: openai } }`],
    [`providers: { openai: { key: [ ${SECRET}, env:A`],
    [`providers:\n  openai:\n    key:\n      - ${SECRET}\n    urll: x\nmodels: { gpt-4o: { at: openai } }`],
    [`providers:\n  openai:\n    key: >\n      ${SECRET}\n      more\n    urll: x\nmodels: { gpt-4o: { at: openai } }`],
    [`providers: { openai: { "key": '${SECRET}, urll: x } }\n`],
    [
      `providers: { openai: { url: "https://user:${SECRET}@a.example", sim: true } }\nmodels: { gpt-4o: { at: openai } }`,
    ],
    [`providers: { openai: { sim: true }, ${SECRET}: {} }\nmodels: { gpt-4o: { at: openai } }`],
    [`${BASE}server: { admin: { token: ${SECRET} } }`],
  ])('are not in the diagnostics of %s', (text) => {
    const result = load(text);
    expect(result.ok).toBe(false);
    expect(JSON.stringify(result)).not.toContain(SECRET);
  });
});

describe('the hash', () => {
  const text = `${BASE}routes: { r: { try: [gpt-4o], timeout: 5s } }`;
  const hash = (source: string, options: Partial<LoadOptions> = {}): string => loaded(source, options).hash;

  it('is twelve hexadecimal digits and the same for the same decisions', () => {
    expect(hash(text)).toMatch(/^[0-9a-f]{12}$/);
    expect(hash(`# a comment moves every line\n\n${text}`)).toBe(hash(text));
    expect(hash(text, { environment: { OPENAI_API_KEY: 'another' } })).toBe(hash(text));
    expect(hash(text, { port: 1, stateDirectory: 'x' })).toBe(hash(text));
    const [providers, models, routes] = text.split('\n');
    expect(hash([routes, models, providers].join('\n'))).toBe(hash(text));
  });

  it.each([
    ['5s', '6s'],
    ['[gpt-4o]', '[claude-opus]'],
    ['timeout', 'brief: off, timeout'],
    ['timeout', 'params: { seed: 1 }, timeout'],
    ['timeout', 'params: strict, timeout'],
    ['timeout', 'pick: cheapest, timeout'],
    ['timeout', 'slo: { error_rate: 2% }, timeout'],
    ['timeout', 'slo_policy: fail, timeout'],
    ['timeout', 'retries: 1, timeout'],
    ['timeout', 'stream: { window: 200 }, timeout'],
    ['[gpt-4o]', '[{ model: gpt-4o, weight: 2 }], pick: weighted'],
    ['timeout', 'validate: [truncation], stream: trail, timeout'],
    ['{ at: openai }', '{ at: openai, id: gpt-4o-mini }'],
    ['{ at: openai }', '{ at: openai, prompt: { append: x } }'],
    ['{ at: openai }', '{ at: openai, price: { in: 1, out: 1, as_of: 2026-01-01 } }'],
    ['env:OPENAI_API_KEY', 'env:OPENAI_API_KEY, region: eu'],
  ])('changes when %s becomes %s', (from, to) => {
    expect(hash(text.replace(from, to))).not.toBe(hash(text));
  });
});

describe('the built-in configuration', () => {
  it('has eight simulated models, four routes and nothing to warn about', () => {
    const result = loadConfiguration({ mode: 'dev', file: null, environment: {}, registries, cwd: folder });
    if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
    const { configuration, warnings, simulated } = result;
    expect(warnings).toEqual([]);
    expect(configuration.origin).toBe('built-in');
    const routes = [...configuration.routes.values()].map((route) => [
      route.name,
      route.candidates.map((candidate) => candidate.model),
    ]);
    expect(Object.fromEntries(routes)).toEqual({
      extract: ['gpt-4o', 'claude-opus', 'deepseek-chat'],
      summarize: ['gemini-flash', 'gpt-4o-mini'],
      create: ['claude-opus'],
      legal: ['gpt-4o', 'claude-opus', 'gemini-flash'],
    });
    expect([...configuration.deployments.values()].every((deployment) => deployment.simulated)).toBe(true);
    expect(configuration.routes.get('legal')?.params.get('temperature')).toMatchObject({
      max: 0.3,
      at: expect.stringMatching(/^built-in:\d+$/),
    });
    expect(Object.fromEntries(simulated)).toEqual({
      openai: { kind: 'openai', models: { 'gpt-4o': 'gpt-4o', 'gpt-4o-mini': 'gpt-4o-mini' } },
      anthropic: {
        kind: 'anthropic',
        models: { 'claude-opus-4-8': 'claude-opus', 'claude-haiku-4-5': 'claude-haiku' },
      },
      google: { kind: 'google', models: { 'gemini-2.5-flash': 'gemini-flash', 'gemini-2.5-pro': 'gemini-pro' } },
      deepseek: {
        kind: 'deepseek',
        models: { 'deepseek-chat': 'deepseek-chat', 'deepseek-reasoner': 'deepseek-reasoner' },
      },
    });
  });
});

describe('the result', () => {
  it('cannot be changed', () => {
    const configuration = loaded(`${BASE}routes: { r: { try: [gpt-4o], params: { metadata: { a: 1 } } } }`);
    const mutable = configuration as unknown as {
      hash: string;
      routes: Map<string, unknown>;
      server: { hosts: string[] };
    };
    expect(() => (mutable.hash = 'x')).toThrow(TypeError);
    expect(() => mutable.routes.set('x', 1)).toThrow(/frozen/);
    expect(() => mutable.routes.clear()).toThrow(/frozen/);
    expect(() => mutable.server.hosts.push('x')).toThrow(TypeError);
    const metadata = configuration.routes.get('r')?.params.get('metadata')?.defaultValue as Record<string, unknown>;
    expect(() => (metadata['a'] = 2)).toThrow(TypeError);
    expect(Object.isFrozen(CAPABILITIES)).toBe(false);
  });
});
