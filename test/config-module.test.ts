import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { runCandor } from './support/cli-run.ts';
import { compileSources, type CompiledSources } from './support/compiled-sources.ts';
import { startGatewayProcess } from './support/gateway-process.ts';

let sources: CompiledSources;
beforeAll(() => {
  sources = compileSources();
}, 60_000);
afterAll(() => sources.remove());

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'candor-module-'));
  return () => rmSync(folder, { recursive: true });
});

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly said: string;
}

/** Runs a command line in a process of its own, where modules are evaluated as for a user. */
function candor(...commandLine: readonly string[]): Outcome {
  const command = [sources.path('cli/main'), ...commandLine];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8' });
  return { code: status, out: stdout, said: stderr };
}

const FACTS = `providers: { openai: { key: env:NONE }, anthropic: { sim: true } }
models: { gpt-4o: { at: openai }, claude-opus: { at: anthropic, id: claude-opus-4-8 } }
`;

const MODULE = `import { defineConfig, yaml } from 'candor';
import { cap } from './cap.ts';

export default defineConfig({
  ...yaml('./facts.yaml'),
  routes: {
    legal: {
      try: ['gpt-4o', 'claude-opus'],
      params: { temperature: { max: cap } },
      fallback: 'off',
    },
  },
});
`;

function writeModule(text: string): void {
  write('facts.yaml', FACTS.replace('key: env:NONE', 'sim: true'));
  write('cap.ts', 'export const cap: number = 0.3;\n');
  write('candor.config.ts', text);
}

describe('a config in TypeScript', { timeout: 30_000 }, () => {
  it('is the same config as its YAML', async () => {
    writeModule(MODULE);
    const fromModule = candor('validate');
    expect(fromModule, fromModule.out).toMatchObject({ code: 0 });
    write(
      'same.yaml',
      `${FACTS.replace('key: env:NONE', 'sim: true')}routes: { legal: { try: [gpt-4o, claude-opus], params: { temperature: { max: 0.3 } }, fallback: off } }\n`,
    );
    const ofYaml = await runCandor(['validate', 'same.yaml'], { cwd: folder });
    const hash = /config ([0-9a-f]{12})/.exec(ofYaml.out)?.[1];
    expect(fromModule.out).toContain(`candor.config.ts is valid (config ${hash}).`);
    const shown = candor('config', 'show', '--effective', '--json');
    expect(JSON.parse(shown.out)).toMatchObject({
      'routes.legal.params.temperature': { value: { max: 0.3 }, origin: 'candor.config.ts:9' },
      'models.gpt-4o.at': { value: 'openai', origin: 'candor.config.ts:5' },
    });
  });

  it('has its mistakes shown where they are', () => {
    write('facts.yaml', FACTS);
    write('cap.ts', 'export const cap = 0.3;\n');
    write(
      'candor.config.ts',
      MODULE.replace("'claude-opus']", "'claud-opus']").replace("fallback: 'off'", "fallbak: 'off'"),
    );
    expect(candor('validate')).toMatchObject({
      code: 1,
      out: `error[missing-secret]: providers.openai.key: the environment variable NONE is not set
 --> candor.config.ts:5:3
  |
5 |   ...yaml('./facts.yaml'),
  |   ^^^^^^^^^^^^^^^^^^^^^^^^ set NONE

warning[simulated-provider]: providers.anthropic is simulated: its answers are not a vendor's
 --> candor.config.ts:5:3
  |
5 |   ...yaml('./facts.yaml'),
  |   ^^^^^^^^^^^^^^^^^^^^^^^^

error[unknown-model]: routes.legal names model "claud-opus", which is not defined
 --> candor.config.ts:8:24
  |
8 |       try: ['gpt-4o', 'claud-opus'],
  |                        ^^^^^^^^^^ did you mean "claude-opus"?

error[unknown-field]: unknown field "fallbak" in routes.legal
  --> candor.config.ts:10:7
   |
10 |       fallbak: 'off',
   |       ^^^^^^^ did you mean "fallback"?

3 errors, 1 warning. Nothing was loaded.
`,
    });
  });

  it('says where reading its YAML went wrong', () => {
    writeModule(MODULE.replace('facts.yaml', 'fact.yaml'));
    const { code, out } = candor('validate');
    expect(out).toMatch(/cannot be evaluated: \.\/fact\.yaml does not exist\n --> candor\.config\.ts:5:/);
    expect(code).toBe(1);
  });

  it('is found by each of its names, and never beside another config', async () => {
    write(
      'candor.config.mjs',
      'export default { providers: { openai: { sim: true } }, models: { m: { at: "openai" } } };\n',
    );
    expect(candor('validate')).toMatchObject({ code: 0, out: expect.stringContaining('candor.config.mjs is valid') });
    write('candor.yaml', FACTS);
    expect(await runCandor(['validate'], { cwd: folder })).toMatchObject({
      exitCode: 2,
      said: 'candor: this folder has candor.yaml and candor.config.mjs: keep one, or name one with --config\n',
    });
    expect(candor('validate', 'candor.config.mjs')).toMatchObject({ code: 0 });
    expect(await runCandor(['fmt', 'candor.config.mjs'], { cwd: folder })).toMatchObject({
      exitCode: 2,
      said: expect.stringContaining('is a program'),
    });
  });

  it('is evaluated anew when what it imports, or what `yaml` reads, has changed', async () => {
    writeModule(MODULE);
    const gateway = await startGatewayProcess({ sources, directory: folder });
    try {
      const saidOf = (path: string): string | undefined => gateway.said.findLast((line) => line.includes(path));
      write('cap.ts', 'export const cap: number = 0.7;\n');
      await vi.waitUntil(() => saidOf('routes.legal.params.temperature'), { timeout: 15_000 });
      expect(saidOf('routes.legal.params.temperature')).toContain('0.7');
      write('facts.yaml', `${FACTS.replace('key: env:NONE', 'sim: true')}server: { hosts: [a.example] }\n`);
      await vi.waitUntil(() => saidOf('server.hosts'), { timeout: 15_000 });
    } finally {
      await gateway.end('SIGTERM');
    }
  });
});
