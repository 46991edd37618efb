import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { compileOwnSources, compileSources } from './compiled-sources.ts';
import { startEndlessUpstream, type EndlessUpstream, type Outpour } from './endless-upstream.ts';
import { startGatewayProcess, type GatewayProcess } from './gateway-process.ts';
import { StreamReaders } from './stream-readers.ts';

/** A gateway in a process of its own, before an upstream that pours, with clients that read it or do not. */
export interface MemoryBench {
  readonly gateway: GatewayProcess;
  readonly upstream: EndlessUpstream;
  readonly readers: StreamReaders;
  /** Resident memory of the gateway in MiB. */
  residentMib(): number;
  close(): Promise<void>;
}

/** A replacement in one module of the gateway's, to show what a test is worth. */
export interface Sabotage {
  readonly module: string;
  readonly code: string;
  readonly replacement: string;
}

/** Why these tests need Linux: they read the resident memory from `/proc`. */
export const HAS_PROC = process.platform === 'linux';

const OTHER_UPSTREAM = fileURLToPath(new URL('../../bench/upstream.mjs', import.meta.url));

export async function openMemoryBench(
  options: {
    readonly onEnd?: (outpour: Outpour, readers: StreamReaders) => void;
    readonly sabotage?: Sabotage;
    readonly nodeOptions?: readonly string[];
  } = {},
): Promise<MemoryBench> {
  const sources = options.sabotage === undefined ? compileSources() : compileOwnSources();
  if (options.sabotage !== undefined) spoil(sources.path(options.sabotage.module), options.sabotage);
  const directory = mkdtempSync(join(tmpdir(), 'candor-memory-'));
  const upstream = await startEndlessUpstream((outpour) => options.onEnd?.(outpour, readers));
  const others = await startOtherUpstream();
  writeConfig(directory, upstream.url, others.url);
  const { nodeOptions = [] } = options;
  const gateway = await startGatewayProcess({ sources, directory, nodeOptions });
  const readers = new StreamReaders(gateway.url);
  return {
    gateway,
    upstream,
    readers,
    residentMib: () => residentMib(gateway.child.pid ?? 0),
    async close() {
      readers.close();
      await gateway.end('SIGKILL');
      others.child.kill('SIGKILL');
      await upstream.close();
      rmSync(directory, { recursive: true, force: true });
      sources.remove();
    },
  };
}

/** What answers everybody else, in a process of its own: the one that pours has no time. */
async function startOtherUpstream(): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const child = spawn(process.execPath, [OTHER_UPSTREAM, 'openai', '1'], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    return { url: `http://127.0.0.1:${(JSON.parse(line) as { readonly port: number }).port}`, child };
  }
  throw new Error('the other upstream did not start');
}

/** `gpt-4o` pours; `deepseek-chat` is what everybody else asks for. */
function writeConfig(directory: string, pouringUrl: string, otherUrl: string): void {
  writeFileSync(join(directory, 'key'), 'sk-test-memory', { mode: 0o600 });
  writeFileSync(
    join(directory, 'candor.yaml'),
    `providers:
  openai: { url: "${pouringUrl}", allow_private: true, key: "file:key" }
  deepseek: { url: "${otherUrl}", allow_private: true, key: "file:key" }
models:
  gpt-4o: { at: openai }
  deepseek-chat: { at: deepseek }
`,
  );
}

function spoil(path: string, { code, replacement }: Sabotage): void {
  const text = readFileSync(path, 'utf8');
  if (!text.includes(code)) throw new Error(`${path} does not hold ${code}`);
  writeFileSync(path, text.replace(code, replacement));
}

function residentMib(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kib === undefined) throw new Error(`no resident memory of process ${pid}`);
  return Number(kib) / 1024;
}
