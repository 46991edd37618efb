import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { vi } from 'vitest';

import { compileSources } from './compiled-sources.ts';
import { startGatewayProcess, type GatewayProcess } from './gateway-process.ts';

const CONFIG = `import { defineConfig, yaml } from 'candor';
import { version } from './hooks/version.ts';

export default defineConfig({
  ...yaml('./facts.yaml'),
  hooks: { params: { 'gpt-4o': (q) => ({ ...q, user: \`\${version} \${process.pid}\` }) } },
});
`;
const FACTS = `providers: { openai: { sim: true } }
models: { gpt-4o: { at: openai } }
server: { drain: { grace: 0, cap: 5s } }
`;

/** Two worker processes with one function, which says its version and its process in the prompt it sends. */
export interface HookedWorkers {
  readonly gateway: GatewayProcess;
  /** The config's folder. */
  readonly directory: string;
  /** Writes the module that the config imports. */
  writeVersion(version: string): void;
  /** Writes that version, and waits until it is in force. */
  reloadVersion(version: string): Promise<void>;
  remove(): Promise<void>;
}

/** Starts them in a folder of their own. Remove them at the end. */
export async function startHookedWorkers(version: string): Promise<HookedWorkers> {
  const directory = mkdtempSync(join(tmpdir(), 'candor-hooked-'));
  const writeVersion = (text: string): void =>
    writeFileSync(join(directory, 'hooks', 'version.ts'), `export const version: string = '${text}';\n`);
  mkdirSync(join(directory, 'hooks'));
  writeFileSync(join(directory, 'facts.yaml'), FACTS);
  writeFileSync(join(directory, 'candor.config.ts'), CONFIG);
  writeVersion(version);
  const commandLine = ['serve', '--allow-sim', '--workers', '2', '--port', '0', '--json'];
  const gateway = await startGatewayProcess({ sources: compileSources(), directory, commandLine });
  return {
    gateway,
    directory,
    writeVersion,
    async reloadVersion(text) {
      writeVersion(text);
      gateway.child.kill('SIGHUP');
      await vi.waitUntil(() => gateway.said.some((line) => line.includes('hooks.candor.config.ts')), {
        timeout: 20_000,
      });
    },
    async remove() {
      await gateway.end('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Over a connection of its own: any worker may take it. */
export function askHooked(url: string): Promise<{ readonly version: string; readonly pid: number }> {
  const body = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'x' }] });
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', agent: false, headers: { 'content-type': 'application/json' } };
    const request = send(`${url}/v1/chat/completions`, options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => {
        const [, version = '', pid = ''] = /"sent":"(\w+) (\d+)"/.exec(text) ?? [];
        if (version === '') reject(new Error(text));
        else resolve({ version, pid: Number(pid) });
      });
    });
    request.on('error', reject).end(body);
  });
}

/** Asks until two workers have answered. @returns who answered what */
export async function askBoth(url: string): Promise<ReadonlyMap<number, string>> {
  const answered = new Map<number, string>();
  await vi.waitUntil(
    async () => {
      const { version, pid } = await askHooked(url);
      answered.set(pid, version);
      return answered.size === 2;
    },
    { timeout: 20_000, interval: 1 },
  );
  return answered;
}
