/** The outcome of `verifyLedger`, as `candor verify --json` prints it. */
export interface LedgerVerification {
  /** Whether nothing is wrong, and nothing that ought to be known is unknown. */
  readonly ok: boolean;
  readonly writers: readonly WriterVerification[];
  /** How many checkpoints were signed. */
  readonly checkpoints: number;
  /** How many final records there are. */
  readonly records: number;
  /** How many outcomes, certificates and pairs there are. */
  readonly events: number;
  readonly content: {
    /** Records whose bodies are all there and what was committed to; `null`: it could not be checked. */
    readonly kept: number | null;
    /** Records whose bodies are gone, file and all. */
    readonly erased: number;
    /** Records whose bodies are there and not what was committed to; `null`: it could not be checked. */
    readonly damaged: number | null;
  };
  readonly problems: readonly VerificationProblem[];
  /** What is legal and worth knowing. */
  readonly notes: readonly string[];
}

export type WriterState =
  /** It has ended and signed where. */
  | 'closed'
  /** It is dead, and another writer has signed where its chain ends. */
  | 'found'
  /** It runs, or ended unseen. */
  | 'open'
  /** The same, and its last frame is not whole. */
  | 'torn';

export interface WriterVerification {
  readonly writer: string;
  readonly segments: number;
  /** Number of its first frame that is still there; `null`: there is none. */
  readonly first_seq: number | null;
  readonly frames: number;
  /** Final records among them. */
  readonly records: number;
  /** Chain hash of its last frame, hexadecimal. */
  readonly head: string | null;
  readonly state: WriterState;
  /** The last checkpoint that holds; `null`: none does. */
  readonly last_checkpoint: { readonly seq: number; readonly at: string } | null;
  /** Intents, final records and events written after it: that they are cut off would not be seen. */
  readonly unprotected: number;
  readonly problems: readonly VerificationProblem[];
}

/** What is wrong, and where. `null`: it is about no one writer, file or frame. */
export interface VerificationProblem {
  readonly writer: string | null;
  /** File name, in `journal/`. */
  readonly segment: string | null;
  /** Byte in that file. */
  readonly offset: number | null;
  /** Number of the frame in its writer's chain. */
  readonly seq: number | null;
  readonly reason: string;
}

/** So many problems of one writer are told in full. */
const TOLD_PROBLEMS = 100;

/** Collects problems: all are counted, and the first ones told. */
export class Problems {
  readonly #told: VerificationProblem[] = [];
  #count = 0;

  add(problem: VerificationProblem): void {
    this.#count++;
    if (this.#told.length < TOLD_PROBLEMS) this.#told.push(problem);
  }

  get count(): number {
    return this.#count;
  }

  /** In the order they were found; the last one says how many more there are. */
  get told(): readonly VerificationProblem[] {
    const more = this.#count - this.#told.length;
    if (more === 0) return this.#told;
    const writer = this.#told[0]?.writer ?? null;
    return [...this.#told, { writer, segment: null, offset: null, seq: null, reason: `and ${more} more like these` }];
  }
}
