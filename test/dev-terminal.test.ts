import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { readRunFile } from '../src/cli/run-file.ts';
import { compileSources, type CompiledSources } from './support/compiled-sources.ts';
import { hasPseudoTerminal, openPseudoTerminal, type PseudoTerminal } from './support/pseudo-terminal.ts';

/** `candor dev` at a real terminal: its keys, and that the terminal is as it was afterwards. */

const KEYS_LINE = /press {2}d demo · x break OpenAI · p peak hour · r restore · o open · h help · q quit/;
const CTRL_C = '\u0003';
const CTRL_Z = '\u001a';

describe.skipIf(!hasPseudoTerminal)('candor dev at a terminal', { timeout: 30_000 }, () => {
  let sources: CompiledSources;
  let folder = '';
  let terminal: PseudoTerminal;
  beforeAll(() => {
    sources = compileSources();
  });
  afterAll(() => sources.remove());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'candor-terminal-'));
    terminal = openPseudoTerminal(folder, { CANDOR: sources.path('cli/main'), NODE: process.execPath });
  });
  afterEach(async () => {
    const run = readRunFile(join(folder, '.candor'));
    await terminal.close();
    // A test that failed half-way must not leave its gateway behind.
    if (run !== null) {
      try {
        process.kill(run.pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (more: string = ''): void => terminal.type(`"$NODE" "$CANDOR" dev --port 0${more}\n`);

  /** Ends with the shell's own word on how the gateway ended and how it left the terminal. */
  async function afterwards(): Promise<string> {
    terminal.type('echo "code=$?" $(stty -a | grep -oE -- "-?(icanon|echo|isig)\\b"); echo "do""ne"\n');
    const shown = await terminal.shown(/\ndone/);
    return /^code=.*$/m.exec(shown)?.[0]?.trim() ?? shown;
  }

  async function faults(): Promise<unknown> {
    const run = readRunFile(join(folder, '.candor'));
    const headers = { authorization: `Bearer ${run?.adminToken.reveal() ?? ''}` };
    const response = await fetch(`${run?.url ?? ''}/admin/sim`, { headers });
    return ((await response.json()) as { readonly data: unknown }).data;
  }

  it('breaks OpenAI, sets the clock, restores and ends by its keys', async () => {
    start();
    await terminal.shown(KEYS_LINE);
    terminal.type('x');
    await terminal.shown(/OpenAI answers 503 \(simulated\) until \d\d:\d\d:\d\d; r restores it/);
    expect(await faults()).toMatchObject([{ target: 'openai', fault: 'outage', status: 503, for_ms: 60_000 }]);
    terminal.type('p');
    await terminal.shown(/the simulator's clock says 14:00 in Asia\/Shanghai/);
    terminal.type('r');
    await terminal.shown(/no simulated faults any more/);
    expect(await faults()).toEqual([]);
    terminal.type('zh');
    const shown = await terminal.shown(/quit, as Ctrl-C does/);
    // Keys are not echoed, and one that means nothing does nothing.
    expect(shown).not.toContain('zh');
    terminal.type('q');
    await terminal.shown(/SIGINT: stopping[^$]*\$ /);
    expect(await afterwards()).toBe('code=0 isig icanon echo');
    expect(readRunFile(join(folder, '.candor'))).toBeNull();
  });

  it('plays the demo beside the gateway, once at a time, and ends it with itself', async () => {
    start();
    await terminal.shown(KEYS_LINE);
    terminal.type('d');
    await terminal.shown(/the demo takes some seconds/);
    terminal.type('d');
    await terminal.shown(/the demo is running/);
    // By now it has begun, and has something to clean up.
    await terminal.shown(/1 of 5 {2}malformed JSON/);
    terminal.type('q');
    await terminal.shown(/candor: the demo was stopped/);
    expect(await afterwards()).toBe('code=0 isig icanon echo');
  });

  it('still stops by Ctrl-Z, and its keys work again in the foreground', async () => {
    start();
    await terminal.shown(KEYS_LINE);
    terminal.type(CTRL_Z);
    await terminal.shown(/Stopped/);
    terminal.type('stty -a | grep -oE -- "-?icanon"\n');
    await terminal.shown(/\nicanon/);
    terminal.type('fg\n');
    // Nothing tells when the process has the terminal again, and a key that comes before is the shell's to lose.
    const typing = setInterval(() => terminal.type('h'), 100);
    await terminal.shown(/quit, as Ctrl-C does/).finally(() => clearInterval(typing));
    terminal.type('q');
    await terminal.shown(/SIGINT: stopping[^$]*\$ /);
    expect(await afterwards()).toBe('code=0 isig icanon echo');
  });

  it('leaves the terminal alone in the background', async () => {
    start(' &');
    await terminal.shown(KEYS_LINE);
    terminal.type('jobs\n');
    expect(await terminal.shown(/\[1\]\+ +\w+/)).toContain('Running');
    terminal.type('kill -INT %1; wait %1; echo "en""ded"\n');
    await terminal.shown(/ended/);
  });

  it.each([
    ['a fault that nobody catches', 'throw new Error("crash")', 1],
    ['an exit from within', 'process.exit(3)', 3],
  ])('gives the terminal back after %s', async (_what, statement, code) => {
    writeFileSync(join(folder, 'crash.mjs'), `process.on('SIGUSR2', () => { ${statement}; });`);
    terminal.type(`"$NODE" --import ./crash.mjs "$CANDOR" dev --port 0\n`);
    await terminal.shown(KEYS_LINE);
    process.kill(readRunFile(join(folder, '.candor'))?.pid ?? 0, 'SIGUSR2');
    await terminal.shown(/\$ $/);
    expect(await afterwards()).toBe(`code=${code} isig icanon echo`);
  });

  it('says why it cannot break a provider that is real, and still ends by Ctrl-C', async () => {
    writeFileSync(
      join(folder, 'candor.yaml'),
      'providers: { openai: { key: env:OPENAI_API_KEY }, google: { sim: true } }\nmodels: { gpt-4o: { at: openai }, gemini-flash: { at: google } }\n',
    );
    // A key that only .env has: without it this gateway would not start.
    writeFileSync(join(folder, '.env'), 'OPENAI_API_KEY=sk-not-a-key\n');
    start();
    await terminal.shown(KEYS_LINE);
    terminal.type('x');
    await terminal.shown(/sim_not_simulated: .*openai/);
    terminal.type(CTRL_C);
    await terminal.shown(/SIGINT: stopping[^$]*\$ /);
    expect(await afterwards()).toBe('code=0 isig icanon echo');
  });
});
