import type { ProtocolName } from '../fault-cases.ts';
import type { FaultRow, TrapPlaces, Variant } from './fault-row.ts';
import { ROWS_OF_BODIES } from './rows-of-bodies.ts';
import { ROWS_OF_CONNECTING } from './rows-of-connecting.ts';
import { ROWS_OF_CONTENT } from './rows-of-content.ts';
import { ROWS_OF_STATUSES } from './rows-of-statuses.ts';
import { ROWS_OF_STREAMING } from './rows-of-streaming.ts';

/** `alone`: a route of one model; `fallback`: with a healthy model behind it; `forbidden`: the same under `fallback: off`. */
export type Mode = 'alone' | 'fallback' | 'forbidden';

/** One case: a row of the table at one protocol, streamed or not, in one mode. */
export interface Cell {
  readonly id: number;
  readonly name: string;
  readonly row: number;
  readonly protocol: ProtocolName;
  readonly stream: boolean;
  readonly mode: Mode;
  readonly variant: Variant;
}

/** A case that there cannot be. */
export interface NotApplicable {
  readonly name: string;
  readonly row: number;
  readonly reason: string;
}

export interface Matrix {
  readonly cells: readonly Cell[];
  readonly notApplicable: readonly NotApplicable[];
}

const ROWS: readonly FaultRow[] = [
  ...ROWS_OF_CONNECTING,
  ...ROWS_OF_STREAMING,
  ...ROWS_OF_BODIES,
  ...ROWS_OF_STATUSES,
  ...ROWS_OF_CONTENT,
];

const PROTOCOL_NAMES: readonly ProtocolName[] = ['openai', 'anthropic', 'google', 'deepseek'];
const MODES: readonly Mode[] = ['alone', 'fallback', 'forbidden'];

/** Rows whose limit is a number of bytes: what they move takes time from everybody else. */
export const HEAVY_ROWS: ReadonlySet<number> = new Set([22, 23, 46]);

/** How many rows the table has. */
export const ROW_COUNT = 53;

/** Redirects lead there where nobody is asked. */
const NOWHERE: TrapPlaces = { trapUrl: 'http://trap.example' };

/** Every case of the table, always the same. The ways a fault shows itself take turns over the cases of its row. */
export function faultMatrix(places: TrapPlaces = NOWHERE): Matrix {
  const cells: Cell[] = [];
  const notApplicable: NotApplicable[] = [];
  for (const row of ROWS) {
    let turn = 0;
    for (const stream of [true, false]) {
      for (const protocol of PROTOCOL_NAMES) {
        for (const mode of MODES) {
          const variants = row.variants({ protocol, stream }, places);
          const form = stream ? 'streamed' : 'whole';
          const name = `${row.number} ${row.name}`;
          if (typeof variants === 'string') {
            notApplicable.push({ name: `${name}, ${form}, ${protocol}, ${mode}`, row: row.number, reason: variants });
            continue;
          }
          const variant = variantOf(variants, turn++);
          const id = cells.length + 1;
          const at = { row: row.number, protocol, stream, mode, variant };
          cells.push({ id, name: `${name} (${variant.name}), ${form}, ${protocol}, ${mode}`, ...at });
        }
      }
    }
  }
  return { cells, notApplicable };
}

/** Takes turns, so that no variant meets always the same mode: of these there are three in a row. */
function variantOf(variants: readonly Variant[], turn: number): Variant {
  const shift = variants.length % MODES.length === 0 ? Math.floor(turn / MODES.length) : 0;
  const variant = variants[(turn + shift) % variants.length];
  if (variant === undefined) throw new Error('a row has no variant');
  return variant;
}
