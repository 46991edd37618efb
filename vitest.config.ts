import { defineConfig } from 'vitest/config';
import { ClosingLineReporter } from './test/support/reporter.ts';

const full = process.env['CANDOR_FULL'] === '1';

export default defineConfig({
  test: {
    pool: 'threads',
    // One module registry for all files of a thread: fast, and state kept in a module shows itself.
    isolate: false,
    include: full ? ['test/full/**/*.test.ts'] : ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', ...(full ? [] : ['test/full/**'])],
    passWithNoTests: full,
    // Kills and overload would be measured through one another.
    fileParallelism: !full,
    // By itself vitest leaves one core alone, which of two is half.
    maxWorkers: 2,
    globalSetup: 'test/support/run-folder.ts',
    testTimeout: full ? 120_000 : 15_000,
    // Config modules that tests write are evaluated by Node, as they are outside of tests.
    server: { deps: { external: [/\/candor-[a-z]+-\w+\//] } },
    reporters: ['default', new ClosingLineReporter(process.env['CANDOR_REQUIRE_ALL'] === '1')],
  },
});
