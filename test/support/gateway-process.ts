import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import type { CompiledSources } from './compiled-sources.ts';

/** A whole gateway in a process of its own. */
export interface GatewayProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** The lines it has written on standard error so far. */
  readonly said: readonly string[];
  /** Sends the signal and waits for the end; without one it only waits. */
  end(signal?: NodeJS.Signals): Promise<Ended>;
}

/** How a process ended. */
interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** From when `end` was called. */
  readonly tookMs: number;
}

export interface GatewayProcessOptions {
  readonly sources: CompiledSources;
  /** Holds its `candor.yaml` and its state. */
  readonly directory: string;
  /** The command and its options; `dev` on a port of the system's choice when left out. */
  readonly commandLine?: readonly string[];
  /** 0: any. */
  readonly port?: number;
  readonly nodeOptions?: readonly string[];
  /** How many files and sockets it may have open; as many as this process when left out. */
  readonly openFiles?: number;
}

/** Starts one with `candor dev` and waits until it is ready. End it at the end of the test. */
export async function startGatewayProcess(options: GatewayProcessOptions): Promise<GatewayProcess> {
  const { sources, directory, port = 0, nodeOptions = [], openFiles } = options;
  const { commandLine = ['dev', '--port', String(port), '--json'] } = options;
  const command = [process.execPath, ...nodeOptions, sources.path('cli/main'), ...commandLine];
  const child =
    openFiles === undefined
      ? spawn(command[0] ?? '', command.slice(1), { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] })
      : spawn('sh', ['-c', `ulimit -n ${openFiles} && exec "$@"`, 'sh', ...command], {
          cwd: directory,
          stdio: ['ignore', 'pipe', 'pipe'],
        });
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const said: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => said.push(line));
  for await (const line of createInterface({ input: child.stdout })) {
    return {
      url: (JSON.parse(line) as { readonly url: string }).url,
      child,
      said,
      async end(signal) {
        const startedAt = performance.now();
        if (signal !== undefined) child.kill(signal);
        const [code, by] = await exited;
        return { code, signal: by, tookMs: performance.now() - startedAt };
      },
    };
  }
  throw new Error(`the gateway did not start: ${said.join('\n')}`);
}

/** Writes a config with one model, `gpt-4o`, at this upstream. `server` is the value of that name. */
export function writeGatewayConfig(directory: string, upstreamUrl: string, server: string): void {
  writeFileSync(join(directory, 'key'), 'sk-test-process', { mode: 0o600 });
  writeFileSync(
    join(directory, 'candor.yaml'),
    `providers:
  openai: { url: "${upstreamUrl}", allow_private: true, key: "file:key" }
models:
  gpt-4o: { at: openai }
server: ${server}
`,
  );
}
