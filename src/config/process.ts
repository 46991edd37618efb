import type { DrainTimes, ListenAddress, ServerSettings } from '../core/route.ts';
import { isLoopbackHost } from '../core/loopback.ts';
import { parseListen } from './address.ts';
import type { Entry } from './document.ts';
import { DRAIN_WORDS, HEALTH_WORDS } from './grammar.ts';
import { readDuration, readFields, readNumber, readText, type ReadContext } from './read.ts';

interface ProcessContext extends ReadContext {
  readonly mode: 'dev' | 'serve';
}

type ProcessSettings = Pick<ServerSettings, 'health' | 'workers' | 'drain'>;

export const MAX_WORKERS = 256;
/** Balancers ask for readiness every few seconds; who develops does not want to wait. */
const DEFAULT_GRACE_MS = { dev: 0, serve: 5_000 } as const;
const DEFAULT_CAP_MS = 25_000;

/** Reads how the process lives: `server.health`, `server.workers`, `server.drain`. */
export function readProcess(context: ProcessContext, fields: ReadonlyMap<string, Entry> | null): ProcessSettings {
  return {
    health: readHealth(context, fields?.get('health')),
    workers: readWorkers(context, fields?.get('workers')),
    drain: readDrain(context, fields?.get('drain')),
  };
}

function readHealth(context: ProcessContext, field: Entry | undefined): ListenAddress | null {
  const listen =
    field === undefined ? undefined : readFields(context, field.value, 'server.health', HEALTH_WORDS)?.get('listen');
  if (field === undefined) return null;
  if (listen === undefined) {
    context.problems.error(
      'missing-field',
      field.keySpan,
      'server.health does not say where',
      'write {listen: "127.0.0.1:4142"}',
    );
    return null;
  }
  const text = readText(context, listen.value, 'server.health.listen');
  const address = text === null ? null : parseListen(text);
  if (text !== null && address === null) {
    context.problems.error(
      'invalid-value',
      listen.value.span,
      'server.health.listen is not an address',
      'write 127.0.0.1:4142',
    );
  }
  if (address !== null && context.mode === 'dev' && !isLoopbackHost(address.host)) {
    context.problems.error(
      'non-loopback-listen',
      listen.value.span,
      '`candor dev` listens on this machine only',
      'write 127.0.0.1:4142',
    );
  }
  return address;
}

function readWorkers(context: ProcessContext, field: Entry | undefined): number {
  const workers = field === undefined ? 1 : readNumber(context, field.value, 'server.workers', 1);
  if (field === undefined || workers === null) return 1;
  if (!Number.isInteger(workers) || workers > MAX_WORKERS) {
    const message = `server.workers must be a whole number from 1 to ${MAX_WORKERS}`;
    context.problems.error('invalid-value', field.value.span, message);
    return 1;
  }
  if (workers === 1 || context.mode === 'serve') return workers;
  context.problems.warn(
    'unused-word',
    field.value.span,
    '`candor dev` runs in one process, whatever server.workers says',
  );
  return 1;
}

function readDrain(context: ProcessContext, field: Entry | undefined): DrainTimes {
  const fields = field === undefined ? null : readFields(context, field.value, 'server.drain', DRAIN_WORDS);
  const time = (word: 'grace' | 'cap', defaultMs: number): number => {
    const entry = fields?.get(word);
    if (entry === undefined) return defaultMs;
    // Not to wait at all is a choice too, and no duration: it needs no unit.
    if (entry.value.type === 'scalar' && /^0(ms|s)?$/.test(String(entry.value.value))) return 0;
    return readDuration(context, entry.value, `server.drain.${word}`) ?? defaultMs;
  };
  return { graceMs: time('grace', DEFAULT_GRACE_MS[context.mode]), capMs: time('cap', DEFAULT_CAP_MS) };
}
