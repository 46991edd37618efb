// Which tools make the load and play the upstream: those of CANDOR_BENCH_TOOLS where they can be had, else our own.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CORES, run, startNative, startNode } from './processes.mjs';
import { plainText } from './answers.mjs';

const here = import.meta.dirname;
const COMPILE_TIMEOUT_MS = 60_000;
const CONNECT_TRIES = 100;
const CONNECT_PAUSE_MS = 20;
/** Events of one stream come this far apart. */
const EVENT_INTERVAL_MS = 20;

/**
 * Finds what is there.
 * @param {string} folder where compiled programs and request bodies go
 * @param {AbortSignal} signal ends whatever load is under way
 */
export function findTools(folder, signal) {
  const source = process.env.CANDOR_BENCH_TOOLS;
  const mock = source === undefined ? null : compile(join(source, 'mock.c'), join(folder, 'mock'));
  const hasWrk = source !== undefined && spawnSync('wrk', ['--version']).error === undefined;
  return { folder, signal, mock, wrkScript: hasWrk ? join(source, 'post.lua') : null };
}

/** Path of the compiled program; `null` without a compiler. */
function compile(source, target) {
  const compiled = spawnSync('gcc', ['-O2', '-o', target, source], { timeout: COMPILE_TIMEOUT_MS, encoding: 'utf8' });
  if (compiled.error !== undefined) return null;
  if (compiled.status !== 0) throw new Error(`gcc: ${compiled.stderr}`);
  return target;
}

/** The tools in words, for the report. */
export function describeTools(tools) {
  return {
    'upstream, not streamed, OpenAI': tools.mock === null ? 'bench/upstream.mjs' : 'mock.c of CANDOR_BENCH_TOOLS',
    'upstream otherwise': 'bench/upstream.mjs',
    'load, not streamed': tools.wrkScript === null ? 'bench/load.mjs' : 'wrk',
    'load, streamed': 'bench/load.mjs',
  };
}

/** Starts an upstream of one protocol. @param {{ stream: boolean, protocol: 'openai' | 'anthropic' }} scenario */
export async function startUpstream(tools, { stream, protocol }) {
  if (tools.mock === null || stream || protocol !== 'openai') {
    return startNode([join(here, 'upstream.mjs'), protocol, String(EVENT_INTERVAL_MS)], { core: CORES.others });
  }
  const port = await freePort();
  const upstream = startNative([tools.mock, `${port}:0:1:0`], CORES.others, port);
  await untilOpen(port);
  return upstream;
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

async function untilOpen(port) {
  for (let tries = 0; tries < CONNECT_TRIES; tries++) {
    const open = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (open) return;
    await delay(CONNECT_PAUSE_MS);
  }
  throw new Error(`nothing listens on port ${port}`);
}

/** Writes a chat request of about so many bytes and gives its path. */
export function writeBody(tools, { model, bytes, stream }) {
  const body = {
    model,
    ...(stream ? { stream: true, stream_options: { include_usage: true } } : {}),
    temperature: 0.2,
    max_tokens: 512,
    messages: [{ role: 'system', content: 'You are a helpful assistant.' }],
  };
  const turnCharacters = bytes < 2000 ? 260 : 1400;
  const roles = ['user', 'assistant'];
  for (let turn = 0; turn % 2 === 0 || JSON.stringify(body).length < bytes - turnCharacters; turn++) {
    body.messages.push({ role: roles[turn % 2], content: plainText(turnCharacters) });
  }
  const rest = bytes - JSON.stringify(body).length - '{"role":"user","content":""},'.length;
  body.messages.push(
    { role: 'assistant', content: 'Go on.' },
    { role: 'user', content: plainText(Math.max(20, rest)) },
  );
  const path = join(tools.folder, `${model}-${bytes}${stream ? '-stream' : ''}.json`);
  writeFileSync(path, JSON.stringify(body));
  return path;
}

const CONNECTIONS = 64;
const STREAMS = 200;
/** A stream takes two seconds; one that takes this long has gone wrong. */
const STREAM_TIMEOUT_SECONDS = 30;

/**
 * Puts load on a URL, bounded in time and count.
 * @returns requests (or streams) answered whole
 * @throws Error when any was not
 */
export async function load(tools, url, bodyFile, { stream, seconds }) {
  const target = `${url}/v1/chat/completions`;
  const result =
    stream || tools.wrkScript === null
      ? await nodeLoad(target, bodyFile, { stream, seconds, signal: tools.signal })
      : await wrkLoad(target, bodyFile, { script: tools.wrkScript, seconds, signal: tools.signal });
  if (result.errors > 0) throw new Error(`${result.errors} of the requests to ${target} failed`);
  if (result.requests === 0) throw new Error(`no request to ${target} was answered`);
  return result.requests;
}

async function nodeLoad(target, bodyFile, { stream, seconds, signal }) {
  const bounds = stream ? [STREAMS, STREAM_TIMEOUT_SECONDS, STREAMS] : [CONNECTIONS, seconds];
  const program = [process.execPath, join(here, 'load.mjs'), target, bodyFile, ...bounds.map(String)];
  const timeoutMs = (STREAM_TIMEOUT_SECONDS + seconds + 10) * 1000;
  return JSON.parse(await run(program, { core: CORES.others, timeoutMs, signal }));
}

async function wrkLoad(target, bodyFile, { script, seconds, signal }) {
  const program = ['wrk', '-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--latency', '-s', script, target];
  const output = await run(program, {
    core: CORES.others,
    timeoutMs: (seconds + 30) * 1000,
    signal,
    environment: { BODY: bodyFile },
  });
  const line = /^JSON (\{.*\})$/m.exec(output)?.[1];
  if (line === undefined) throw new Error(`wrk said nothing to count by: ${output}`);
  const { req: requests, err: errors } = JSON.parse(line);
  return { requests, errors };
}
