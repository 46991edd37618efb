// Starting, pinning, measuring and stopping the processes of the benchmark.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const READY_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 10_000;
/** Clock ticks a second in `/proc/PID/stat` (`getconf CLK_TCK`; 100 on every Linux that Node runs on). */
const TICKS_PER_SECOND = 100;
const hasProc = process.platform === 'linux';
const canPin = hasProc && availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0;

/** The core of what is measured, and the one of everything else. */
export const CORES = { measured: '0', others: '1' };

/** How CPU time is read and whether processes are pinned, in words. */
export const measurement = {
  cpu: hasProc ? '/proc/PID/stat' : 'process.cpuUsage',
  pinned: canPin,
};

/** A process that has said it is ready. */
export class Child {
  /**
   * @param {import('node:child_process').ChildProcess} child
   * @param {{ port: number }} ready what it said when it was ready
   */
  constructor(child, ready) {
    this.child = child;
    this.ready = ready;
  }

  get url() {
    return `http://127.0.0.1:${this.ready.port}`;
  }

  /** CPU time the process has used so far, all threads, user and system, in microseconds. */
  async cpuMicros() {
    if (hasProc) return cpuMicrosOf(readFileSync(`/proc/${this.child.pid}/stat`, 'latin1'));
    this.child.send('cpu');
    const [usage] = await once(this.child, 'message', { signal: AbortSignal.timeout(READY_TIMEOUT_MS) });
    return usage.user + usage.system;
  }

  /** Ends it with SIGTERM, and with SIGKILL when that was not enough. */
  async stop() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    this.child.kill('SIGTERM');
    await ended;
    clearTimeout(timer);
  }
}

function cpuMicrosOf(stat) {
  // The name of the process stands in brackets and may hold anything; the fields after it are numbers.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [userTicks, systemTicks] = fields.slice(11, 13).map(Number);
  return ((userTicks + systemTicks) * 1_000_000) / TICKS_PER_SECOND;
}

/**
 * Starts a Node program and waits for the line of JSON with which it says it is ready.
 * @param {readonly string[]} program
 * @param {{ core: string, environment?: Record<string, string>, cwd?: string, stderr?: number, nodeOptions?: readonly string[] }} options
 */
export async function startNode(program, options) {
  const reporter = hasProc ? [] : ['--import', join(import.meta.dirname, 'report-cpu.mjs')];
  const command = pinned(options.core, [process.execPath, ...reporter, ...(options.nodeOptions ?? []), ...program]);
  const child = spawn(command[0], command.slice(1), {
    cwd: options.cwd,
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'pipe', options.stderr ?? 'inherit', ...(hasProc ? [] : ['ipc'])],
  });
  const lines = createInterface({ input: child.stdout });
  try {
    const [line] = await Promise.race([
      once(lines, 'line', { signal: AbortSignal.timeout(READY_TIMEOUT_MS) }),
      once(child, 'exit').then(([code]) => {
        throw new Error(`${program[0]} ended with ${code} before it was ready`);
      }),
    ]);
    return new Child(child, JSON.parse(line));
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

/** Starts a program that does not say when it is ready, on a port that was given to it. */
export function startNative(program, core, port) {
  const command = pinned(core, program);
  return new Child(spawn(command[0], command.slice(1), { stdio: ['ignore', 'ignore', 'inherit'] }), { port });
}

/** Runs a program to its end and gives its standard output. */
export async function run(program, { core, timeoutMs, signal, environment = {} }) {
  const command = pinned(core, program);
  const child = spawn(command[0], command.slice(1), {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: timeoutMs,
    signal,
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  const [code, killedBy] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program[0]} ended with ${code ?? killedBy}`);
  return output;
}

function pinned(core, command) {
  return canPin ? ['taskset', '--cpu-list', core, ...command] : [...command];
}
