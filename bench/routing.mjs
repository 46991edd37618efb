// `npm run bench:routing`: bundles bench/routing with the gateway's own sources, since not every Node reads TypeScript, and runs it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';

const folder = mkdtempSync(join(tmpdir(), 'candor-routing-'));
try {
  await build({
    configFile: false,
    logLevel: 'warn',
    root: import.meta.dirname,
    build: { ssr: join(import.meta.dirname, 'routing', 'main.ts'), outDir: folder, emptyOutDir: true },
  });
  await import(join(folder, 'main.js'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
