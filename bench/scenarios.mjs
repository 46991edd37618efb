// What is measured, and how one measurement is made.
import { mkdirSync, openSync, closeSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { STREAM_TOKENS } from './answers.mjs';
import { CORES, startNode } from './processes.mjs';
import { load, startUpstream, writeBody } from './tools.mjs';

const here = import.meta.dirname;
const gatewayProgram = join(dirname(here), 'dist', 'cli', 'main.js');
/** By then the compiler has seen what is hot: a round after less of it measures the compiler too. */
const WARM_UP_SECONDS = 8;

/** By name: the protocol of the upstream, the size of the request, streamed or not. Clients speak OpenAI's dialect always. */
export const SCENARIOS = [
  { name: 'plain-1k', title: '1 KB, same dialect', protocol: 'openai', bytes: 1_000, stream: false },
  { name: 'plain-20k', title: '20 KB, same dialect', protocol: 'openai', bytes: 20_000, stream: false },
  { name: 'across-1k', title: '1 KB, across dialects', protocol: 'anthropic', bytes: 1_000, stream: false },
  { name: 'stream', title: 'stream, per event, same dialect', protocol: 'openai', bytes: 1_000, stream: true },
  {
    name: 'stream-across',
    title: 'stream, per event, across dialects',
    protocol: 'anthropic',
    bytes: 1_000,
    stream: true,
  },
];

/** The model a scenario asks for; the config of the gateway names the same. */
const MODELS = { openai: 'gpt-4o', anthropic: 'claude-opus' };
const KINDS = {
  openai: { id: 'gpt-4o-2024-08-06' },
  anthropic: { id: 'claude-opus-4-1-20250805' },
};

/**
 * Measures one scenario: proxy and gateway by turns, each round under the same load.
 * @returns CPU microseconds per request (or per event) of both, by round
 */
export async function measure(scenario, { tools, rounds, seconds, onRound }) {
  const started = [];
  try {
    const upstream = await startUpstream(tools, scenario);
    started.push(upstream);
    const proxy = await startNode([join(here, 'proxy.mjs'), upstream.url], { core: CORES.measured });
    started.push(proxy);
    const gateway = await startGateway(tools, scenario, upstream.url);
    started.push(gateway);
    const body = writeBody(tools, { ...scenario, model: MODELS[scenario.protocol] });
    const cost = (target, forSeconds) => cpuPerUnit(target, body, scenario, tools, forSeconds);
    for (const target of [proxy, gateway]) await warmUp(() => cost(target, seconds));
    const results = [];
    for (let round = 1; round <= rounds; round++) {
      const result = { proxy: await cost(proxy, seconds), gateway: await cost(gateway, seconds) };
      results.push(result);
      onRound(scenario, round, result);
    }
    return results;
  } finally {
    for (const child of started.toReversed()) await child.stop();
  }
}

/** Puts load on a target, as in a round, until it has had enough. */
async function warmUp(round) {
  const until = performance.now() + WARM_UP_SECONDS * 1000;
  while (performance.now() < until) await round();
}

async function cpuPerUnit(target, body, scenario, tools, seconds) {
  const before = await target.cpuMicros();
  const requests = await load(tools, target.url, body, { stream: scenario.stream, seconds });
  const used = (await target.cpuMicros()) - before;
  return used / (scenario.stream ? requests * STREAM_TOKENS : requests);
}

/** Starts the gateway as people run it: a process of its own, its journal and its access log on disk. */
async function startGateway(tools, scenario, upstreamUrl) {
  const folder = join(tools.folder, scenario.name);
  mkdirSync(folder);
  const provider = { url: baseUrl(scenario.protocol, upstreamUrl), key: 'env:CANDOR_BENCH_KEY', allow_private: true };
  const config = {
    providers: { [scenario.protocol]: provider },
    models: { [MODELS[scenario.protocol]]: { at: scenario.protocol, ...KINDS[scenario.protocol] } },
    server: { store: join(folder, 'state') },
  };
  // JSON is YAML.
  writeFileSync(join(folder, 'candor.yaml'), JSON.stringify(config, null, 2));
  const accessLog = openSync(join(folder, 'access.log'), 'a');
  try {
    return await startNode([gatewayProgram, 'serve', '--config', 'candor.yaml', '--port', '0', '--json'], {
      core: CORES.measured,
      cwd: folder,
      stderr: accessLog,
      environment: { CANDOR_BENCH_KEY: 'benchmark' },
    });
  } finally {
    closeSync(accessLog);
  }
}

/** OpenAI's base URL ends in its version, Anthropic's paths begin with theirs. */
function baseUrl(protocol, url) {
  return protocol === 'openai' ? `${url}/v1` : url;
}
