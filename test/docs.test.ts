import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transform } from '@swc/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERRORS } from '../src/core/errors.ts';
import { docBlocks, jsonShape, npmCommands, type DocBlock } from './support/doc-blocks.ts';

const root = join(import.meta.dirname, '..');
const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join('docs', path))
    .toSorted(),
];
const manifest = createRequire(import.meta.url)('../package.json') as {
  readonly [section in 'scripts' | 'dependencies' | 'optionalDependencies' | 'devDependencies']: Readonly<
    Record<string, string>
  >;
};
const hasShell = spawnSync('bash', ['-c', 'command -v curl']).status === 0;

/** A folder that looks like the clone, so that commands work as written and leave nothing in it. */
let clone: string;
let gateway: ChildProcess | undefined;
let port: number;

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(command: string, commandArguments: readonly string[]): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, commandArguments, { cwd: clone, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** Resolves once the gateway has said its address, rejects with its output when it ends before. */
function startGateway(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['dist/cli/main.js', 'dev', '--ephemeral', '--port', String(port)], {
    cwd: clone,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (text: string): void => {
      output += text;
      if (output.includes(`127.0.0.1:${port}`)) resolve(child);
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    child.on('error', reject);
    child.on('close', (code) => reject(new Error(`the gateway ended with ${code} before it was ready: ${output}`)));
  });
}

/** Puts our port for the one in the text, and the other way round. */
function onPort(text: string): string {
  return text.replaceAll(':4141', `:${port}`);
}

async function runTypeScript(block: DocBlock): Promise<Run> {
  const { code } = await transform(onPort(block.text), {
    filename: 'block.ts',
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'es6' },
  });
  const path = join(clone, `block-${block.line}.mjs`);
  writeFileSync(path, code);
  return run(process.execPath, [path]);
}

function validateConfig(block: DocBlock): Promise<Run> {
  const path = join(clone, `config-${block.line}.${block.language}`);
  writeFileSync(path, block.text);
  return run(process.execPath, ['dist/cli/main.js', 'validate', '--config', path]);
}

function expectSuccess(result: Run): void {
  expect(result.code, `${result.stdout}\n${result.stderr}`).toBe(0);
}

describe('blocks', () => {
  beforeAll(async () => {
    clone = mkdtempSync(join(tmpdir(), 'candor-docs-'));
    copyFileSync(join(root, 'package.json'), join(clone, 'package.json'));
    for (const name of ['dist', 'docs', 'node_modules']) symlinkSync(join(root, name), join(clone, name));
    port = await freePort();
    gateway = await startGateway();
  }, 30_000);

  afterAll(async () => {
    const child = gateway;
    if (child !== undefined) {
      const closed = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      await closed;
    }
    rmSync(clone, { recursive: true });
  });

  describe.each(pages)('%s', (page) => {
    const blocks = docBlocks(readFileSync(join(root, page), 'utf8'));
    /** What the last shell block printed: the JSON block after it shows the same. */
    let printed = '';

    it('has only blocks whose language says what is done with them', () => {
      const known = ['sh', 'ts', 'json', 'yaml', 'jsonc', 'text', 'diff'];
      expect(blocks.filter((block) => !known.includes(block.language))).toEqual([]);
    });

    for (const block of blocks) {
      const commands = block.language === 'sh' ? npmCommands(block.text) : [];
      if (commands.length > 0) {
        it(`line ${block.line}: the npm scripts of the block exist (matched with package.json, not run)`, () => {
          for (const command of commands) expect(['install', ...Object.keys(manifest.scripts)]).toContain(command);
        });
      } else if (block.language === 'sh') {
        it.skipIf(!hasShell)(`line ${block.line}: the shell block runs`, { timeout: 60_000 }, async () => {
          const result = await run('bash', ['-euo', 'pipefail', '-c', onPort(block.text)]);
          expectSuccess(result);
          printed = result.stdout;
        });
      } else if (block.language === 'ts' && !block.text.startsWith('// candor.config.ts\n')) {
        it(`line ${block.line}: the TypeScript block runs`, { timeout: 60_000 }, async () => {
          const result = await runTypeScript(block);
          expectSuccess(result);
          printed = result.stdout;
        });
      } else if (block.language === 'json') {
        it.skipIf(!hasShell)(`line ${block.line}: the answer has the members and types shown`, () => {
          expect(jsonShape(JSON.parse(printed))).toEqual(jsonShape(JSON.parse(block.text)));
        });
      } else if (block.language === 'yaml' || block.language === 'ts') {
        it(`line ${block.line}: the config is valid`, async () => {
          expectSuccess(await validateConfig(block));
        });
      }
    }
  });
});

describe('links', () => {
  it.each([...pages, 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'])(
    'of %s lead to files',
    (page) => {
      const text = readFileSync(join(root, page), 'utf8');
      const folder = join(root, page, '..');
      const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1] ?? '');
      for (const target of targets) expect(() => readFileSync(join(folder, target)), target).not.toThrow(/ENOENT/);
    },
  );
});

describe('docs/errors', () => {
  it('is what scripts/error-docs.mjs writes', () => {
    const result = spawnSync(process.execPath, [join(root, 'scripts', 'error-docs.mjs'), '--check'], {
      encoding: 'utf8',
    });
    expect(result.status, result.stderr).toBe(0);
  });

  it('has no code that nothing in src/ speaks of', () => {
    const tables = ['errors.ts', 'request-errors.ts', 'upstream-errors.ts'].map((name) => join('core', name));
    const source = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !tables.includes(path))
      .map((path) => readFileSync(join(root, 'src', path), 'utf8'))
      .join('\n');
    expect(Object.keys(ERRORS).filter((code) => !source.includes(`'${code}'`))).toEqual([]);
  });
});

describe('docs/dependencies.md', () => {
  it('has one line for each direct dependency and no other', () => {
    const text = readFileSync(join(root, 'docs/dependencies.md'), 'utf8');
    const rows = [...text.matchAll(/^\| `([^`]+)` +\| .{10,} \|$/gm)].map((match) => match[1]);
    const optional = Object.keys(manifest.optionalDependencies);
    for (const name of optional) expect(text).toContain(`Optional: \`${name}\``);
    expect(rows).toEqual([...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)]);
  });
});
