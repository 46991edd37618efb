import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { beforeEach, describe, expect, it } from 'vitest';

import { createRegistries } from '../gateway.ts';
import { keptHookModules } from './hook-modules.ts';
import { loadConfigFile, loadSentConfiguration } from './load-file.ts';
import { loadConfiguration, type LoadedConfiguration, type LoadOptions, type LoadResult } from './load.ts';
import { snapshotOf, snapshotReader } from './snapshot/snapshot.ts';
import { configurationDiff } from './snapshot/configuration-diff.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'candor-hooks-'));
  mkdirSync(join(folder, 'hooks'));
  return () => rmSync(folder, { recursive: true });
});

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

const FACTS = 'providers: { openai: { sim: true } }\nmodels: { m: { at: openai } }\n';
const route = (...hooks: readonly string[]): string =>
  `${FACTS}routes: { r: { try: [m], validate: [${hooks.map((hook) => `{ hook: ${hook} }`).join(', ')}] } }\n`;
const CHECKS =
  "import { year } from './year.ts';\nexport const has_year = (answer, ctx) => (year.test(answer.text) ? ctx.ok() : ctx.invalid('no year'));\nexport const other = 1;\n";
const MODULE = `import { greeting } from './hooks/greeting.ts';
export default {
  providers: { openai: { sim: true } },
  models: { m: { at: 'openai' }, n: { at: 'openai' } },
  routes: { r: { try: ['m'], validate: [{ hook: 'short' }] } },
  hooks: {
    prompt: {
      m: (prompt) => prompt.append(greeting),
    },
    validate: { short: (answer, ctx) => (answer.text.length < 9 ? ctx.ok() : ctx.invalid('long')) },
  },
};
`;

function writeModule(greeting: string, text = MODULE): void {
  write('hooks/greeting.ts', `export const greeting: string = '${greeting}';\n`);
  write('candor.config.ts', text);
}

function options(file: string): LoadOptions & { readonly file: string } {
  return { mode: 'dev', file, environment: {}, registries: createRegistries(), cwd: folder };
}

async function load(file: string): Promise<LoadedConfiguration> {
  return loaded(await loadConfigFile(options(file)));
}

function loaded(result: LoadResult): LoadedConfiguration {
  if (result.ok) return result;
  throw new Error(result.diagnostics.map(({ message }) => message).join('\n'));
}

async function errors(file: string): Promise<readonly { readonly message: string; readonly line: number }[]> {
  const result = await loadConfigFile(options(file));
  return result.ok ? [] : result.diagnostics.filter(({ severity }) => severity === 'error');
}

/** What the prompt hook of model `m` appends. */
async function appended({ configuration }: LoadedConfiguration): Promise<unknown> {
  const given: string[] = [];
  const draft = { append: (text: string) => given.push(text) };
  await configuration.hooks.prompt.get('m')?.run(draft as never, {} as never);
  return given[0];
}

describe('functions of a YAML config', () => {
  it('are found in their file, once for each name', async () => {
    write('hooks/year.ts', 'export const year: RegExp = /\\d{4}/;\n');
    write('hooks/checks.ts', CHECKS);
    write('candor.yaml', route('./hooks/checks.ts#has_year'));
    const { configuration, moduleTexts, texts } = await load('candor.yaml');
    const hook = configuration.hooks.validate.get('./hooks/checks.ts#has_year');
    expect(hook?.at).toBe('hooks/checks.ts#has_year');
    expect([...moduleTexts.keys()]).toEqual(['hooks/checks.ts', 'hooks/year.ts']);
    expect([...texts.keys()]).toEqual(['candor.yaml']);
  });

  it.each([
    ['./hooks/checks.ts#has_yeer', 'exports no function "has_yeer": it has has_year'],
    ['./hooks/checks.ts#other', 'exports no function "other": it has has_year'],
    ['./hooks/none.ts#has_year', 'hooks/none.ts does not exist'],
    ['./hooks/broken.ts#a', 'hooks/broken.ts cannot be evaluated: not today (line 2)'],
    ['has_year', '"has_year" names no function'],
    ['./checks.yaml#has_year', 'names no function'],
  ])('are refused where there is none: %s', async (hook, message) => {
    write('hooks/year.ts', 'export const year = /\\d{4}/;\n');
    write('hooks/checks.ts', CHECKS);
    write('hooks/broken.ts', "const reason = 'not today';\nthrow new Error(reason);\n");
    write('candor.yaml', route(hook));
    const found = await errors('candor.yaml');
    expect(found).toMatchObject([{ line: 3, message: expect.stringContaining(message) }]);
  });

  it('are not there for whoever only reads', () => {
    write('candor.yaml', route('./hooks/checks.ts#has_year'));
    const result = loadConfiguration(options('candor.yaml'));
    expect(result.ok ? [] : result.diagnostics).toMatchObject([
      { message: 'routes.r.validate.hook: functions are evaluated by `loadConfigFile` only' },
    ]);
  });

  it('cannot stand in it', async () => {
    write('candor.yaml', `${FACTS}hooks: { task: x }\n`);
    expect(await errors('candor.yaml')).toMatchObject([{ help: expect.stringContaining('./file.ts#export'), line: 3 }]);
  });
});

describe('functions of a config module', () => {
  it('are told by their places', async () => {
    writeModule('Hi.');
    const { configuration } = await load('candor.config.ts');
    expect(configuration.hooks.prompt.get('m')?.at).toBe('candor.config.ts#hooks.prompt.m');
    expect(configuration.hooks.validate.get('short')?.at).toBe('candor.config.ts#hooks.validate.short');
    expect([...configuration.hooks.sources.keys()]).toEqual(['candor.config.ts']);
  });

  it('change the hash and the diff with the source of whatever they import', async () => {
    writeModule('Hi.');
    const first = await load('candor.config.ts');
    writeModule('Hello.');
    const second = await load('candor.config.ts');
    expect(second.configuration.hash).not.toBe(first.configuration.hash);
    expect(await appended(second)).toBe('Hello.');
    const diff = configurationDiff(first.configuration, second.configuration);
    expect(diff.map(({ path }) => path)).toEqual(['hooks.candor.config.ts']);
    writeModule('Hi.');
    expect((await load('candor.config.ts')).configuration.hash).toBe(first.configuration.hash);
  });

  it.each([
    ['m: (prompt)', 'o: (prompt)', 'hooks.prompt.o: there is no model "o"', 8],
    ["hook: 'short'", "hook: 'shorts'", 'exports no function "hooks.validate.shorts"', 5],
    ['prompt: {', 'promt: {', 'hooks.promt.m is a function', 8],
    ['m: (prompt) => prompt.append(greeting)', 'm: greeting', 'hooks.prompt.m must be a function', 8],
  ])('are checked: %s', async (from, to, message, line) => {
    writeModule('Hi.', MODULE.replace(from, to));
    const found = await errors('candor.config.ts');
    expect(found.map((error) => error.message).join('\n')).toContain(message);
    expect(found[0]?.line).toBe(line);
  });

  it('that no route names are told', async () => {
    writeModule('Hi.', MODULE.replace("validate: [{ hook: 'short' }]", 'retries: 1'));
    const { warnings } = await load('candor.config.ts');
    expect(warnings).toContainEqual(expect.objectContaining({ code: 'unused-hook' }));
  });
});

describe('a configuration that was sent', () => {
  it('has the functions it was sent with, whatever the disk has by then', async () => {
    writeModule('Hi.');
    const sent = await load('candor.config.ts');
    writeModule('Hello.', 'throw new Error("half written");\n');
    const snapshot = snapshotOf(sent, '2026-11-01T00:00:00.000Z');
    const received = loaded(
      await loadSentConfiguration(
        { ...options('candor.config.ts'), reader: snapshotReader(snapshot) },
        sent.moduleTexts,
      ),
    );
    expect(received.configuration.hash).toBe(sent.configuration.hash);
    expect(await appended(received)).toBe('Hi.');
  });

  it('can be looked at without its functions, by the hash of their source', async () => {
    write('hooks/year.ts', 'export const year = /\\d{4}/;\n');
    write('hooks/checks.ts', CHECKS);
    write('candor.yaml', route('./hooks/checks.ts#has_year'));
    const kept = await load('candor.yaml');
    const snapshot = snapshotOf(kept, '2026-11-01T00:00:00.000Z');
    expect(JSON.stringify(snapshot)).not.toContain('no year');
    const reader = snapshotReader(snapshot);
    const hooks = keptHookModules(snapshot.hooks);
    const seen = loaded(loadConfiguration({ ...options('candor.yaml'), reader, hooks }));
    expect(seen.configuration.hash).toBe(kept.configuration.hash);
  });
});
