import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transform } from '@swc/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERRORS } from '../src/core/errors.ts';
import { runCandor } from './support/cli-run.ts';
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
/** So many pages are read at once, each lane of them before a gateway of its own. */
const LANES = 3;
const hasShell = spawnSync('bash', ['-c', 'command -v curl']).status === 0;

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
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

/** A folder that looks like the clone, so that commands work as written and leave nothing in it, and a gateway there. */
class Clone {
  readonly #folder = mkdtempSync(join(tmpdir(), 'candor-docs-'));
  #gateway: ChildProcess | null = null;
  #port = 0;

  constructor() {
    copyFileSync(join(root, 'package.json'), join(this.#folder, 'package.json'));
    for (const name of ['dist', 'docs', 'node_modules']) symlinkSync(join(root, name), join(this.#folder, name));
  }

  /** Resolves once the gateway has said its address, rejects with its output when it ends before. */
  async start(): Promise<void> {
    this.#port = await freePort();
    const command = ['dist/cli/main.js', 'dev', '--ephemeral', '--port', String(this.#port)];
    const child = spawn(process.execPath, command, { cwd: this.#folder, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#gateway = child;
    await new Promise<void>((resolve, reject) => {
      let output = '';
      const read = (text: string): void => {
        output += text;
        if (output.includes(`127.0.0.1:${this.#port}`)) resolve();
      };
      child.stdout.setEncoding('utf8').on('data', read);
      child.stderr.setEncoding('utf8').on('data', read);
      child.on('error', reject);
      child.on('close', (code) => reject(new Error(`the gateway ended with ${code} before it was ready: ${output}`)));
    });
  }

  async remove(): Promise<void> {
    const child = this.#gateway;
    if (child !== null && child.exitCode === null) {
      const closed = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      await closed;
    }
    rmSync(this.#folder, { recursive: true });
  }

  runShell({ text }: DocBlock): Promise<Run> {
    return this.#run('bash', ['-euo', 'pipefail', '-c', this.#onPort(text)]);
  }

  async runTypeScript({ text, line }: DocBlock): Promise<Run> {
    const { code } = await transform(this.#onPort(text), {
      filename: 'block.ts',
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: 'es6' },
    });
    const path = join(this.#folder, `block-${line}.mjs`);
    writeFileSync(path, code);
    return this.#run(process.execPath, [path]);
  }

  /** What `candor validate` says of the block. A config that is a program is read in a process of its own. */
  async validate({ language, text, line }: DocBlock): Promise<Run> {
    const path = join(this.#folder, `config-${line}.${language}`);
    writeFileSync(path, text);
    if (language === 'ts') return this.#run(process.execPath, ['dist/cli/main.js', 'validate', '--config', path]);
    const { exitCode, out, said } = await runCandor(['validate', '--config', path], { cwd: this.#folder });
    return { code: exitCode, stdout: out, stderr: said };
  }

  #run(command: string, commandArguments: readonly string[]): Promise<Run> {
    return new Promise((resolve, reject) => {
      const child = spawn(command, commandArguments, { cwd: this.#folder, stdio: ['ignore', 'pipe', 'pipe'] });
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, stdout, stderr }));
    });
  }

  /** Puts our port for the one in the text. */
  #onPort(text: string): string {
    return text.replaceAll(':4141', `:${this.#port}`);
  }
}

function expectSuccess(result: Run): void {
  expect(result.code, `${result.stdout}\n${result.stderr}`).toBe(0);
}

const blocksOf = new Map(pages.map((page) => [page, docBlocks(readFileSync(join(root, page), 'utf8'))]));
const hasBlocks = (page: string): boolean => blocksOf.get(page)?.length !== 0;
/** Those with blocks first, so that each lane has its share of them. */
const turns = pages.toSorted((one, other) => Number(hasBlocks(other)) - Number(hasBlocks(one)));
const lanes = Array.from({ length: LANES }, (_none, lane) => turns.filter((_page, turn) => turn % LANES === lane));

// Simulated models take their time: while one lane waits, another one works.
describe.concurrent.each(lanes.map((lane) => [lane] as const))('blocks', (lane) => {
  let clone: Clone;
  beforeAll(async () => {
    clone = new Clone();
    await clone.start();
  }, 30_000);
  afterAll(() => clone.remove());

  describe.sequential.each(lane)('%s', (page) => {
    const blocks = blocksOf.get(page) ?? [];
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
          const result = await clone.runShell(block);
          expectSuccess(result);
          printed = result.stdout;
        });
      } else if (block.language === 'ts' && !block.text.startsWith('// candor.config.ts\n')) {
        it(`line ${block.line}: the TypeScript block runs`, { timeout: 60_000 }, async () => {
          const result = await clone.runTypeScript(block);
          expectSuccess(result);
          printed = result.stdout;
        });
      } else if (block.language === 'json') {
        it.skipIf(!hasShell)(`line ${block.line}: the answer has the members and types shown`, () => {
          expect(jsonShape(JSON.parse(printed))).toEqual(jsonShape(JSON.parse(block.text)));
        });
      } else if (block.language === 'yaml' || block.language === 'ts') {
        it(`line ${block.line}: the config is valid`, async () => {
          expectSuccess(await clone.validate(block));
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
