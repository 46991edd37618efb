import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { loadConfiguration, type LoadedConfiguration } from '../../config/load.ts';
import { parseSnapshot, snapshotReader } from '../../config/snapshot/snapshot.ts';
import { SnapshotFolder } from '../../config/snapshot/snapshot-folder.ts';
import type { ReloadResult } from '../../core/reload.ts';
import { createRegistries } from '../../gateway.ts';
import { ConfigLoader } from './config-loader.ts';
import { ConfigReloader } from './config-reloader.ts';

const CONFIG = `providers:
  openai: { key: "env:OPENAI_KEY" }
  anthropic: { key: "file:anthropic-key" }
models:
  gpt-4o: { at: openai }
  claude-opus: { at: anthropic, id: claude-opus-4-8 }
routes:
  legal: { try: [gpt-4o, claude-opus], brief: ./prompts/brief.md }
server: { store: ./state }
`;

let folder: string;
let environment: NodeJS.ProcessEnv;
let used: LoadedConfiguration[];
let warned: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'candor-reloader-'));
  environment = { OPENAI_KEY: 'sk-environment', UNRELATED: 'stays' };
  used = [];
  warned = [];
  mkdirSync(join(folder, 'prompts'));
  write('anthropic-key', 'sk-first\n');
  write('prompts/brief.md', 'You stand in for {{ asked }}.');
  write('candor.yaml', CONFIG);
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

async function start(
  use: (loaded: LoadedConfiguration) => Promise<void> = () => Promise.resolve(),
): Promise<ConfigReloader> {
  const loader = new ConfigLoader(
    { mode: 'serve', file: 'candor.yaml', registries: createRegistries(), cwd: folder },
    environment,
  );
  const started = await loader.load();
  if (!started.ok) throw new Error(started.diagnostics.map((diagnostic) => diagnostic.message).join('\n'));
  loader.settle(started);
  const reloader = new ConfigReloader({
    loader,
    started,
    snapshots: new SnapshotFolder(started.configuration.server.store),
    use: async (loaded) => {
      await use(loaded);
      used.push(loaded);
    },
    warn: (message) => warned.push(message),
  });
  reloader.begin();
  return reloader;
}

async function reload(reloader: ConfigReloader): Promise<ReloadResult & { readonly ok: true }> {
  const result = await reloader.reload({ dryRun: false });
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return result;
}

describe('a reload', () => {
  test('of the same texts changes nothing', async () => {
    const result = await reload(await start());
    expect(result).toMatchObject({ diff: [], needsRestart: [] });
    expect(result.config).toBe(result.previous);
    expect(used).toEqual([]);
  });

  test('puts what the file decides in force, and says what that is', async () => {
    const reloader = await start();
    write('candor.yaml', CONFIG.replace('[gpt-4o, claude-opus]', '[claude-opus, gpt-4o]'));
    const result = await reload(reloader);
    expect(result.diff).toEqual([
      {
        path: 'routes.legal.try',
        change: 'changed',
        from: ['gpt-4o', 'claude-opus'],
        to: ['claude-opus', 'gpt-4o'],
      },
    ]);
    expect(used.map(({ configuration }) => configuration.hash)).toEqual([result.config]);
    expect(result.config).not.toBe(result.previous);
  });

  test('reads the files that the config names', async () => {
    const reloader = await start();
    write('prompts/brief.md', 'You stand in for {{ asked }}; be brief.');
    const result = await reload(reloader);
    expect(result.diff.map(({ path }) => path)).toEqual(['routes.legal.brief']);
    expect(used[0]?.configuration.routes.get('legal')?.brief.template).toContain('be brief');
  });

  test('of another layout is in force for the lines it cites, and decides the same', async () => {
    const reloader = await start();
    write('candor.yaml', `# a new first line\n${CONFIG}`);
    const result = await reload(reloader);
    expect(result).toMatchObject({ diff: [], config: result.previous });
    expect(used[0]?.configuration.routes.get('legal')?.at).toBe('candor.yaml:9');
  });

  test('with errors leaves everything as it was', async () => {
    const reloader = await start();
    write('candor.yaml', CONFIG.replace('claude-opus],', 'claud-opus],'));
    const broken = await reloader.reload({ dryRun: false });
    expect(broken).toMatchObject({
      ok: false,
      diagnostics: [{ severity: 'error', code: 'unknown-model', file: 'candor.yaml', line: 8, column: 26 }],
    });
    expect(used).toEqual([]);
    write('candor.yaml', CONFIG);
    expect(await reload(reloader)).toMatchObject({ config: broken.config, diff: [] });
  });

  test('that is only tried changes nothing', async () => {
    const reloader = await start();
    write('candor.yaml', CONFIG.replace('[gpt-4o, claude-opus]', '[claude-opus]'));
    const tried = await reloader.reload({ dryRun: true });
    expect(tried).toMatchObject({ ok: true, diff: [{ path: 'routes.legal.try' }] });
    expect(used).toEqual([]);
    expect((await reload(reloader)).diff).toHaveLength(1);
  });

  test('names what only a new process can do, each time, and does the rest', async () => {
    const reloader = await start();
    write(
      'candor.yaml',
      CONFIG.replace('./state', './elsewhere, listen: "127.0.0.1:5555", public_url: "https://a.example"'),
    );
    const result = await reload(reloader);
    expect(result.needsRestart).toEqual(['server.listen', 'server.store']);
    expect(result.diff.map(({ path }) => path)).toEqual(['server.listen', 'server.public_url', 'server.store']);
    expect((await reload(reloader)).needsRestart).toEqual(['server.listen', 'server.store']);
  });

  test('that the gateway cannot carry out leaves the old one in force', async () => {
    const reloader = await start(() => Promise.reject(new Error('no port for the simulator')));
    const before = await reloader.reload({ dryRun: true });
    write('candor.yaml', CONFIG.replace('[gpt-4o, claude-opus]', '[claude-opus]'));
    await expect(reloader.reload({ dryRun: false })).rejects.toThrow('no port');
    expect(new SnapshotFolder(join(folder, 'state')).all()[0]?.hash).toBe(before.config);
    write('candor.yaml', CONFIG);
    expect(await reload(reloader)).toMatchObject({ config: before.config, diff: [] });
  });
});

describe('secrets', () => {
  test('of the environment leave it, and are found again', async () => {
    const reloader = await start();
    expect(environment).toEqual({ UNRELATED: 'stays' });
    write('candor.yaml', CONFIG.replace('brief: ./prompts/brief.md', 'brief: off'));
    await reload(reloader);
    expect(used[0]?.configuration.deployments.get('openai/gpt-4o')?.credentials[0]?.reveal()).toBe('sk-environment');
    expect(environment).toEqual({ UNRELATED: 'stays' });
  });

  test('of a file are read anew; of a rotation it is told that there was one', async () => {
    const reloader = await start();
    write('anthropic-key', 'sk-second');
    const result = await reload(reloader);
    expect(result.config).toBe(result.previous);
    expect(result.diff).toEqual([
      { path: 'providers.anthropic.key', change: 'changed', from: '[secret]', to: '[secret]' },
    ]);
    expect(used[0]?.configuration.deployments.get('anthropic/claude-opus')?.credentials[0]?.reveal()).toBe('sk-second');
  });

  test('are in no snapshot', async () => {
    await reload(await start());
    const names = readdirSync(join(folder, 'state/snapshots'));
    expect(names).toHaveLength(1);
    const path = join(folder, 'state/snapshots', names[0] ?? '');
    expect(readFileSync(path, 'utf8')).not.toMatch(/sk-(environment|first)/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});

describe('the snapshot', () => {
  test('holds the texts of what took effect, from which the same configuration is read', async () => {
    const reloader = await start();
    write('prompts/brief.md', 'Another brief.');
    const { config } = await reload(reloader);
    rmSync(join(folder, 'prompts'), { recursive: true });
    const snapshot = parseSnapshot(readFileSync(join(folder, 'state/snapshots', `${config}.json`), 'utf8'));
    expect(snapshot).toMatchObject({ hash: config, origin: 'candor.yaml', mode: 'serve' });
    expect(snapshot?.files).toEqual({ 'candor.yaml': CONFIG, 'prompts/brief.md': 'Another brief.' });
    const read = loadConfiguration({
      mode: 'serve',
      file: 'candor.yaml',
      ...(snapshot === null ? {} : { reader: snapshotReader(snapshot) }),
      environment: {},
      secretReferencesOnly: true,
      registries: createRegistries(),
      cwd: folder,
    });
    expect(read.ok && read.configuration.hash).toBe(config);
  });

  test('that cannot be written is said, and the configuration is in force all the same', async () => {
    const reloader = await start();
    rmSync(join(folder, 'state'), { recursive: true });
    write('state', 'a file where the folder was');
    write('candor.yaml', CONFIG.replace('[gpt-4o, claude-opus]', '[claude-opus]'));
    const { config } = await reload(reloader);
    expect(used).toHaveLength(1);
    expect(warned.join('\n')).toContain(`config ${config}: its snapshot is not kept`);
  });

  test('is kept though an older one is none', async () => {
    write('candor.yaml', CONFIG.replace('./state }', './state, keep: 30d }'));
    const reloader = await start();
    write('state/snapshots/other.json', '{}');
    write('prompts/brief.md', 'Another brief.');
    const { config } = await reload(reloader);
    expect(readdirSync(join(folder, 'state/snapshots'))).toContain(`${config}.json`);
    expect(warned).toEqual([expect.stringMatching(/^snapshots .* not removed: .*other\.json is no snapshot/)]);
  });
});
