import type { Timeouts } from '../core/deployment.ts';
import type { ConfigNode } from './document.ts';
import { TIMEOUT_WORDS } from './grammar.ts';
import { readDuration, readFields, type ReadContext } from './read.ts';

/** The timers when the file says nothing. */
export const DEFAULT_TIMEOUTS: Timeouts = {
  connectMs: 5_000,
  firstByteMs: 60_000,
  firstByteUnstreamedMs: 600_000,
  firstTokenMs: null,
  idleMs: 30_000,
  totalMs: 600_000,
  totalStreamMs: 3_600_000,
};

/** Reads `timeout`: one duration is the total, of a stream too; a map sets each timer it names for both. */
export function readTimeouts(context: ReadContext, node: ConfigNode, path: string): Timeouts {
  if (node.type !== 'map') {
    const totalMs = readDuration(context, node, path);
    return totalMs === null ? DEFAULT_TIMEOUTS : { ...DEFAULT_TIMEOUTS, totalMs, totalStreamMs: totalMs };
  }
  const fields = readFields(context, node, path, TIMEOUT_WORDS);
  const duration = (word: string): number | null => {
    const entry = fields?.get(word);
    return entry === undefined ? null : readDuration(context, entry.value, `${path}.${word}`);
  };
  const firstByteMs = duration('first_byte');
  const totalMs = duration('total');
  return {
    connectMs: duration('connect') ?? DEFAULT_TIMEOUTS.connectMs,
    firstByteMs: firstByteMs ?? DEFAULT_TIMEOUTS.firstByteMs,
    firstByteUnstreamedMs: firstByteMs ?? DEFAULT_TIMEOUTS.firstByteUnstreamedMs,
    firstTokenMs: duration('first_token'),
    idleMs: duration('idle') ?? DEFAULT_TIMEOUTS.idleMs,
    totalMs: totalMs ?? DEFAULT_TIMEOUTS.totalMs,
    totalStreamMs: totalMs ?? DEFAULT_TIMEOUTS.totalStreamMs,
  };
}
