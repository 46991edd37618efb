// `npm run check`: every tool that reads the source without running it. One line per tool; all of a failing tool's output.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);

/** Path of a command of an installed package, so that neither a shell nor npx is needed. */
function command(packageName, name = packageName) {
  const manifest = findManifest(packageName);
  const { bin } = require(manifest);
  return join(dirname(manifest), typeof bin === 'string' ? bin : bin[name]);
}

/** A package's manifest, also where its `exports` hide it. */
function findManifest(packageName) {
  for (const folder of require.resolve.paths(packageName) ?? []) {
    const path = join(folder, packageName, 'package.json');
    try {
      return require.resolve(path);
    } catch {
      // Not in this folder; the next one up may have it.
    }
  }
  throw new Error(`${packageName} is not installed: run npm install`);
}

const tools = [
  { name: 'tsc', run: () => [command('typescript', 'tsc'), '--noEmit', '--pretty', 'false'] },
  { name: 'oxlint', run: () => [command('oxlint'), '--type-aware', '--deny-warnings'] },
  { name: 'dependency-cruiser', run: () => [join(root, 'scripts', 'import-check.mjs')], says: true },
  { name: 'knip', run: () => [command('knip'), '--treat-config-hints-as-errors'] },
  { name: 'oxfmt', run: () => [command('oxfmt'), '--check'] },
  { name: 'publint', run: () => [command('publint'), '--strict', '--pack', 'false'] },
];

/** Runs one tool; resolves to whether it was content, after printing its line. */
function runTool(tool) {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, tool.run(), { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.on('error', (error) => output.push(Buffer.from(`${error.message}\n`)));
    child.on('close', (code) => {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      const text = Buffer.concat(output).toString('utf8').trimEnd();
      const note = code === 0 && tool.says === true ? `  ${text}` : '';
      console.log(`${code === 0 ? 'ok  ' : 'FAIL'}  ${tool.name.padEnd(18)} ${seconds.padStart(5)} s${note}`);
      if (code !== 0) console.log(`\n${text}\n`);
      resolve(code === 0);
    });
  });
}

/** Takes tools from the list until it is empty. Two of these use two cores and no more memory than that. */
async function work(queue) {
  let content = true;
  for (let tool = queue.shift(); tool !== undefined; tool = queue.shift()) {
    content = (await runTool(tool)) && content;
  }
  return content;
}

const queue = [...tools];
const results = await Promise.all([work(queue), work(queue)]);
if (results.includes(false)) process.exitCode = 1;
