import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { FileWatch } from '../src/cli/run/file-watch.ts';
import { readRunFile } from '../src/cli/run-file.ts';
import { runCandor, type CliOutcome } from './support/cli-run.ts';
import { compileSources, type CompiledSources } from './support/compiled-sources.ts';
import { runConfigSaves } from './support/config-saves.ts';
import { startGatewayProcess, type GatewayProcess } from './support/gateway-process.ts';
import { startTestGateway } from './support/gateway.ts';

const CONFIG = `providers:
  openai: { sim: true }
models:
  gpt-4o: { at: openai }
  gpt-4o-mini: { at: openai }
routes:
  legal: { try: [gpt-4o, gpt-4o-mini], brief: ./brief.md }
`;
const OTHER = CONFIG.replace('[gpt-4o, gpt-4o-mini]', '[gpt-4o-mini, gpt-4o]');
const BROKEN = CONFIG.replace('[gpt-4o, gpt-4o-mini]', '[gpt-5o]');
const CHANGE = 'routes.legal.try: [gpt-4o, gpt-4o-mini] → [gpt-4o-mini, gpt-4o]';

let sources: CompiledSources;
beforeAll(() => {
  sources = compileSources();
});
afterAll(() => sources.remove());

test.concurrent.each(['dev', 'serve'] as const)('saves under load, good and bad, lose no request: %s', async (mode) => {
  const saves = { saves: 9, invalidEach: 3, requestsPerSecond: 20, saveEveryMs: 100 };
  const outcome = await runConfigSaves({ sources, mode, ...saves });
  expect(outcome).toMatchObject({ valid: 6, invalid: 3, failures: [], mixed: [] });
  expect(outcome.straddling).toBeGreaterThan(0);
});

let directory: string;
let gateway: GatewayProcess | null;
/** How many lines the gateway had said before the test. */
let heardBefore: number;

function openFolder(): void {
  directory = mkdtempSync(join(tmpdir(), 'candor-reload-'));
  gateway = null;
  heardBefore = 0;
  save('brief.md', 'You stand in.');
  save('candor.yaml', CONFIG);
}

async function closeFolder(): Promise<void> {
  await gateway?.end('SIGKILL');
  rmSync(directory, { recursive: true });
}

function save(name: string, text: string): void {
  writeFileSync(join(directory, name), text);
}

function candor(...commandLine: string[]): Promise<CliOutcome> {
  return runCandor(commandLine, { cwd: directory });
}

async function start(...commandLine: string[]): Promise<GatewayProcess> {
  gateway = await startGatewayProcess({
    sources,
    directory,
    commandLine: [...commandLine, '--port', '0', '--json'],
  });
  return gateway;
}

/** Waits until it has said so, in this test. */
async function hears({ said }: GatewayProcess, words: string | RegExp): Promise<void> {
  const pattern = typeof words === 'string' ? { test: (line: string) => line.includes(words) } : words;
  await vi.waitFor(() => expect(said.slice(heardBefore).filter((line) => pattern.test(line))).not.toEqual([]), {
    timeout: 8000,
  });
}

async function text(running: GatewayProcess, path: string): Promise<string> {
  const response = await fetch(running.url + path);
  return `${response.status} ${await response.text()}`;
}

describe('a gateway with a config that serves', () => {
  let running: GatewayProcess;
  beforeAll(async () => {
    openFolder();
    running = await start('serve', '--allow-sim');
  });
  afterAll(closeFolder);
  beforeEach(async () => {
    const known = running.said.length;
    save('candor.yaml', CONFIG);
    const { changed } = JSON.parse((await candor('reload', '--json')).out) as { readonly changed: boolean };
    if (changed) await candor('reload');
    // After this word nothing of the test before is still on its way.
    const nothing = (): readonly string[] =>
      running.said.slice(known).filter((line) => line.includes('nothing in it has changed'));
    await vi.waitFor(() => expect(nothing()).toHaveLength(1));
    heardBefore = running.said.length;
  });

  test('is told to reload, and tells what has changed', async () => {
    expect(await candor('reload')).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/nothing in it has changed\n$/),
    });
    save('candor.yaml', OTHER);
    const tried = await candor('reload', '--dry-run');
    expect(tried).toMatchObject({ exitCode: 0, out: expect.stringContaining(CHANGE) });
    expect(tried.out).toContain('(nothing was reloaded)');
    const models = await text(running, '/v1/models/legal');
    expect(models).toContain('["openai/gpt-4o","openai/gpt-4o-mini"]');
    const done = await candor('reload', '--json');
    expect(JSON.parse(done.out)).toMatchObject({
      config: expect.stringMatching(/^[0-9a-f]{12}$/),
      previous: expect.stringMatching(/^[0-9a-f]{12}$/),
      changed: true,
      needs_restart: [],
      diff: [{ path: 'routes.legal.try', change: 'changed' }],
    });
    expect(await text(running, '/v1/models/legal')).toContain('["openai/gpt-4o-mini","openai/gpt-4o"]');
    await hears(running, CHANGE);
  });

  test('refuses to be told what it does not understand', async () => {
    const token = readRunFile(join(directory, '.candor'))?.adminToken.reveal();
    const refusals = await Promise.all(
      [{ dry: true }, { dry_run: 'yes' }, []].map(async (body) => {
        const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
        const request = { method: 'POST', headers, body: JSON.stringify(body) };
        const response = await fetch(`${running.url}/admin/reload`, request);
        const { error } = (await response.json()) as { error: { code: string; param: string | null } };
        return [response.status, error.code, error.param];
      }),
    );
    expect(refusals).toEqual([
      [400, 'unsupported_parameter', 'dry'],
      [400, 'invalid_type', 'dry_run'],
      [400, 'body_must_be_object', null],
    ]);
  });

  test('keeps its configuration when the file has errors, and stays ready', async () => {
    save('candor.yaml', BROKEN);
    const place = /error\[unknown-model\].*\n *--> candor\.yaml:7:18\n/;
    const refused = await candor('reload');
    expect(refused).toMatchObject({ exitCode: 1, out: '', said: expect.stringMatching(place) });
    expect(refused.said).toMatch(/1 error, 1 warning\. Nothing was reloaded: config [0-9a-f]{12} stays\.\n$/);
    await hears(running, 'error[unknown-model]');
    await hears(running, '--> candor.yaml:7:18');
    expect(await text(running, '/readyz')).toBe('200 {"ready":true,"reasons":[]}');
    expect(await text(running, '/healthz')).toBe('200 {"status":"ok"}');
    const json = await candor('reload', '--json');
    expect(json.exitCode).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({
      error: { code: 'invalid_config', candor: { diagnostics: [{}, { file: 'candor.yaml', line: 7, column: 18 }] } },
    });
  });

  test('reloads by SIGHUP and lives on', async () => {
    running.child.kill('SIGHUP');
    await hears(running, 'nothing in it has changed');
    save('candor.yaml', BROKEN);
    running.child.kill('SIGHUP');
    await hears(running, 'Nothing was reloaded');
    save('candor.yaml', OTHER);
    running.child.kill('SIGHUP');
    await hears(running, CHANGE);
    expect(running.child.exitCode).toBeNull();
  });

  test('does not watch its files in serve', async () => {
    let seen = 0;
    const paths = (): readonly string[] => [join(directory, 'candor.yaml')];
    const onChange = (): Promise<void> => Promise.resolve(void (seen += 1));
    const watch = new FileWatch({ paths, onChange, onProblem: (message) => expect.fail(message) });
    await vi.waitFor(() => expect(seen).toBe(1));
    save('candor.yaml', OTHER);
    await vi.waitFor(() => expect(seen).toBe(2));
    watch.close();
    // One of its own would have noticed by now.
    expect((await candor('reload', '--dry-run')).out).toContain(CHANGE);
    expect(running.said.slice(heardBefore).join('\n')).not.toContain('→');
  });
});

describe('a gateway with a config', () => {
  beforeEach(openFolder);
  afterEach(closeFolder);

  test('watches its files in dev, those it names as well', async () => {
    const running = await start('dev');
    save('brief.md', 'You stand in for {{ asked }}.');
    await hears(running, 'routes.legal.brief: You stand in. → ');
    save('candor.yaml', BROKEN);
    await hears(running, 'Nothing was reloaded');
    save('candor.yaml', OTHER);
    await hears(running, CHANGE);
    // A brief that is not a template is found in its own file, by the line that names it.
    save('brief.md', 'You stand in for {{ aksed }}.');
    await hears(running, 'error[invalid-brief]');
    expect(running.said.filter((line) => line.includes('Nothing was reloaded'))).toHaveLength(2);
  });

  test('has new simulated providers at once, and keeps its faults', async () => {
    const running = await start('dev');
    expect((await candor('sim', 'outage', 'openai')).exitCode).toBe(0);
    save(
      'candor.yaml',
      CONFIG.replace('models:\n', '  deepseek: { sim: true }\nmodels:\n  deepseek-chat: { at: deepseek }\n'),
    );
    await hears(running, '+ models.deepseek-chat');
    expect(await candor('ask', 'deepseek-chat', 'Hello')).toMatchObject({ exitCode: 0 });
    expect((await candor('sim', '--json')).out).toContain('"outage"');
    expect(await candor('ask', 'gpt-4o', 'Hello')).toMatchObject({ exitCode: 1 });
  });

  test('says when it was started without a config and one appears', async () => {
    rmSync(join(directory, 'candor.yaml'));
    const running = await start('dev');
    save('candor.yaml', CONFIG);
    await hears(running, 'candor.yaml is here now: start again to use it');
    expect(await text(running, '/v1/models/create')).toMatch(/^200 /);
  });

  test('remembers what was in force, and goes back to it', async () => {
    const running = await start('serve', '--allow-sim');
    save('candor.yaml', OTHER);
    save('brief.md', 'Another brief.');
    await candor('reload');
    const list = JSON.parse((await candor('config', 'list', '--json')).out) as {
      data: { hash: string; current: boolean; files: string[] }[];
    };
    const [current, before] = list.data;
    expect(list.data).toMatchObject([{ current: true, files: ['candor.yaml', 'brief.md'] }, { current: false }]);
    const diff = await candor('config', 'diff', `${before?.hash.slice(0, 6)}..now`);
    expect(diff.out).toBe(`  ${CHANGE}\n  routes.legal.brief: You stand in. → Another brief.\n`);

    const back = await candor('config', 'rollback');
    expect(back).toMatchObject({ exitCode: 0, out: expect.stringContaining('wrote candor.yaml\nwrote brief.md\n') });
    expect(readFileSync(join(directory, 'candor.yaml'), 'utf8')).toBe(CONFIG);
    expect(readFileSync(join(directory, 'candor.yaml.before-rollback'), 'utf8')).toBe(OTHER);
    expect(readFileSync(join(directory, 'brief.md.before-rollback'), 'utf8')).toBe('Another brief.');
    expect(await text(running, '/v1/models/legal')).toContain('["openai/gpt-4o","openai/gpt-4o-mini"]');

    await running.end('SIGKILL');
    gateway = null;
    // Without a gateway the files are written all the same; the way back and forth is open.
    const again = await candor('config', 'rollback', current?.hash ?? '');
    expect(again).toMatchObject({ exitCode: 0, said: expect.stringContaining('takes effect with the next start') });
    expect(readFileSync(join(directory, 'candor.yaml'), 'utf8')).toBe(OTHER);
  });

  test('goes back to no snapshot that holds what its config does not read', async () => {
    const running = await start('serve', '--allow-sim');
    save('candor.yaml', OTHER);
    await candor('reload');
    await running.end('SIGKILL');
    gateway = null;
    const list = JSON.parse((await candor('config', 'list', '--json')).out) as { data: { hash: string }[] };
    const before = join(directory, '.candor/snapshots', `${list.data[1]?.hash}.json`);
    const snapshot = JSON.parse(readFileSync(before, 'utf8')) as { files: Record<string, string> };
    snapshot.files['nested/../planted.txt'] = 'planted';
    writeFileSync(before, JSON.stringify(snapshot));
    const outcome = await candor('config', 'rollback');
    expect(outcome).toMatchObject({ exitCode: 1, out: '', said: expect.stringContaining('planted.txt') });
    expect(readdirSync(directory).toSorted()).toEqual(['.candor', 'brief.md', 'candor.yaml']);
    expect(readFileSync(join(directory, 'candor.yaml'), 'utf8')).toBe(OTHER);
  });

  test('has a file written back through a link', async () => {
    rmSync(join(directory, 'candor.yaml'));
    save('real.yaml', CONFIG);
    symlinkSync('real.yaml', join(directory, 'candor.yaml'));
    await start('serve', '--allow-sim');
    save('real.yaml', OTHER);
    await candor('reload');
    expect(await candor('config', 'rollback')).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(directory, 'real.yaml'), 'utf8')).toBe(CONFIG);
  });

  test.each([
    ['reload', 3, /no gateway runs here/],
    ['config list', 1, /no configuration has been in force with \.candor/],
    ['config diff a..b', 1, /no configuration has been in force/],
    ['config diff a', 2, /write two configurations as/],
    ['config rollback', 1, /no configuration has been in force/],
    ['config roll', 2, /unknown command|too many arguments/],
  ])('candor %s without a gateway ends with %i', async (line, exitCode, message) => {
    const outcome = await candor(...line.split(' '));
    expect(outcome).toMatchObject({ exitCode, out: '' });
    expect(outcome.said).toMatch(message);
  });
});

test.each([
  ['without the token', false, 401, 'invalid_api_key'],
  ['of a gateway that has no file', true, 404, 'not_supported'],
])('POST /admin/reload %s', async (_name, authorized, status, code) => {
  const gateway = await startTestGateway();
  try {
    const headers = authorized ? { authorization: `Bearer ${gateway.adminToken}` } : undefined;
    const response = await gateway.post('/admin/reload', {}, headers);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
  } finally {
    await gateway.close();
  }
});
