// Writes candor.schema.json from the grammar in src/config. With --check it writes nothing and says whether it is current.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const file = join(root, 'candor.schema.json');

const { module: gateway } = await runnerImport(join(root, 'src', 'gateway.ts'));
const { module: schema } = await runnerImport(join(root, 'src', 'cli', 'config', 'config-schema.ts'));
const text = schema.schemaText(gateway.createRegistries(), null);

if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
  if (process.argv.includes('--check')) {
    console.error('not current: candor.schema.json; run `npm run docs:schema`');
    process.exitCode = 1;
  } else {
    writeFileSync(file, text);
    console.log('candor.schema.json written');
  }
}
