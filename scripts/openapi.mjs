// Writes openapi.json from the schemas the tests check answers with.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { module } = await runnerImport(join(root, 'test', 'support', 'openapi-document.ts'));
writeFileSync(join(root, 'openapi.json'), `${JSON.stringify(module.openApiDocument(), null, 2)}\n`);
console.log('openapi.json written');
