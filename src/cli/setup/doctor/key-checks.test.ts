import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { loadConfiguration } from '../../../config/load.ts';
import { createRegistries } from '../../../gateway.ts';
import { checkKeys, type KeyPlaces, type ProviderKey } from './key-checks.ts';

const KEY = 'sk-shell-0123456789-x9Qf';
const OTHER = 'sk-file-0123456789abc-03Bc';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'candor-keys-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function check(provider: string, places: Partial<KeyPlaces> = {}): ProviderKey {
  const file = join(folder, 'candor.yaml');
  writeFileSync(
    file,
    `providers:\n  openai: ${provider}\nmodels:\n  gpt-4o: { at: openai }\n  o4: { at: openai, id: o4-mini }\n`,
  );
  const loaded = loadConfiguration({
    mode: 'serve',
    file,
    environment: {},
    registries: createRegistries(),
    secretReferencesOnly: true,
    allowSim: true,
    cwd: folder,
  });
  if (!loaded.ok) throw new Error(loaded.diagnostics.map(({ message }) => message).join('\n'));
  const [key] = checkKeys(loaded.configuration, { environment: {}, environmentFile: new Map(), folder, ...places });
  return key!;
}

const FROM_SHELL = '{ key: env:OPENAI_API_KEY }';

it('shows the end of a key that is there, and where it comes from', () => {
  const found = check(FROM_SHELL, { environment: { OPENAI_API_KEY: ` ${KEY}\n` } });
  expect(found).toMatchObject({ provider: 'openai', kind: 'openai', modelIds: ['gpt-4o', 'o4-mini'] });
  expect(found.finding).toMatchObject({ outcome: 'ok', message: 'key …x9Qf  env:OPENAI_API_KEY' });
  expect(found.key?.reveal()).toBe(KEY);
  writeFileSync(join(folder, 'openai.key'), `${KEY}\n`);
  expect(check('{ key: file:openai.key }').finding).toMatchObject({
    outcome: 'ok',
    message: 'key …x9Qf  file:openai.key',
  });
});

it('gives nothing of a short key away', () => {
  expect(check(FROM_SHELL, { environment: { OPENAI_API_KEY: 'short-key' } }).finding.message).toBe(
    'key …  env:OPENAI_API_KEY',
  );
});

it.each<readonly [what: string, provider: string, places: Partial<KeyPlaces>, cause: RegExp]>([
  ['no variable', FROM_SHELL, {}, /OPENAI_API_KEY is not set/],
  ['an empty one', FROM_SHELL, { environment: { OPENAI_API_KEY: ' ' } }, /OPENAI_API_KEY is not set/],
  [
    'one that no header can hold',
    FROM_SHELL,
    { environment: { OPENAI_API_KEY: '“sk-x”' } },
    /characters that cannot be sent/,
  ],
  ['no file', '{ key: file:none.key }', {}, /file:none\.key cannot be read \(ENOENT\)/],
])('calls %s a problem, and says what to do', (_what, provider, places, cause) => {
  const { finding, key } = check(provider, places);
  expect(finding.outcome).toBe('problem');
  expect(`${finding.message} ${finding.cause ?? ''}`).toMatch(cause);
  expect(finding.next).not.toBeNull();
  expect(key).toBeNull();
});

it('tells an empty file from none', () => {
  writeFileSync(join(folder, 'empty.key'), '\n');
  expect(check('{ key: file:empty.key }').finding).toMatchObject({
    outcome: 'problem',
    cause: 'file:empty.key is empty.',
  });
});

it('says when the shell and .env differ, and which counts', () => {
  const environmentFile = new Map([['OPENAI_API_KEY', OTHER]]);
  const both = check(FROM_SHELL, { environment: { OPENAI_API_KEY: KEY }, environmentFile });
  expect(both.finding).toMatchObject({
    outcome: 'warning',
    cause: expect.stringMatching(/differs from \.env \(…03Bc\); the shell's counts/),
  });
  expect(both.key?.reveal()).toBe(KEY);
  const fileOnly = check(FROM_SHELL, { environmentFile });
  expect(fileOnly.finding).toMatchObject({
    outcome: 'warning',
    cause: expect.stringContaining('`candor serve` does not'),
  });
  expect(fileOnly.key?.reveal()).toBe(OTHER);
  const same = check(FROM_SHELL, { environment: { OPENAI_API_KEY: OTHER }, environmentFile });
  expect(same.finding.outcome).toBe('ok');
});

it('needs none where a provider is simulated', () => {
  expect(check('{ sim: true }')).toMatchObject({
    key: null,
    finding: { outcome: 'ok', message: 'simulated, needs no key' },
  });
});

it('checks each of several keys, and tells them apart', () => {
  writeFileSync(
    join(folder, 'candor.yaml'),
    'providers:\n  openai: { key: [env:FIRST, env:SECOND] }\nmodels: { gpt-4o: { at: openai } }\n',
  );
  const loaded = loadConfiguration({
    mode: 'serve',
    file: join(folder, 'candor.yaml'),
    environment: {},
    registries: createRegistries(),
    secretReferencesOnly: true,
    cwd: folder,
  });
  if (!loaded.ok) throw new Error('does not load');
  const places = { environment: { FIRST: KEY }, environmentFile: new Map<string, string>(), folder };
  expect(checkKeys(loaded.configuration, places)).toMatchObject([
    { provider: 'openai', label: 'openai key 1', finding: { check: 'openai key 1', outcome: 'ok' } },
    { provider: 'openai', label: 'openai key 2', finding: { check: 'openai key 2', outcome: 'problem' }, key: null },
  ]);
});
