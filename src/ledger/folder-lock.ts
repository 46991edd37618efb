import { randomBytes } from 'node:crypto';
import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { isJsonObject, numberMember, parseJson, stringMember } from '../core/json.ts';
import { isAlive, type ProcessIdentity, thisProcess } from './process-identity.ts';

/** The folder belongs to another gateway that is running. */
export class FolderLocked extends Error {
  readonly pid: number;

  constructor(directory: string, pid: number, lock: string) {
    super(
      `${directory} is in use by the gateway with pid ${pid}. One gateway per folder: stop that one, or give this one ` +
        `a folder of its own. If pid ${pid} is no gateway, remove ${lock}`,
    );
    this.name = 'FolderLocked';
    this.pid = pid;
  }
}

/**
 * Takes the folder for this process. The lock of a process that is no more is taken over.
 * @returns the function that gives the folder back
 * @throws FolderLocked when another process, or another ledger of this one, has it
 * @throws Error when the lock can be neither made, read nor taken over
 */
export function lockFolder(directory: string): () => void {
  const path = join(directory, 'lock');
  const mine = JSON.stringify({ ...thisProcess(), token: randomBytes(8).toString('hex') });
  for (;;) {
    if (createLock(path, mine)) return () => releaseLock(path, mine);
    const found = readText(path);
    if (found === null) continue;
    const holder = decodeHolder(found);
    if (holder !== null && isAlive(holder)) throw new FolderLocked(directory, holder.pid, path);
    removeStale(path, found);
  }
}

const GUEST_PREFIX = 'lock-';
const GUEST_PAUSE_MS = 50;
const GUEST_PATIENCE_MS = 10_000;

/** Says that this process writes into the folder beside the one that has it. @returns the function that takes that back @throws the system's error */
export function enterFolder(directory: string): () => void {
  const path = join(directory, `${GUEST_PREFIX}${randomBytes(8).toString('hex')}`);
  writeFileSync(path, JSON.stringify(thisProcess()), { flag: 'wx', mode: 0o600 });
  return () => rmSync(path, { force: true });
}

/**
 * Waits until those who wrote into the folder beside its last holder are gone: without it they end by
 * themselves, but one that hangs may first write what it has begun.
 * @throws FolderLocked when one of them still lives after 10 s
 */
export async function awaitGuests(directory: string, clock: Pick<Clock, 'setTimer'>): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += GUEST_PAUSE_MS) {
    const guest = livingGuest(directory);
    if (guest === null) return;
    if (waitedMs >= GUEST_PATIENCE_MS) throw new FolderLocked(directory, guest.pid, guest.path);
    await new Promise<void>((resolve) => {
      clock.setTimer(GUEST_PAUSE_MS, resolve);
    });
  }
}

/** One of them that lives; what others have left is taken away. */
function livingGuest(directory: string): { readonly pid: number; readonly path: string } | null {
  for (const name of readdirSync(directory).filter((found) => found.startsWith(GUEST_PREFIX))) {
    const path = join(directory, name);
    const holder = decodeHolder(readText(path) ?? '');
    if (holder !== null && isAlive(holder)) return { pid: holder.pid, path };
    rmSync(path, { force: true });
  }
  return null;
}

/** Puts the whole lock there at once, so that no one can read half of it. @returns whether there was none */
function createLock(path: string, text: string): boolean {
  const beside = `${path}.${randomBytes(8).toString('hex')}`;
  writeFileSync(beside, text, { flag: 'wx', mode: 0o600 });
  try {
    linkSync(beside, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(beside, { force: true });
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null;
}

/** Takes the stale lock away, unless someone else did and has put a fresh one there in between. */
function removeStale(path: string, expected: string): void {
  const aside = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if (readText(aside) !== expected) renameSync(aside, path);
  rmSync(aside, { force: true });
}

function releaseLock(path: string, mine: string): void {
  try {
    if (readText(path) === mine) rmSync(path, { force: true });
  } catch {
    // A lock that cannot be read is no longer ours, or is told to be stale by the birth in it.
  }
}

function decodeHolder(text: string): ProcessIdentity | null {
  const value = parseJson(text);
  if (!isJsonObject(value)) return null;
  const pid = numberMember(value, 'pid');
  return pid === null ? null : { pid, birth: stringMember(value, 'birth') };
}

/** What the file holds; `null` when there is none. @throws Error when it is there and cannot be read */
function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw new Error(`the lock ${path} cannot be read: ${String(codeOf(error) ?? error)}`, { cause: error });
  }
}
