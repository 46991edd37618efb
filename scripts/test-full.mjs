// The long suites of test/full: whole matrices, kills, endurance. Ends with `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
// The SDKs and frameworks that are clients in test/full/clients.test.ts: heavy, so they are no part of the project's own packages.
const install = ['install', '--no-audit', '--no-fund', '--loglevel=error'];
const installed = spawnSync('npm', install, { cwd: join(root, 'test', 'clients'), stdio: 'inherit' });
if (installed.error) throw installed.error;
const run = spawnSync(process.execPath, [vitest, 'run', ...process.argv.slice(2)], {
  cwd: root,
  env: { ...process.env, CANDOR_FULL: '1' },
  stdio: 'inherit',
});
if (run.error) throw run.error;
process.exitCode = run.status ?? 1;
