import type { JsonObject } from '../core/json.ts';
import { type Fault, FaultRejected } from '../core/simulation.ts';
import type { SimulatorClock } from './clock.ts';
import { type ParsedFault, faultWord } from './fault.ts';
import { type ScriptedFault, readFault } from './fault-grammar.ts';

interface ActiveFault extends ScriptedFault {
  readonly endsMs: number;
  answers: number;
}

/** What one request meets, its faults laid together. */
export interface Encounter {
  /** What takes the place of any answer. */
  readonly instead: Extract<ParsedFault, { kind: 'status' | 'unreachable' | 'content-type' | 'rate-limit' }> | null;
  readonly refusal: boolean;
  /** Which way the JSON of the answer is broken: the how-manieth broken answer this is, from 0; `null`: whole. */
  readonly malformed: number | null;
  readonly invent: boolean;
  /** Milliseconds to the first token at least; `null`: the model's own. */
  readonly firstTokenMs: number | null;
  readonly ending: Extract<ParsedFault, { kind: 'cut' | 'stall' }> | null;
}

/** In which order several faults are told by `activeFault`: the one that decides most comes first. */
const WEIGHT: readonly ParsedFault['kind'][] = [
  'unreachable',
  'status',
  'rate-limit',
  'content-type',
  'cut',
  'stall',
  'refusal',
  'malformed',
  'invent',
  'slow',
];

/** The faults in force. A fault of the same name on the same target takes the place of the older one. */
export class FaultBoard {
  readonly #clock: SimulatorClock;
  #targets: ReadonlySet<string>;
  #active: ActiveFault[] = [];

  constructor(clock: SimulatorClock, targets: ReadonlySet<string>) {
    this.#clock = clock;
    this.#targets = targets;
  }

  /** Says what a new fault may be put on. Those in force stay, whatever they are on. */
  retarget(targets: ReadonlySet<string>): void {
    this.#targets = targets;
  }

  /** @throws FaultRejected when the fault or its target is unknown. */
  add(posted: JsonObject): Fault {
    const scripted = readFault(posted);
    const { fault } = scripted;
    if (!this.#targets.has(fault.target)) {
      const known =
        this.#targets.size === 0 ? 'nothing is simulated' : `simulated are ${[...this.#targets].join(', ')}`;
      throw new FaultRejected('sim_not_simulated', `"${fault.target}" is no simulated provider or model; ${known}`);
    }
    const endsMs = fault.for_ms === undefined ? Number.POSITIVE_INFINITY : this.#clock.now() + fault.for_ms;
    const others = this.#current().filter(
      (other) => other.fault.target !== fault.target || other.fault.fault !== fault.fault,
    );
    this.#active = [...others, { ...scripted, endsMs, answers: 0 }];
    return fault;
  }

  list(): readonly Fault[] {
    return this.#current().map((active) => active.fault);
  }

  reset(): void {
    this.#active = [];
  }

  /** Whether the provider refuses connections now, and the milliseconds until it takes them again; `null`: it takes them. */
  refusesFor(provider: string): number | null {
    const refusing = this.#current().find(
      (active) => active.effect.kind === 'unreachable' && active.fault.target === provider,
    );
    return refusing === undefined ? null : refusing.endsMs - this.#clock.now();
  }

  /** The word of the weightiest fault a request to this deployment would meet now; `null`: none. */
  activeFault(provider: string, model: string): string | null {
    const effects = this.#of(provider, model)
      .filter((active) => (active.answers + 1) % active.every === 0)
      .map((active) => active.effect);
    const first = effects.toSorted((left, right) => WEIGHT.indexOf(left.kind) - WEIGHT.indexOf(right.kind))[0];
    return first === undefined ? null : faultWord(first);
  }

  /** What the request that has just come meets; `own` is the fault it names itself and weighs more than the scripted ones. */
  meet(provider: string, model: string, own: ParsedFault | null): Encounter {
    let encounter: Encounter = {
      instead: null,
      refusal: false,
      malformed: null,
      invent: false,
      firstTokenMs: null,
      ending: null,
    };
    for (const active of this.#of(provider, model)) {
      active.answers += 1;
      if (active.answers % active.every !== 0) continue;
      encounter = withEffect(encounter, active.effect, active.answers / active.every - 1);
    }
    return own === null ? encounter : withEffect(encounter, own, 0);
  }

  #of(provider: string, model: string): readonly ActiveFault[] {
    return this.#current().filter((active) => active.fault.target === provider || active.fault.target === model);
  }

  #current(): readonly ActiveFault[] {
    const nowMs = this.#clock.now();
    this.#active = this.#active.filter((active) => active.endsMs > nowMs);
    return this.#active;
  }
}

function withEffect(encounter: Encounter, effect: ParsedFault, occurrence: number): Encounter {
  switch (effect.kind) {
    case 'status':
    case 'unreachable':
    case 'content-type':
    case 'rate-limit':
      return { ...encounter, instead: effect };
    case 'refusal':
      return { ...encounter, refusal: true };
    case 'malformed':
      return { ...encounter, malformed: occurrence };
    case 'invent':
      return { ...encounter, invent: true };
    case 'slow':
      return { ...encounter, firstTokenMs: effect.firstTokenMs };
    case 'cut':
    case 'stall':
      return { ...encounter, ending: effect };
  }
}
