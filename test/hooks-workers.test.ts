import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';

import { compileSources, type CompiledSources } from './support/compiled-sources.ts';
import { startGatewayProcess, type GatewayProcess } from './support/gateway-process.ts';

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

let sources: CompiledSources;
beforeAll(() => {
  sources = compileSources();
}, 60_000);
afterAll(() => sources.remove());

let directory: string;
let gateway: GatewayProcess | null = null;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'candor-hooked-'));
  mkdirSync(join(directory, 'hooks'));
  writeFileSync(join(directory, 'facts.yaml'), FACTS);
  writeFileSync(join(directory, 'candor.config.ts'), CONFIG);
});
afterEach(async () => {
  await gateway?.end('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

function writeVersion(version: string): void {
  writeFileSync(join(directory, 'hooks', 'version.ts'), `export const version: string = '${version}';\n`);
}

/** Over a connection of its own: any worker may take it. */
function ask(url: string): Promise<{ readonly version: string; readonly pid: number }> {
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
async function askBoth(url: string): Promise<ReadonlyMap<number, string>> {
  const answered = new Map<number, string>();
  await vi.waitUntil(
    async () => {
      const { version, pid } = await ask(url);
      answered.set(pid, version);
      return answered.size === 2;
    },
    { timeout: 20_000, interval: 1 },
  );
  return answered;
}

it('functions reach every worker, in the version in force', { timeout: 90_000 }, async () => {
  writeVersion('one');
  const commandLine = ['serve', '--allow-sim', '--workers', '2', '--port', '0', '--json'];
  const running = await startGatewayProcess({ sources, directory, commandLine });
  gateway = running;
  const { url } = running;
  expect([...(await askBoth(url)).values()]).toEqual(['one', 'one']);

  writeVersion('two');
  running.child.kill('SIGHUP');
  await vi.waitUntil(() => running.said.some((line) => line.includes('hooks.candor.config.ts')), { timeout: 20_000 });
  const before = await askBoth(url);
  expect([...before.values()]).toEqual(['two', 'two']);

  // Whoever takes a dead worker's place has what is in force, not what is being written.
  writeVersion('three');
  writeFileSync(join(directory, 'candor.config.ts'), 'half written {');
  writeFileSync(join(directory, 'facts.yaml'), 'half: [');
  const [dead = 0] = before.keys();
  process.kill(dead, 'SIGKILL');
  await vi.waitUntil(
    async () => {
      const answer = await ask(url).catch(() => null);
      return answer !== null && !before.has(answer.pid);
    },
    { timeout: 20_000, interval: 20 },
  );
  const after = await askBoth(url);
  expect([...after.values()]).toEqual(['two', 'two']);
  expect(after.has(dead)).toBe(false);
});
