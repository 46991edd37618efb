import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { stringMember, type JsonObject } from '../src/core/json.ts';
import { compileSources, type CompiledSources } from './support/compiled-sources.ts';
import { startGatewayProcess, type GatewayProcess } from './support/gateway-process.ts';

let sources: CompiledSources;
let directory = '';
beforeAll(() => {
  sources = compileSources();
  directory = mkdtempSync(join(tmpdir(), 'candor-tail-'));
});
afterAll(() => {
  sources.remove();
  rmSync(directory, { recursive: true, force: true });
});

/** `candor tail --json` in a process of its own. */
function startTail() {
  const child = spawn(process.execPath, [sources.path('cli/main'), 'tail', '--json', '--limit', '2'], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
  const shown: JsonObject[] = [];
  const said: string[] = [];
  let look: () => void = () => undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    shown.push(JSON.parse(line) as JsonObject);
    look();
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    said.push(line);
    look();
  });
  return {
    shown,
    said,
    ids: () => shown.map((record) => stringMember(record, 'id') ?? ''),
    /** Resolves as soon as it holds for what has been shown and said. */
    until: (condition: () => boolean) =>
      new Promise<void>((resolve) => {
        look = () => {
          if (condition()) resolve();
        };
        look();
      }),
    async interrupt() {
      child.kill('SIGINT');
      return exited;
    },
    kill: () => child.kill('SIGKILL'),
  };
}

async function ask(gateway: GatewayProcess, text: string): Promise<string> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'extract', messages: [{ role: 'user', content: text }] }),
  });
  expect(response.status).toBe(200);
  return ((await response.json()) as { readonly id: string }).id;
}

it('shows each request once when it has ended, also across a crash of the gateway', { timeout: 60_000 }, async () => {
  let gateway = await startGatewayProcess({ sources, directory });
  const port = Number(new URL(gateway.url).port);
  const past = [await ask(gateway, 'a'), await ask(gateway, 'b'), await ask(gateway, 'c')];
  const tail = startTail();
  try {
    await tail.until(() => tail.shown.length === 2);
    expect(tail.ids()).toEqual(past.slice(1));

    // More than one page of the list, within one poll.
    const burst = await Promise.all(Array.from({ length: 130 }, (_, number) => ask(gateway, `burst ${number}`)));
    await tail.until(() => tail.shown.length >= 132);
    expect(tail.ids().slice(2).toSorted()).toEqual(burst.toSorted());

    // One that is under way when the gateway dies: it never ends by itself.
    const unfinished = fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-candor-sim': 'openai=stall:3' },
      body: JSON.stringify({ model: 'gpt-4o', stream: true, messages: [{ role: 'user', content: 'Tell me more.' }] }),
    });
    const reader = (await unfinished).body?.getReader();
    await reader?.read();
    await gateway.end('SIGKILL');
    await reader?.read().catch(() => undefined);
    await tail.until(() => tail.said.length === 1);
    gateway = await startGatewayProcess({ sources, directory, port });
    await tail.until(() => tail.shown.length >= 133 && tail.said.length === 2);
    expect(tail.shown.at(-1)).toMatchObject({ status: 'interrupted', asked: 'gpt-4o' });
    const after = await ask(gateway, 'after');
    await tail.until(() => tail.shown.length >= 134);
    expect(tail.ids().at(-1)).toBe(after);
    expect(new Set(tail.ids()).size).toBe(134);
    expect(tail.said).toEqual([
      'candor: the gateway does not answer; waiting for it',
      `candor: the gateway is back, at http://127.0.0.1:${port}`,
    ]);
    expect(await tail.interrupt()).toEqual([0, null]);
  } finally {
    tail.kill();
    await gateway.end('SIGKILL');
  }
});
