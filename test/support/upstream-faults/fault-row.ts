import type { ProtocolName } from '../fault-cases.ts';
import type { RawUpstream, Script } from '../raw-upstream.ts';

/** Where one row's fault is played. */
export interface Shape {
  readonly protocol: ProtocolName;
  readonly stream: boolean;
}

/** What the upstream of a cell is. */
export type Wire =
  /** A server of its own that hears requests and answers with this. */
  | { readonly at: 'server'; readonly script: Script; readonly isPrimed?: boolean }
  /** The same, behind a URL that begins with `https`: it never speaks TLS. */
  | { readonly at: 'silent tls' }
  /** A port nobody listens on; one whose queue is full; a TLS server nobody vouches for; no TLS where TLS is meant. */
  | { readonly at: 'refused' | 'full' | 'self-signed' | 'no tls' }
  /** Names: one that does not exist, one that is never answered for, and one that leads to this machine. */
  | { readonly at: 'unknown name' | 'stalled name' | 'rebound name' };

/** Nothing of an answer has reached the client. */
export interface Fails {
  readonly outcome: 'fails';
  readonly http: number;
  readonly code: string;
  /** Status of the attempt; `null`: no HTTP answer. */
  readonly status: number | null;
  readonly isBilled: boolean;
  /** Whether the last candidate is asked once more: class A or B, and no silence. */
  readonly isRetried: boolean;
  /** Class D, or the time is over: no other candidate helps. */
  readonly endsAll: boolean;
  /** `x-should-retry`. */
  readonly shouldRetry: boolean;
  /** The pause before the retry is at least and at most so long. */
  readonly pauseMs: readonly [least: number, most: number];
  /** Milliseconds of the row, and how long it takes at least. */
  readonly withinMs: number;
  readonly leastMs: number;
}

/** Content has reached the client, then the answer breaks. */
export interface Breaks {
  readonly outcome: 'breaks';
  readonly code: string;
  readonly withinMs: number;
  readonly leastMs: number;
}

/** The answer is delivered. */
export interface Answers {
  readonly outcome: 'answers';
  readonly text: string;
  /** Flags of the attempt that answered. */
  readonly flags: readonly string[];
  readonly degraded: string | null;
  /** An attempt on a socket that was no more went before it. */
  readonly isStale: boolean;
  /** `status` of the record's validation. */
  readonly validation: string;
  /** `false`: nothing is known of what it used. */
  readonly hasUsage: boolean;
  readonly model: string | null;
}

/** Every other answer of the upstream fails, until its circuit opens. */
export interface Flaps {
  readonly outcome: 'flaps';
}

export type Outcome = Fails | Breaks | Answers | Flaps;

/** One way a fault shows itself, and what comes of it. */
export interface Variant {
  readonly name: string;
  readonly wire: Wire;
  readonly expected: Outcome;
  /** The request brings a tool. */
  readonly asksForTool?: boolean;
  /** Nothing may be left of the upstream's connection: whoever has failed may still be sending. */
  readonly closes?: boolean;
  /** Whatever else must be so at the end; what is not, in words. */
  readonly flaws?: (upstream: RawUpstream) => readonly string[];
}

/** One row of the table of upstream faults. */
export interface FaultRow {
  /** Its number in the table. */
  readonly number: number;
  readonly name: string;
  /** How it shows itself there; a sentence where it cannot, which says why. */
  readonly variants: (shape: Shape, places: TrapPlaces) => readonly Variant[] | string;
}

/** Where the faults lead that lead somewhere. */
export interface TrapPlaces {
  /** Base URL of a server that must never hear anything. */
  readonly trapUrl: string;
}

type Details = Partial<Omit<Fails, 'outcome' | 'http' | 'code'>>;

const AT_ONCE_MS = 50;
/** A retry waits anything up to this. */
const JITTER_MS = 250;

function fails(http: number, code: string, details: Details): Fails {
  return {
    outcome: 'fails',
    http,
    code,
    status: null,
    isBilled: (details.status ?? 0) === 200,
    isRetried: false,
    endsAll: false,
    shouldRetry: false,
    pauseMs: [0, JITTER_MS],
    withinMs: AT_ONCE_MS,
    leastMs: 0,
    ...details,
  };
}

/** Class A: not processed. The last candidate is asked once more. */
export function notProcessed(http: number, code: string, details: Details = {}): Fails {
  return fails(http, code, { isRetried: true, ...details });
}

/** Class B: perhaps processed, perhaps to be paid for. The last candidate is asked once more. */
export function ambiguous(http: number, code: string, details: Details = {}): Fails {
  return fails(http, code, { isRetried: true, isBilled: true, ...details });
}

/** Silence of so many milliseconds: nobody waits for it twice. */
export function silent(code: string, afterMs: number, details: Details = {}): Fails {
  return fails(504, code, { withinMs: afterMs, leastMs: afterMs, isBilled: true, ...details });
}

/** Class C: this upstream is broken. Nobody asks it again. */
export function broken(code: string, details: Details = {}): Fails {
  return fails(502, code, details);
}

/** Class D: the client's own fault. Nobody else is asked either. */
export function clientsFault(http: number, code: string, status: number): Fails {
  return fails(http, code, { status, endsAll: true });
}

/** Class E: content has gone out. */
export function breaks(code: string, withinMs: number = AT_ONCE_MS, leastMs = 0): Breaks {
  return { outcome: 'breaks', code, withinMs, leastMs };
}

/** No failure at all. */
export function answers(text: string, details: Partial<Omit<Answers, 'outcome' | 'text'>> = {}): Answers {
  return {
    outcome: 'answers',
    text,
    flags: [],
    degraded: null,
    isStale: false,
    validation: 'none',
    hasUsage: true,
    model: null,
    ...details,
  };
}
