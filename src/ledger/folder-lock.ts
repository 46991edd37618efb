import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject, numberMember, parseJson, stringMember } from '../core/json.ts';

interface Holder {
  readonly pid: number;
  /** When that process began, in its machine's own count; `null` where the machine does not say. */
  readonly birth: string | null;
}

/** The folder belongs to another gateway that is running. */
export class FolderLocked extends Error {
  readonly pid: number;

  constructor(directory: string, pid: number) {
    super(
      `${directory} is in use by the gateway with pid ${pid}. One gateway per folder: stop that one, or give this one ` +
        `a folder of its own. If pid ${pid} is no gateway, remove ${join(directory, 'lock')}`,
    );
    this.name = 'FolderLocked';
    this.pid = pid;
  }
}

/**
 * Takes the folder for this process. The lock of a process that is no more is taken over.
 * @returns the function that gives the folder back
 * @throws FolderLocked when another process, or another ledger of this one, has it
 */
export function lockFolder(directory: string): () => void {
  const path = join(directory, 'lock');
  const mine = JSON.stringify({
    pid: process.pid,
    birth: linuxProcess(process.pid)?.birth ?? null,
    token: randomBytes(8).toString('hex'),
  });
  for (;;) {
    if (createLock(path, mine)) return () => releaseLock(path, mine);
    const found = readText(path);
    if (found === null) continue;
    const holder = decodeHolder(found);
    if (holder !== null && isAlive(holder)) throw new FolderLocked(directory, holder.pid);
    removeStale(path, found);
  }
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
  } catch {
    return;
  }
  if (readText(aside) !== expected) renameSync(aside, path);
  rmSync(aside, { force: true });
}

function releaseLock(path: string, mine: string): void {
  if (readText(path) === mine) rmSync(path, { force: true });
}

function decodeHolder(text: string): Holder | null {
  const value = parseJson(text);
  if (!isJsonObject(value)) return null;
  const pid = numberMember(value, 'pid');
  return pid === null ? null : { pid, birth: stringMember(value, 'birth') };
}

/** Whether that very process still runs, not another one that was given its number (as in a container started again). */
function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // Not allowed to signal it: it is there, and someone else's.
    if (codeOf(error) !== 'EPERM') return false;
  }
  const found = linuxProcess(holder.pid);
  if (found === null) return true;
  // A zombie has ended; only its parent has not asked yet.
  return found.state !== 'Z' && (holder.birth === null || found.birth === holder.birth);
}

/** State and start time (clock ticks since boot), fields 3 and 22 of Linux's `/proc/<pid>/stat`; `null` elsewhere. */
function linuxProcess(pid: number): { readonly state: string | undefined; readonly birth: string | undefined } | null {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The second field is the program's name in parentheses, which may hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0], birth: fields[19] };
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
