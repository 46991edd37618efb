import { readFileSync } from 'node:fs';

/** A process of this machine, so named that another one which gets its number later is not taken for it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it began, in its machine's own count; `null` where the machine does not say. */
  readonly birth: string | null;
}

/** The process this code runs in. */
export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, birth: linuxProcess(process.pid)?.birth ?? null };
}

/**
 * Whether that very process still runs, not another one that was given its number (as in a
 * container started again). Without a birth, or where the machine tells none, the number decides.
 */
export function isAlive(identity: ProcessIdentity): boolean {
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    // Not allowed to signal it: it is there, and someone else's.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  const found = linuxProcess(identity.pid);
  if (found === null) return true;
  // A zombie has ended; only its parent has not asked yet.
  return found.state !== 'Z' && (identity.birth === null || found.birth === identity.birth);
}

/** State and start time (clock ticks since boot), fields 3 and 22 of Linux's `/proc/<pid>/stat`; `null` elsewhere. */
function linuxProcess(pid: number): { readonly state: string | undefined; readonly birth: string | undefined } | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The second field is the program's name in parentheses, which may hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0], birth: fields[19] };
}
