import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { verifyLedger } from '../../../ledger/verify/verify.ts';
import { ok, problem, type Finding } from './finding.ts';

const MIB = 1_048_576;
/** As much as is read within a second or so. */
const MOST_BYTES = 64 * MIB;

/** Whether the records are as they were written; a ledger that takes long to read is left to `candor verify`. */
export function checkLedger(store: string, mostBytes: number = MOST_BYTES): Finding {
  if (!existsSync(join(store, 'journal'))) return ok('ledger', 'no records yet');
  const bytes = ['journal', 'content'].map((name) => bytesIn(join(store, name))).reduce((sum, each) => sum + each, 0);
  if (bytes > mostBytes) {
    return ok('ledger', `not looked at, for its ${Math.ceil(bytes / MIB)} MB: \`candor verify\` does`);
  }
  try {
    const { ok: isSound, records, problems } = verifyLedger(store, { publicKeys: null, keptCheckpoints: null });
    const message = `${records} record${records === 1 ? '' : 's'}`;
    if (isSound) return ok('ledger', `${message}, nothing is wrong`);
    const cause = `${problems[0]?.reason ?? 'it cannot be checked'}.`;
    return problem('ledger', `${message}, not as they were written`, cause, 'run `candor verify`');
  } catch (error) {
    return problem('ledger', 'cannot be read', `${(error as Error).message}.`, 'run `candor verify`');
  }
}

function bytesIn(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder).reduce(
    (sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}
