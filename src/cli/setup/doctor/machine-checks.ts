import { PRICES_AS_OF } from '../../../catalog/price-book.ts';
import { findSqlite, type OpenSqlite } from '../../../ledger/store/sqlite.ts';
import { ok, problem, warning, type Finding } from './finding.ts';

/** The oldest Node that runs Candor, as `engines` in package.json has it. */
export const OLDEST_NODE = '20.19';
const OLD_NODE_CAUSE = 'Candor uses parts of Node that older versions do not have.';

/** Whether this Node is new enough. */
export function checkNode(version: string = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = OLDEST_NODE.split('.').map(Number);
  const fits = major > leastMajor || (major === leastMajor && minor >= leastMinor);
  if (fits) return ok('node', version);
  return problem('node', version, OLD_NODE_CAUSE, `install Node ${OLDEST_NODE} or newer`);
}

/** Whether there is a SQLite, and it works. */
export async function checkSqlite(find: () => Promise<OpenSqlite | null> = findSqlite): Promise<Finding> {
  const open = await find();
  const next = 'run `npm install @photostructure/sqlite`, or use Node 22.13 or newer, which brings SQLite';
  if (open === null)
    return problem('sqlite', 'not there', 'This Node has none built in, and no package with one is installed.', next);
  try {
    const database = open(':memory:');
    const version = database.prepare('SELECT sqlite_version() AS version').get()?.['version'];
    database.close();
    return ok('sqlite', String(version));
  } catch (error) {
    return problem('sqlite', 'does not work', `${(error as Error).message}.`, next);
  }
}

/** Whether the clock can be right: it cannot be earlier than the prices that this version brings. */
export function checkClock(nowMs: number): Finding {
  const now = new Date(nowMs).toISOString();
  if (nowMs >= Date.parse(PRICES_AS_OF)) return ok('clock', now);
  const cause = `This version of Candor knows prices of ${PRICES_AS_OF}, so it is later than that.`;
  return warning('clock', now, cause, "set the machine's clock: records carry its dates");
}
