import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { beforeEach, expect, it } from 'vitest';

import { runCandor, type CliOutcome } from '../../../test/support/cli-run.ts';
import { Secret } from '../../core/secret.ts';
import { VERSION } from '../../core/version.ts';
import { thisProcess } from '../../ledger/process-identity.ts';
import { writeRunFile } from '../run-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'candor-validate-'));
  return () => rmSync(folder, { recursive: true });
});

function validate(text: string, ...options: readonly string[]): Promise<CliOutcome> {
  writeFileSync(join(folder, 'candor.yaml'), text);
  return runCandor(['validate', ...options], { cwd: folder, environment: { OPENAI_API_KEY: 'k' } });
}

const MISTAKES = `# five mistakes
providers:
  openai: { key: env:OPENAI_API_KEY }
  anthropic: { key: sk-ant-0123456789abcdef }

models:
  gpt-4o: { at: opanai }
  claude-opus: { at: anthropic, id: claude-opus-4-8 }

routes:
  create:  { try: [claud-opus], timeout: { first_tokn: 6s } }
  extract: { try: [gpt-4o, claude-opus], fallback: degraded, stream: hodl }
`;

const TOLD = `error[literal-secret]: providers.anthropic.key holds a secret itself
 --> candor.yaml:4:21
  |
4 |   anthropic: { key: *********************** }
  |                     ^^^^^^^^^^^^^^^^^^^^^^^ write env:NAME or file:/path

error[unknown-provider]: models.gpt-4o.at names provider "opanai", which is not defined
 --> candor.yaml:7:17
  |
7 |   gpt-4o: { at: opanai }
  |                 ^^^^^^ did you mean "openai"?

error[unknown-model]: routes.create names model "claud-opus", which is not defined
  --> candor.yaml:11:20
   |
11 |   create:  { try: [claud-opus], timeout: { first_tokn: 6s } }
   |                    ^^^^^^^^^^ did you mean "claude-opus"?

error[unknown-field]: unknown field "first_tokn" in routes.create.timeout
  --> candor.yaml:11:44
   |
11 |   create:  { try: [claud-opus], timeout: { first_tokn: 6s } }
   |                                            ^^^^^^^^^^ did you mean "first_token"?

error[unknown-value]: routes.extract.stream cannot be "hodl"
  --> candor.yaml:12:70
   |
12 |   extract: { try: [gpt-4o, claude-opus], fallback: degraded, stream: hodl }
   |                                                                      ^^^^ did you mean "hold"?

5 errors. Nothing was loaded.
`;

it('shows five mistakes, each where it is, and ends with 1', async () => {
  expect(await validate(MISTAKES)).toEqual({ exitCode: 1, out: TOLD, said: '' });
});

it('says which configuration a gateway that runs here keeps', async () => {
  const gateway = createServer((_, response) => {
    response.writeHead(405, { 'x-candor-config': '9f2c1a0b1c2d' }).end();
  });
  await new Promise((resolve) => gateway.listen(0, '127.0.0.1', () => resolve(null)));
  const { port } = gateway.address() as AddressInfo;
  try {
    const at = { host: '127.0.0.1', port, url: `http://127.0.0.1:${port}`, startedAt: '' };
    writeRunFile(join(folder, '.candor'), { ...thisProcess(), ...at, adminToken: new Secret('t') });
    expect((await validate(MISTAKES)).out).toContain(
      '5 errors. Nothing was loaded; the running gateway keeps config 9f2c1a0b1c2d.\n',
    );
  } finally {
    gateway.closeAllConnections();
    gateway.close();
  }
});

const GOOD = `providers: { openai: { key: env:OPENAI_API_KEY }, google: { sim: true } }
models: { gpt-4o: { at: openai } }
`;

it('ends with 0 for a config with warnings only', async () => {
  const { exitCode, out } = await validate(GOOD);
  expect(out).toMatch(/2 warnings\. candor\.yaml is valid \(config [0-9a-f]{12}\)\.\n$/);
  expect(out).toContain('warning[unused-provider]: no model runs at providers.google\n --> candor.yaml:1:51\n');
  expect(exitCode).toBe(0);
});

it('gives JSON with --json and with --format json', async () => {
  const { exitCode, out } = await validate(MISTAKES, '--json');
  const report = JSON.parse(out) as { readonly valid: boolean; readonly diagnostics: readonly object[] };
  expect([exitCode, report.valid, report.diagnostics.length]).toEqual([1, false, 5]);
  expect(report.diagnostics[1]).toMatchObject({ code: 'unknown-provider', line: 7, column: 17, end_column: 23 });
  expect((await validate(MISTAKES, '--format', 'json')).out).toBe(out);
});

it('gives a SARIF 2.1.0 log', async () => {
  const { exitCode, out } = await validate(MISTAKES, '--format', 'sarif');
  const log = JSON.parse(out) as SarifLog;
  expect(exitCode).toBe(1);
  expect(log).toMatchObject({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'candor', version: VERSION } }, columnKind: 'utf16CodeUnits' }],
  });
  const [run] = log.runs;
  expect(run?.results).toHaveLength(5);
  expect(run?.results[1]).toEqual({
    ruleId: 'unknown-provider',
    level: 'error',
    message: { text: 'models.gpt-4o.at names provider "opanai", which is not defined: did you mean "openai"?' },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: 'candor.yaml' },
          region: { startLine: 7, startColumn: 17, endLine: 7, endColumn: 23 },
        },
      },
    ],
  });
  expect(run?.tool.driver.rules.map(({ id }) => id)).toEqual(
    expect.arrayContaining(run?.results.map(({ ruleId }) => ruleId) ?? []),
  );
  const good = JSON.parse((await validate(GOOD, '--format', 'sarif')).out) as SarifLog;
  expect(good.runs[0]?.results.map(({ level }) => level)).toEqual(['warning', 'warning']);
});

interface SarifLog {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly results: readonly { readonly ruleId: string; readonly level: string }[];
  }[];
}

it('gives annotations of GitHub Actions, one a line', async () => {
  const { exitCode, out } = await validate(MISTAKES, '--format', 'github');
  const lines = out.split('\n');
  expect([exitCode, lines.length]).toEqual([1, 6]);
  expect(lines[1]).toBe(
    '::error file=candor.yaml,line=7,endLine=7,col=17,endColumn=23,title=unknown-provider::models.gpt-4o.at names provider "opanai", which is not defined%0Adid you mean "openai"?',
  );
  expect((await validate(GOOD, '--format', 'github')).out).toMatch(/^::warning file=candor\.yaml,line=1,/);
});
