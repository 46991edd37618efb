import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder of this run of the tests, for what several files of them need and is the same for all. */
    runFolder: string;
  }
}

/** Gives the run its folder, and takes it away at the end. Vitest calls it before all tests. */
export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'candor-run-'));
  project.provide('runFolder', folder);
  project.onTestsRerun(() => {
    // Sources have changed since.
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
  });
  return () => rmSync(folder, { recursive: true, force: true });
}
