// Compiles src/ to dist/ with plain tsc. npm runs it after `npm install` in a clone, by way of `prepare`.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'src');
const output = join(root, 'dist');
const command = join(output, 'cli', 'main.js');

/** Path of the compiler's command, or `null` when it is not installed. */
function compiler() {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
  } catch {
    return null;
  }
}

/** Removes compiled files whose source is gone: tsc leaves them, and they would be shipped. */
function removeOrphans() {
  for (const entry of readdirSync(output, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(output, path).replace(/(\.d\.ts|\.js)(\.map)?$/, '');
    if (!existsSync(join(source, `${name}.ts`))) rmSync(path);
  }
}

function build() {
  if (!existsSync(source)) return 'no src/: this is the published package, which is compiled already';
  const tsc = compiler();
  if (tsc === null) {
    if (existsSync(command)) return 'no compiler installed: dist/ stays as it is';
    throw new Error('TypeScript is not installed: run `npm install` with the development dependencies');
  }
  const run = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (run.error) throw run.error;
  if (run.status !== 0) throw new Error(`tsc ended with ${run.status ?? run.signal}`);
  removeOrphans();
  if (!existsSync(command)) throw new Error('the compiler wrote no dist/cli/main.js');
  if (!readFileSync(command, 'utf8').startsWith('#!/usr/bin/env node\n')) {
    throw new Error('src/cli/main.ts must begin with #!/usr/bin/env node');
  }
  chmodSync(command, 0o755);
  return null;
}

try {
  const skipped = build();
  if (skipped !== null) console.error(`build skipped: ${skipped}`);
} catch (error) {
  console.error(`build failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
