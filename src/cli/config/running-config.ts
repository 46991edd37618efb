import { resolve } from 'node:path';

import { isAlive } from '../../ledger/process-identity.ts';
import { readRunFile } from '../run-file.ts';
import type { Terminal } from '../terminal.ts';

const PATIENCE_MS = 1_000;

/** Hash of the configuration that the gateway of a state folder has in force; `null` when none runs or answers. */
export async function runningConfig(terminal: Terminal, state: string | undefined): Promise<string | null> {
  const run = readRunFile(resolve(terminal.cwd, state ?? '.candor'));
  if (run === null || !isAlive(run)) return null;
  const host = run.host.includes(':') ? `[${run.host}]` : run.host;
  try {
    // Every answer that is an error says the hash, and this one needs no key and leaves no record.
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(`http://${host}:${run.port}/v1/chat/completions`, { signal });
    await response.body?.cancel();
    return response.headers.get('x-candor-config');
  } catch {
    return null;
  }
}
