import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { runCandor, type CliOutcome } from '../../../test/support/cli-run.ts';
import { VENDOR_KEY_NAMES } from './vendor-keys.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'candor-init-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function candor(line: string, environment: Readonly<Record<string, string>> = {}): Promise<CliOutcome> {
  return runCandor(line.split(' '), { cwd: folder, environment: { ...environment } });
}

function written(name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

const KINDS = Object.keys(VENDOR_KEY_NAMES);
const SUBSETS = Array.from({ length: 2 ** KINDS.length }, (_, bits) => KINDS.filter((_kind, at) => (bits >> at) & 1));

it.each(SUBSETS.map((kinds) => [kinds.join(' ') || 'none', kinds] as const))(
  'with keys for %s writes a config that is valid, uses those and holds none',
  async (_name, kinds) => {
    const environment = Object.fromEntries(
      kinds.map((kind) => [VENDOR_KEY_NAMES[kind]?.[0] ?? '', `sk-secret-of-${kind}-0123456789`]),
    );
    expect(await candor('init', environment)).toMatchObject({ exitCode: 0 });
    expect(await candor('validate', environment)).toMatchObject({ exitCode: 0 });
    expect(written('candor.yaml')).not.toContain('sk-secret');
    const { data } = JSON.parse((await candor('models --json')).out) as {
      readonly data: readonly {
        readonly owned_by: string;
        readonly candor: { readonly kind: string; simulated: boolean };
      }[];
    };
    const models = data.filter(({ candor: { kind } }) => kind === 'model');
    expect(models).toHaveLength(8);
    for (const { owned_by: provider, candor: facts } of models) expect(facts.simulated).toBe(!kinds.includes(provider));
  },
);

it("takes either of Google's names, and keys that only .env has", async () => {
  writeFileSync(join(folder, '.env'), 'DEEPSEEK_API_KEY=sk-in-file\nOPENAI_API_KEY=\n');
  const { out } = await candor('init --json', { GOOGLE_API_KEY: 'AIza-x', ANTHROPIC_API_KEY: ' ' });
  expect(JSON.parse(out)).toMatchObject({
    found: ['GOOGLE_API_KEY', 'DEEPSEEK_API_KEY'],
    simulated: ['openai', 'anthropic'],
  });
  expect(written('candor.yaml')).toContain('google: { key: env:GOOGLE_API_KEY }');
});

it('never overwrites what is there, unless it is told to', async () => {
  writeFileSync(join(folder, 'candor.yaml'), 'mine');
  expect(await candor('init')).toMatchObject({ exitCode: 1, out: '' });
  expect(written('candor.yaml')).toBe('mine');
  expect(await candor('init --force')).toMatchObject({ exitCode: 0 });
  expect(written('candor.yaml')).toContain('providers:');
  rmSync(join(folder, 'candor.yaml'));
  writeFileSync(join(folder, 'candor.config.ts'), 'mine');
  expect(await candor('init --force')).toMatchObject({
    exitCode: 1,
    said: expect.stringContaining('candor.config.ts'),
  });
  expect(existsSync(join(folder, 'candor.yaml'))).toBe(false);
});

it('keeps a schema file that is there, and names the one it writes', async () => {
  writeFileSync(join(folder, 'candor.schema.json'), 'mine');
  await candor('init');
  expect(written('candor.schema.json')).toBe('mine');
  await candor('init --force');
  expect(JSON.parse(written('candor.schema.json'))).toHaveProperty('$schema');
  expect(written('candor.yaml')).toMatch(/^# yaml-language-server: \$schema=\.\/candor\.schema\.json\n/);
});

it('has git leave the state folder out, once', async () => {
  await candor('init');
  expect(existsSync(join(folder, '.gitignore'))).toBe(false);
  mkdirSync(join(folder, '.git'));
  writeFileSync(join(folder, '.gitignore'), 'node_modules');
  await candor('init --force');
  expect(written('.gitignore')).toBe('node_modules\n.candor/\n');
  await candor('init --force');
  expect(written('.gitignore')).toBe('node_modules\n.candor/\n');
});
