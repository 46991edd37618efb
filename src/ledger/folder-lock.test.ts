import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderLocked, lockFolder } from './folder-lock.ts';
import { isAlive, thisProcess } from './process-identity.ts';

let directory: string;
let lock: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'candor-folder-'));
  lock = join(directory, 'lock');
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** The number of a process that was and is no more. */
async function endedPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

describe('the lock of a folder', () => {
  it('keeps others out until it is given back', () => {
    const unlock = lockFolder(directory);
    expect(JSON.parse(readFileSync(lock, 'utf8'))).toMatchObject(thisProcess());
    expect(() => lockFolder(directory)).toThrow(FolderLocked);
    unlock();
    expect(existsSync(lock)).toBe(false);
    lockFolder(directory)();
  });

  it.each([
    ['of a process that is no more', async () => JSON.stringify({ pid: await endedPid(), birth: null })],
    ['that names nobody', () => Promise.resolve('half a lo')],
  ])('%s is taken over', async (_name, text) => {
    writeFileSync(lock, await text());
    const unlock = lockFolder(directory);
    expect(JSON.parse(readFileSync(lock, 'utf8'))).toMatchObject(thisProcess());
    unlock();
  });

  it('that is there and cannot be read is an error, not a lock to wait for', () => {
    mkdirSync(lock);
    expect(() => lockFolder(directory)).toThrow(`the lock ${lock} cannot be read: EISDIR`);
  });

  it('is left alone at the end when it can no longer be read', () => {
    const unlock = lockFolder(directory);
    rmSync(lock);
    mkdirSync(lock);
    unlock();
    expect(existsSync(lock)).toBe(true);
  });
});

describe('a process', () => {
  it('is alive by its number, and by its birth where both are known', async () => {
    const { pid, birth } = thisProcess();
    expect(isAlive({ pid, birth })).toBe(true);
    expect(isAlive({ pid, birth: null })).toBe(true);
    expect(isAlive({ pid: await endedPid(), birth: null })).toBe(false);
  });

  it.runIf(thisProcess().birth !== null)('that got the number of another one is not that one', () => {
    expect(isAlive({ pid: process.pid, birth: '0' })).toBe(false);
  });
});
