// Writes docs/errors/ from the table in src/core/errors.ts. With --check it writes nothing and says what is not current.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'docs', 'errors');

function statusText(status) {
  return status === 499 ? '499 (in the record only: nobody is left to read it)' : `${status} ${STATUS_CODES[status]}`;
}

function page(code, row) {
  return `# ${code}

${row.meaning}

**What to do:** ${row.fix}

| member | value |
| --- | --- |
| HTTP status | ${statusText(row.status)} |
| \`error.type\` | \`${row.type}\` |
| \`error.code\` | \`${code}\` |
| \`x-should-retry\` | \`${row.retry}\`${row.retry ? ': SDKs send the request again by themselves' : ''} |

The shape of an error is in [http.md](../http.md#errors), the list of all codes in [README.md](README.md).
`;
}

function index(errors) {
  const rows = Object.entries(errors)
    .toSorted(([a, first], [b, second]) => first.status - second.status || (a < b ? -1 : 1))
    .map(
      ([code, row]) => `| ${row.status} | [\`${code}\`](${code}.md) | ${row.retry ? 'yes' : 'no'} | ${row.meaning} |`,
    );
  return `# Error codes

One page for each code that \`error.code\` can hold. A code keeps its status and meaning; the sentence in \`error.message\` may change.
"Retried" is \`x-should-retry\`: whether SDKs send the request again by themselves.

| status | code | retried | meaning |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}

const { module } = await runnerImport(join(root, 'src', 'core', 'errors.ts'));
const wanted = new Map([['README.md', index(module.ERRORS)]]);
for (const [code, row] of Object.entries(module.ERRORS)) wanted.set(`${code}.md`, page(code, row));

mkdirSync(folder, { recursive: true });
const present = new Set(readdirSync(folder));
const stale = [...present].filter((name) => !wanted.has(name));
const changed = [...wanted]
  .filter(([name, text]) => !present.has(name) || readFileSync(join(folder, name), 'utf8') !== text)
  .map(([name]) => name);

if (process.argv.includes('--check')) {
  for (const name of [...stale, ...changed]) console.error(`not current: docs/errors/${name}`);
  if (stale.length + changed.length > 0) process.exitCode = 1;
} else {
  for (const name of stale) rmSync(join(folder, name));
  for (const name of changed) writeFileSync(join(folder, name), wanted.get(name));
  console.log(`${wanted.size} pages, ${changed.length} written, ${stale.length} removed`);
}
