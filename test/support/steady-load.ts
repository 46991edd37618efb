import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** What clients at a steady rate have seen; times in milliseconds, from the question to the first byte of the answer's body. */
export interface SteadyLoad {
  readonly answered: number;
  readonly failed: number;
  readonly p50: number;
  readonly p99: number;
  /** The p99 of a usual second, half of them have a lower one: other work of the machine comes in bursts. */
  readonly usualP99: number;
}

const SCRIPT = fileURLToPath(new URL('steady-load.mjs', import.meta.url));

/** Asks at a steady rate from a process of its own. `concurrent`: so many at once before it begins. */
export async function runSteadyLoad(load: {
  readonly url: string;
  readonly perSecond: number;
  readonly seconds: number;
  readonly concurrent?: number;
}): Promise<SteadyLoad> {
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, JSON.stringify(load)]);
  return JSON.parse(stdout) as SteadyLoad;
}
