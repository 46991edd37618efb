// Writes the table of the demo into README.md. With --check it writes nothing and says whether it is current.
// `--figures FILE` takes what `candor demo --json` printed instead of playing the demo.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const file = join(root, 'README.md');
const SECTION = /(<!-- demo -->\n)[^]*?(\n<!-- \/demo -->)/;

/** What the built command prints. */
function play() {
  const command = [join(root, 'dist', 'cli', 'main.js'), 'demo', '--json', '--seed', '1'];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the demo ended with ${status}: ${stdout}${stderr}`);
  return stdout;
}

const asked = process.argv.indexOf('--figures');
const { scenes, cost } = JSON.parse(asked === -1 ? play() : readFileSync(process.argv[asked + 1], 'utf8'));

/** Cells filled up to the width of their column, as the formatter wants it. */
function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  return [
    line(rows[0]),
    `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`,
    ...rows.slice(1).map(line),
  ].join('\n');
}

const usd = (amount) => (amount === null ? 'an unknown sum' : `$${amount.toFixed(2)}`);
const { extra, certificates } = cost;
const text = `${table([
  ['', 'a plain failover proxy', 'Candor', 'caught by'],
  ...scenes.map(({ title, situation, mechanism, plain, candor }) => [
    `${title} (${situation})`,
    plain.summary,
    candor.summary,
    mechanism,
  ]),
])}

Candor is not free: the certificate took ${certificates.calls} calls and ${usd(certificates.cost_usd)} beforehand, the scenes ${usd(extra.cost_usd)} more than the proxy.`;

const before = readFileSync(file, 'utf8');
const after = before.replace(SECTION, (_, start, end) => `${start}\n${text}\n${end}`);
if (!SECTION.test(before)) throw new Error('README.md has no place for the demo');
if (after === before) {
  console.log('README.md is current');
} else if (process.argv.includes('--check')) {
  console.error('not current: README.md; run `npm run docs:demo`');
  process.exitCode = 1;
} else {
  writeFileSync(file, after);
  console.log('README.md written');
}
