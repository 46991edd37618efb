import type { JsonObject } from './json.ts';

/** A scripted fault of the simulator, in force from when it is added until it is reset or runs out. */
export interface Fault extends JsonObject {
  /** A provider's or a model's config name. */
  readonly target: string;
  readonly fault: FaultName;
  /** Milliseconds it stays in force; absent: until reset. */
  readonly for_ms?: number;
}

export type FaultName =
  | 'outage'
  | 'malformed_json'
  | 'slow'
  | 'invent_citations'
  | 'refuse'
  | 'cut'
  | 'stall'
  | 'content_type'
  | 'rate_limit';

/** A fault was not accepted; the message says why and what would be. */
export class FaultRejected extends Error {
  readonly code: 'sim_not_simulated' | 'invalid_request';

  constructor(code: 'sim_not_simulated' | 'invalid_request', message: string) {
    super(message);
    this.code = code;
  }
}

/** How a gateway reaches the simulator it runs beside, without knowing its servers; in another process it takes a while. */
export interface SimulatorControl {
  /** Puts a fault in force. Fails with `FaultRejected` when the target or the fault is unknown. */
  addFault(fault: JsonObject): Fault | Promise<Fault>;
  faults(): readonly Fault[];
  reset(): void | Promise<void>;
  /** Sets the simulator's wall clock: `at` as `HH:MM`, `zone` an IANA time zone. Fails with `FaultRejected`. */
  setClock(at: string, zone: string): void | Promise<void>;
  /** Whether `x-candor-sim` may name this fault for one request (`503`, `cut:12`). */
  knowsFault(word: string): boolean;
  /** The fault the next request to this deployment meets, as one word of `x-candor-sim` (`503`, `slow:3000`); `null`: none. */
  activeFault(provider: string, model: string): string | null;
}

/** The control of a simulator in this very process: what it is told is done when the call returns. */
export interface LocalSimulatorControl extends SimulatorControl {
  /** @throws FaultRejected */
  addFault(fault: JsonObject): Fault;
  reset(): void;
  /** @throws FaultRejected */
  setClock(at: string, zone: string): void;
}
