import type { Reporter, TestModule } from 'vitest/node';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Prints `N passed, N failed` (and `, N skipped` when there are any) as the last line of a run.
 * A file that does not load and an error outside every test count as failures; so does a skipped
 * test under `requireAll`, where the names of the skipped are printed first.
 */
export class ClosingLineReporter implements Reporter {
  readonly #requireAll: boolean;

  constructor(requireAll: boolean) {
    this.#requireAll = requireAll;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts: Counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    const skipped: string[] = [];
    for (const module of modules) {
      counts.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') counts.passed++;
        else if (state === 'failed') counts.failed++;
        else {
          counts.skipped++;
          skipped.push(`${module.relativeModuleId} > ${test.fullName}`);
        }
      }
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
    }
    const refused = this.#requireAll && counts.skipped > 0;
    // The other reporters still have to print: only the end of the process is surely the end.
    process.once('exit', () => {
      if (refused) {
        process.stdout.write(
          `Skipped, though CANDOR_REQUIRE_ALL is set:\n${skipped.map((name) => `  ${name}\n`).join('')}`,
        );
        process.exitCode = 1;
      }
      process.stdout.write(`${closingLine(counts, this.#requireAll)}\n`);
    });
  }
}

function closingLine(counts: Counts, requireAll: boolean): string {
  const failed = requireAll ? counts.failed + counts.skipped : counts.failed;
  const line = `${counts.passed} passed, ${failed} failed`;
  return counts.skipped === 0 ? line : `${line}, ${counts.skipped} skipped`;
}
