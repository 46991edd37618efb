import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { intentOf, LedgerFolder, recordOf } from '../../../../test/support/ledger-folder.ts';
import { Secret } from '../../../core/secret.ts';
import { thisProcess } from '../../../ledger/process-identity.ts';
import { writeRunFile } from '../../run-file.ts';
import { checkLedger } from './ledger-check.ts';
import { checkClock, checkNode, checkSqlite, OLDEST_NODE } from './machine-checks.ts';
import { checkLock, checkPort, checkState } from './state-checks.ts';

it('knows the oldest Node that package.json allows', () => {
  const manifest = createRequire(import.meta.url)('../../../../package.json') as {
    readonly engines: { readonly node: string };
  };
  expect(manifest.engines.node).toBe(`>=${OLDEST_NODE}`);
});

it.each([
  ['18.20.4', 'problem'],
  ['20.18.3', 'problem'],
  ['20.19.0', 'ok'],
  ['22.1.0', 'ok'],
  ['100.0.0', 'ok'],
])('Node %s is %s', (version, outcome) => {
  expect(checkNode(version)).toMatchObject({ outcome, message: version });
});

it('tries SQLite', async () => {
  expect(await checkSqlite()).toMatchObject({ outcome: 'ok', message: expect.stringMatching(/^3\./) });
  expect(await checkSqlite(() => Promise.resolve(null))).toMatchObject({
    outcome: 'problem',
    next: expect.stringContaining('npm install'),
  });
  const broken = (): never => {
    throw new Error('disk image is malformed');
  };
  expect(await checkSqlite(() => Promise.resolve(broken))).toMatchObject({
    outcome: 'problem',
    cause: 'disk image is malformed.',
  });
});

it('tells a clock that cannot be right', () => {
  expect(checkClock(Date.parse('1970-01-02T00:00:00Z'))).toMatchObject({ outcome: 'warning' });
  expect(checkClock(Date.parse('2040-01-01T00:00:00Z'))).toMatchObject({ outcome: 'ok' });
});

it('verifies a ledger that is soon read', async () => {
  const folder = new LedgerFolder();
  try {
    expect(checkLedger(folder.directory)).toMatchObject({ outcome: 'ok', message: 'no records yet' });
    const ledger = await folder.open();
    await ledger.begin(intentOf('gen_1'));
    await ledger.finish(recordOf('gen_1'), { request: Buffer.from('q'), attempts: [] });
    await ledger.close();
    expect(checkLedger(folder.directory)).toMatchObject({ outcome: 'ok', message: '1 record, nothing is wrong' });
    expect(checkLedger(folder.directory, 10).message).toContain('`candor verify` does');
    const path = join(folder.directory, 'journal', `${ledger.writer}-1.jnl`);
    const bytes = readFileSync(path);
    const at = bytes.lastIndexOf('"type":"final"');
    bytes[at + 9] = 0x46;
    writeFileSync(path, bytes);
    expect(checkLedger(folder.directory)).toMatchObject({ outcome: 'problem', next: 'run `candor verify`' });
  } finally {
    await folder.close();
  }
});

describe('a state folder', () => {
  let store = '';
  let server: Server;
  let port = 0;
  beforeEach(async () => {
    store = mkdtempSync(join(tmpdir(), 'candor-state-'));
    server = createServer((_request, response) => response.end('{"status":"ok"}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(async () => {
    rmSync(store, { recursive: true });
    await new Promise((resolve) => server.close(resolve));
  });

  function run(pid: number, birth: string | null): void {
    const url = `http://127.0.0.1:${port}`;
    writeRunFile(store, { pid, birth, host: '127.0.0.1', port, url, adminToken: new Secret('t'), startedAt: '' });
  }

  it('has a port that is free, ours, or taken', async () => {
    const taken = { host: '127.0.0.1', port, store };
    expect(await checkPort(taken)).toMatchObject({
      outcome: 'problem',
      message: expect.stringContaining('in use by another program'),
    });
    const { pid, birth } = thisProcess();
    run(pid, birth);
    expect(await checkPort(taken)).toMatchObject({
      outcome: 'ok',
      message: `${port} is that of the gateway which runs here (pid ${pid})`,
    });
    await new Promise((resolve) => server.close(resolve));
    expect(await checkPort(taken)).toMatchObject({ outcome: 'ok', message: `${port} is free` });
  });

  it.runIf(thisProcess().birth !== null)('is not ours by a run.json that another process has left', async () => {
    run(process.pid, '0');
    expect(await checkPort({ host: '127.0.0.1', port, store })).toMatchObject({ outcome: 'problem' });
  });

  it('says who has it', () => {
    const lock = (text: string): void => writeFileSync(join(store, 'lock'), text);
    expect(checkLock(store).message).toBe('no gateway has the folder');
    lock(JSON.stringify(thisProcess()));
    expect(checkLock(store).message).toBe(`pid ${process.pid} has the folder, and runs`);
    lock(JSON.stringify({ pid: 2 ** 22 + 1, birth: '1' }));
    expect(checkLock(store).message).toMatch(/which is gone; the next gateway takes it over/);
    lock('half');
    expect(checkLock(store).message).toMatch(/unreadable/);
  });

  it('says how much room there is, also before it is made', () => {
    expect(checkState(store, './x')).toMatchObject({
      message: expect.stringMatching(/^\.\/x writable, [\d.]+ [MG]B free$/),
    });
    expect(checkState(join(store, 'a', 'b'), './x').message).toMatch(/not there yet, and will be made/);
  });
});
