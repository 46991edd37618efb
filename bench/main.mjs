// `npm run bench`: what the gateway costs, in CPU time of its process, beside a proxy that does nothing.
// docs/performance.md says how to read it. Exit code 0: measured; 1: something did not work.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { measurement } from './processes.mjs';
import { measure, SCENARIOS } from './scenarios.mjs';
import { summarize } from './statistics.mjs';
import { describeTools, findTools } from './tools.mjs';

const USAGE = `usage: npm run bench -- [--rounds N] [--seconds S] [--only NAME] [--json]
  --rounds N    rounds of each scenario, 1 to 100 (default 10)
  --seconds S   length of a round that is not streamed, 1 to 60 (default 2)
  --only NAME   one scenario: ${SCENARIOS.map(({ name }) => name).join(', ')}
  --json        one line of JSON on standard output`;

class UsageError extends Error {}

function readOptions(commandLine) {
  const options = {
    rounds: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '2' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  };
  let values;
  try {
    ({ values } = parseArgs({ args: commandLine, options }));
  } catch (error) {
    throw new UsageError(error.message);
  }
  const scenarios = SCENARIOS.filter(({ name }) => values.only === undefined || name === values.only);
  if (scenarios.length === 0) throw new UsageError('there is no such scenario');
  return {
    rounds: wholeNumber('rounds', values.rounds, 100),
    seconds: wholeNumber('seconds', values.seconds, 60),
    scenarios,
    json: values.json,
  };
}

function wholeNumber(name, text, highest) {
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > highest) throw new UsageError(`--${name} takes a whole number from 1 to ${highest}`);
  return number;
}

/** Aborts when the benchmark is told to stop: its processes and its folder are then removed like at any other end. */
function interruption() {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => controller.abort(new Error(`stopped by ${name}`)));
  return controller.signal;
}

async function bench({ rounds, seconds, scenarios, json }) {
  if (!existsSync(join(dirname(import.meta.dirname), 'dist', 'cli', 'main.js'))) {
    throw new Error('there is no dist/: run `npm run build` first');
  }
  const folder = mkdtempSync(join(tmpdir(), 'candor-bench-'));
  try {
    const tools = findTools(folder, interruption());
    const setting = {
      node: process.version,
      processor: cpus()[0]?.model ?? 'unknown',
      ...measurement,
      tools: describeTools(tools),
      rounds,
    };
    if (!json) printSetting(setting);
    const onRound = ({ name }, round, { proxy, gateway }) => {
      console.error(`${name} ${round}/${rounds}: ${(gateway / proxy).toFixed(2)}`);
    };
    const results = {};
    for (const scenario of scenarios) {
      results[scenario.name] = summarize(await measure(scenario, { tools, rounds, seconds, onRound }));
      if (!json) printResult(scenario, results[scenario.name]);
    }
    if (json) console.log(JSON.stringify({ ...setting, results }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function printSetting({ node, processor, cpu, pinned, tools, rounds }) {
  console.log(
    `Node ${node}, ${processor}; CPU time from ${cpu}; ${pinned ? 'pinned to one core' : 'not pinned'}; ${rounds} rounds`,
  );
  for (const [part, tool] of Object.entries(tools)) console.log(`  ${part}: ${tool}`);
  console.log(`${'gateway : proxy'.padEnd(36)} ${'median'.padStart(7)}  ${'range'.padEnd(13)}  CPU µs proxy, gateway`);
}

function printResult({ title }, { ratio, proxyMicros, gatewayMicros }) {
  const range = `${ratio.lowest.toFixed(2)}–${ratio.highest.toFixed(2)}`;
  const micros = `${proxyMicros.toFixed(0)}, ${gatewayMicros.toFixed(0)}`;
  console.log(`${title.padEnd(36)} ${ratio.median.toFixed(2).padStart(7)}  ${range.padEnd(13)}  ${micros}`);
}

try {
  await bench(readOptions(process.argv.slice(2)));
} catch (error) {
  const wrongUsage = error instanceof UsageError;
  console.error(
    wrongUsage ? `${error.message}\n${USAGE}` : `bench: ${error instanceof Error ? error.message : String(error)}`,
  );
  process.exitCode = 1;
}
