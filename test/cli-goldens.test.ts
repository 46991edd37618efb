import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { arch, platform, release, tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { writeRunFile } from '../src/cli/run-file.ts';
import { loadConfiguration } from '../src/config/load.ts';
import { stringMember } from '../src/core/json.ts';
import { Secret } from '../src/core/secret.ts';
import { VERSION } from '../src/core/version.ts';
import { createRegistries } from '../src/gateway.ts';
import { thisProcess } from '../src/ledger/process-identity.ts';
import { GENERATIONS } from './support/cli-generations.ts';
import { runCandor, type CliOutcome } from './support/cli-run.ts';
import { cliSchemas } from './support/cli-schemas.ts';
import { FakeGenerationList } from './support/fake-generation-list.ts';
import { generationSchema } from './support/http-schemas.ts';
import { measuredList } from './support/measured-list.ts';

/** What each command prints, word for word, before a gateway whose answers are all fixed. */

/** A Sunday: prices go by hour and weekday. */
const NOW = Date.parse('2026-11-22T12:00:00Z');
const ID = 'gen_01M82000000000000000000002';
const FAULTS = [
  { target: 'openai', fault: 'outage', status: 503, for_ms: 60_000 },
  { target: 'deepseek', fault: 'slow', ms: 8000 },
];
const YAML = `providers:
  openai: { key: env:OPENAI_API_KEY }
  anthropic: { key: file:missing.key }
  google: { sim: true }
models:
  gpt-4o: { at: openai }
  claude-opus: { at: anthropic, id: claude-opus-4-8 }
  gemini-flash: { at: google, id: gemini-2.5-flash }
routes:
  legal: { try: [gpt-4o, claude-opus, gemini-flash], fallback: degraded, validate: [truncation, refusal] }
server: { listen: '127.0.0.1:0' }
`;
const ENVIRONMENT = { OPENAI_API_KEY: 'sk-golden-0123456789abcdefx9Qf' };

const list = new FakeGenerationList();
for (const generation of GENERATIONS) {
  const [id = '', createdAt = '', status = ''] = ['id', 'created_at', 'status'].map(
    (name) => stringMember(generation, name) ?? '',
  );
  list.put(id, Date.parse(createdAt), status, generation);
}

function answerTo(url: URL): unknown {
  if (url.pathname === '/v1/generations') return list.page(url.searchParams);
  const id = /^\/(?:v1\/generations|r)\/(.+)$/.exec(url.pathname)?.[1];
  const record = GENERATIONS.find((generation) => generation['id'] === id);
  if (record !== undefined) return record;
  if (url.pathname === '/v1/models') return { object: 'list', data: measuredList(builtIn(), NOW) };
  if (url.pathname === '/admin/sim') return { object: 'list', data: FAULTS };
  return url.pathname === '/' ? {} : null;
}

function builtIn() {
  const registries = createRegistries();
  const loaded = loadConfiguration({ mode: 'dev', file: null, environment: {}, registries, cwd: '/' });
  if (!loaded.ok) throw new Error('the built-in configuration does not load');
  return loaded.configuration;
}

let home = '';
let port = 0;
const server = createServer((request, response) => {
  const body = answerTo(new URL(request.url ?? '/', 'http://x'));
  const error = { message: 'there is no such thing', code: 'generation_not_found' };
  response.writeHead(body === null ? 404 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body ?? { error }));
});

/** A folder of its own, so that what one command writes is not there for another. */
function folder(name: string, files: Readonly<Record<string, string>> = {}): string {
  const path = join(home, name);
  mkdirSync(path, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return path;
}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'candor-goldens-'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
  const url = `http://127.0.0.1:${port}`;
  const run = { ...thisProcess(), host: '127.0.0.1', port, url, adminToken: new Secret('t'), startedAt: '' };
  writeRunFile(join(folder('gateway'), '.candor'), run);
  folder('config', { 'candor.yaml': YAML });
  folder('init', { '.env': 'ANTHROPIC_API_KEY=sk-ant-golden-0123456789\n' });
  mkdirSync(join(home, 'init', '.git'));
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(home, { recursive: true });
});

async function candor(line: string, where: string): Promise<CliOutcome> {
  const environment = { ...ENVIRONMENT };
  return runCandor(line.split(' '), { cwd: folder(where), environment });
}

/** Everything of it that is the same on every machine at every time. */
function steady(text: string): string {
  return text
    .replaceAll(home, '<home>')
    .replaceAll(String(port), '<port>')
    .replaceAll(/^ \d\d:\d\d:\d\d/gm, ' hh:mm:ss')
    .replaceAll(/^ \d{4}-\d\d-\d\d\n/gm, '')
    .replaceAll(process.versions.node, '<node>')
    .replaceAll(VERSION, '<version>')
    .replaceAll(`${platform()} ${release()} ${arch()}`, '<system>')
    .replaceAll(/(?<=sqlite(?:: | +|","outcome":"ok","message":"))\d[\d.]*/g, '<version>')
    .replaceAll(/(?<=candor\.yaml (?:is valid \()?)[0-9a-f]{12}/g, '<config>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z(?!",\s*"ended_at|",\s*"status|")|(?<="since":")[^"]+/g, '<time>')
    .replaceAll(/(?<="check":"clock","outcome":"ok","message":")[^"]+/g, '<time>')
    .replaceAll(/[\d.]+ [GM]B free/g, '<size> free')
    .replaceAll(/(?<=\d{4}-\d\d-\d\d) +\d+d\b/g, '  <age>')
    .replaceAll(/(?<="age_days":)\d+/g, '<age>')
    .replaceAll(/\d+(?= days old)/g, '<age>');
}

const COMMANDS: readonly (readonly [line: string, where: string, name: string])[] = [
  ['tail --no-follow', 'gateway', 'tail'],
  ['tail --no-follow --route legal --limit 1', 'gateway', 'tail-one'],
  ['trace gen_01M82000000000000000000002', 'gateway', 'trace'],
  ['usage --since 36500d', 'gateway', 'usage'],
  ['usage --since 36500d --by model', 'gateway', 'usage-by-model'],
  ['usage --since 36500d --by key', 'gateway', 'usage-by-key'],
  ['models', 'gateway', 'models'],
  ['routes', 'gateway', 'routes'],
  ['models', 'config', 'models-offline'],
  ['routes', 'config', 'routes-offline'],
  ['routes', 'nothing', 'routes-built-in'],
  ['open', 'gateway', 'open'],
  ['open gen_01M82000000000000000000009', 'gateway', 'open-unknown'],
  ['doctor', 'config', 'doctor'],
  ['doctor --bundle', 'config', 'doctor-bundle'],
  ['init', 'init', 'init'],
  ['init', 'config', 'init-twice'],
  ['sim', 'gateway', 'sim'],
  ['sim outage openai --for 60s', 'gateway', 'sim-outage'],
  ['validate', 'config', 'validate'],
  ['version', 'nothing', 'version'],
  ['tail', 'nothing', 'tail-no-gateway'],
  ['usage', 'nothing', 'usage-no-gateway'],
  ['open', 'nothing', 'open-no-gateway'],
];

describe('prints what it always prints', () => {
  it.each(COMMANDS)('candor %s in %s', async (line, where, name) => {
    const { exitCode, out, said } = await candor(line, where);
    const shown = steady(
      `$ candor ${line}\n${out}${said === '' ? '' : `--- standard error\n${said}`}--- exit code ${exitCode}\n`,
    );
    await expect(shown).toMatchFileSnapshot(`goldens/${name}.txt`);
  });
});

const JSON_COMMANDS: readonly (readonly [line: string, where: string, schema: keyof typeof cliSchemas])[] = [
  ['version --json', 'nothing', 'version'],
  ['validate --json', 'config', 'validate'],
  ['tail --no-follow --json', 'gateway', 'tail'],
  [`trace ${ID} --json`, 'gateway', 'trace'],
  ['usage --since 36500d --json', 'gateway', 'usage'],
  ['models --json', 'gateway', 'models'],
  ['models --json', 'config', 'models'],
  ['routes --json', 'gateway', 'routes'],
  ['routes --json', 'config', 'routes'],
  ['doctor --json', 'config', 'doctor'],
  ['init --json --force', 'init-json', 'init'],
  ['sim --json', 'gateway', 'sim'],
];

describe('prints JSON that keeps its schema, and nothing else', () => {
  it.each(JSON_COMMANDS)('candor %s in %s', async (line, where, schema) => {
    const { out } = await candor(line, where);
    const lines = out.trimEnd().split('\n');
    expect(lines).toHaveLength(schema === 'tail' ? GENERATIONS.length - 1 : 1);
    for (const text of lines) expect(z.safeParse(cliSchemas[schema], JSON.parse(text)).error).toBeUndefined();
    const name = `${where === 'gateway' ? '' : `${where}-`}${schema}`;
    await expect(steady(out)).toMatchFileSnapshot(`goldens/json/${name}.jsonl`);
  });
});

it('shows generations such as the gateway has', () => {
  for (const generation of GENERATIONS) expect(z.safeParse(generationSchema, generation).error).toBeUndefined();
});

it('shows no secret', async () => {
  for (const line of ['doctor', 'doctor --json', 'doctor --bundle', 'validate --json', 'init --json']) {
    const { out, said } = await candor(line, line.startsWith('init') ? 'init-secret' : 'config');
    expect(out + said).not.toContain('0123456789');
  }
  expect((await candor('doctor', 'config')).out).toContain('…x9Qf');
});
