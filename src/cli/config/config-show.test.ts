import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { beforeEach, describe, expect, it } from 'vitest';

import { runCandor, type CliOutcome } from '../../../test/support/cli-run.ts';
import { Secret } from '../../core/secret.ts';
import { thisProcess } from '../../ledger/process-identity.ts';
import { writeRunFile } from '../run-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'candor-show-'));
  return () => rmSync(folder, { recursive: true });
});

function show(...options: readonly string[]): Promise<CliOutcome> {
  return runCandor(['config', 'show', ...options], { cwd: folder });
}

function write(text: string): void {
  writeFileSync(join(folder, 'candor.yaml'), text);
}

const CONFIG = `# what we run
providers:
  openai: { key: env:OPENAI_API_KEY, region: eu }
  anthropic: { key: file:/run/secrets/anthropic }
models:
  gpt-4o: { at: openai }
  claude-opus:
    at: anthropic
    id: claude-opus-4-8
    params: { max_tokens: 4096 }
routes:
  legal: { try: [gpt-4o, claude-opus], params: { temperature: { max: 0.3 } }, timeout: { first_token: 6s } }
`;

const EFFECTIVE = `# config HASH from candor.yaml, as \`candor serve\` runs it

providers:
  openai:
    kind: openai                     # default
    url: https://api.openai.com/v1   # default
    allow_private: false             # default
    key: env:OPENAI_API_KEY          # candor.yaml:3
    region: eu                       # candor.yaml:3
    sim: false                       # default
  anthropic:
    kind: anthropic                     # default
    url: https://api.anthropic.com      # default
    allow_private: false                # default
    key: file:/run/secrets/anthropic    # candor.yaml:4
    region: unknown                     # default
    sim: false                          # default

models:
  gpt-4o:
    at: openai                                                     # candor.yaml:6
    id: gpt-4o                                                     # default
    price: { in: 2.5, out: 10, cached: 1.25, as_of: 2026-09-23 }   # price table 2026-09-23
  claude-opus:
    at: anthropic                                                 # candor.yaml:8
    id: claude-opus-4-8                                           # candor.yaml:9
    params:
      max_tokens: 4096   # candor.yaml:10
    # price: { in: 5, out: 25, cached: 0.5, as_of: 2026-09-23 }   # price table 2026-09-23; written to a cache 6.25

routes:
  legal:
    try: [gpt-4o, claude-opus]   # candor.yaml:12
    pick: ordered   # default
   # slo: none   # default
    slo_policy: best_effort   # default
   # prompts: none              # default
    brief: default               # default
    params:
      temperature: { max: 0.3 }   # candor.yaml:12
    # validate: none             # default
    invalid: [repair, next, fail]   # default
    fallback: certified          # default
    retries: 0   # default
    stream: trail                # default
    mid_system: refuse           # default
    on_refusal: deliver          # default
    on_abstain: fail             # default
    timeout:
      connect: 5s        # default
      # first_byte: 1m   # default; 10m when not streamed
      first_token: 6s    # candor.yaml:12
      idle: 30s          # default
      # total: 10m       # default; 1h for a stream

server:
  listen: "127.0.0.1:5000"   # --port
  # hosts: none              # default
  # public_url: none         # default; the address it listens on
  # admin:
    # token: none   # default; made at start, only in run.json
  # health:
    # listen: none   # default
  store: FOLDER/.candor   # default
  # keep: none               # default; for ever
  workers: 1                 # default
  drain:
    grace: 5s   # default
    cap: 25s    # default
`;

/** Without the padding before origins, which depends on the folder's name. */
function unpadded(text: string): string {
  return text.replaceAll(/ {3,}#/g, '   #');
}

describe('candor config show --effective', () => {
  it('shows every value in force with its origin, and no secret is needed for it', async () => {
    write(CONFIG);
    const { exitCode, out, said } = await show('--effective', '--port', '5000');
    expect({ exitCode, said }).toEqual({ exitCode: 0, said: '' });
    const hash = /config ([0-9a-f]{12})/.exec(out)?.[1] ?? '';
    expect(unpadded(out.replace(hash, 'HASH').replace(folder, 'FOLDER'))).toBe(unpadded(EFFECTIVE));
  });

  it('gives the same as JSON by path', async () => {
    write(CONFIG);
    const values = JSON.parse((await show('--effective', '--json')).out) as Readonly<Record<string, object>>;
    expect(values['routes.legal.timeout.first_token']).toEqual({ value: '6s', origin: 'candor.yaml:12' });
    expect(values['server.listen']).toEqual({ value: '127.0.0.1:4141', origin: 'default' });
    expect(values['server.keep']).toEqual({ value: null, origin: 'default', note: 'for ever' });
    expect(values['providers.anthropic.key']).toEqual({
      value: 'file:/run/secrets/anthropic',
      origin: 'candor.yaml:4',
    });
  });

  it('shows the built-in config as well, and a file as `candor dev` would run it', async () => {
    const { out } = await show('--effective');
    expect(out).toMatch(/^# config [0-9a-f]{12} from no file, as `candor dev` runs it\n/);
    expect(out).toMatch(/try: \[gpt-4o, claude-opus, deepseek-chat\] +# built-in:\d+\n/);
    write(CONFIG);
    expect((await show('--effective', '--dev')).out).toMatch(/fallback: degraded +# default/);
  });

  it('tells what is wrong with a config that would not load', async () => {
    write(`${CONFIG}servr: {}\n`);
    const { exitCode, out, said } = await show('--effective');
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' });
    expect(said).toMatch(/did you mean "server"\?[\s\S]+1 error: nothing would be in force\n$/);
  });

  it('says when the gateway that runs here has another config', async () => {
    write(CONFIG);
    const dev = /config ([0-9a-f]{12})/.exec((await show('--effective', '--dev')).out)?.[1] ?? '';
    let running = dev;
    const gateway = createServer((_, response) => response.writeHead(405, { 'x-candor-config': running }).end());
    await new Promise((resolve) => gateway.listen(0, '127.0.0.1', () => resolve(null)));
    const { port } = gateway.address() as AddressInfo;
    try {
      const at = { host: '127.0.0.1', port, url: `http://127.0.0.1:${port}`, startedAt: '' };
      writeRunFile(join(folder, '.candor'), { ...thisProcess(), ...at, adminToken: new Secret('t') });
      expect((await show('--effective')).said).toBe('');
      running = '000000000000';
      expect((await show('--effective')).said).toMatch(/has config 000000000000 in force, not this one/);
    } finally {
      gateway.closeAllConnections();
      gateway.close();
    }
  });
});

describe('candor config show', () => {
  it('shows the file with its references, and no secret that is written into it', async () => {
    write(CONFIG);
    expect(await show()).toEqual({ exitCode: 0, out: CONFIG, said: '' });
    write(CONFIG.replace('env:OPENAI_API_KEY', 'sk-0123456789abcdef').replace('# what', '# sk-9876543210fedcba what'));
    const { out } = await show();
    expect(out).not.toMatch(/0123456789|9876543210/);
    expect(out).toContain('openai: { key: *******************, region: eu }');
  });

  it('shows the built-in config where there is no file', async () => {
    expect((await show()).out).toContain('extract: { try: [gpt-4o, claude-opus, deepseek-chat] }');
  });
});

describe('candor config schema', () => {
  const schema = async (...options: readonly string[]): Promise<CliOutcome> =>
    runCandor(['config', 'schema', ...options], { cwd: folder });

  it('knows the names of the config here, unless it is not to', async () => {
    write(CONFIG);
    const named = JSON.parse((await schema()).out) as { readonly $defs: { readonly candidate: object } };
    expect(named.$defs.candidate).toEqual({
      enum: ['gpt-4o', 'claude-opus', 'openai/gpt-4o', 'anthropic/claude-opus'],
    });
    expect((await schema('--static')).out).not.toContain('claude-opus"');
  });

  it('is without names, and says so, when the config has errors', async () => {
    write('models: 1\n');
    const { exitCode, out, said } = await schema();
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: (await schema('--static')).out });
    expect(said).toMatch(/candor\.yaml has errors/);
  });
});
