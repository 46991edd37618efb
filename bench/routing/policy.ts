import type { VirtualClock } from './virtual-clock.ts';
import type { Upstream, World } from './world.ts';

/** Which arms are asked, in which order. */
export interface Plan {
  readonly order: readonly number[];
  /** The arm that comes first although it would not by what is known of it. */
  readonly trial: number | null;
}

/** One attempt, when it has ended. */
export interface EndedAttempt {
  readonly request: number;
  readonly arm: number;
  readonly upstream: Upstream;
  readonly why: 'primary' | 'retry' | 'fallback' | 'trial';
}

/** One attempt, as the policy is told of it. */
export interface Ask {
  /** Its first content has come. `null`: nobody wants to know. */
  readonly firstContent: ((request: number, ttftMs: number) => void) | null;
  /** Called once. */
  ended(attempt: EndedAttempt): void;
}

/** A way to choose. It sees what the gateway would see, when the gateway would see it. */
export interface Policy {
  plan(request: number): Plan;
  /** `null`: the arm is not to be asked now. */
  begin(arm: number): Ask | null;
}

/** A policy by name; each run makes its own. */
export interface PolicyKind {
  readonly name: string;
  readonly isStatic: boolean;
  create(world: World, clock: VirtualClock): Policy;
}
