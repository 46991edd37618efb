import type { JsonObject, JsonValue } from '../../core/json.ts';
import { type Fault, FaultRejected, type SimulatorControl } from '../../core/simulation.ts';
import { realClock } from '../../simulator/clock.ts';
import { parseFaultWord } from '../../simulator/fault.ts';
import { FaultBoard } from '../../simulator/fault-board.ts';
import type { CallMethod, CallOutcome, WorkerSimulator } from './messages.ts';

/** Asks the supervisor to do something for all workers. */
export type AskSupervisor = (method: CallMethod, argument: JsonObject) => Promise<CallOutcome>;

/**
 * The simulator as a worker sees it: it runs in the supervisor, which does what changes it and then
 * tells every worker which faults are in force. Which request of several a fault with `every` strikes
 * is known there alone, so that the record of such an attempt has no `sim_fault`.
 */
export class SharedSimulator implements SimulatorControl {
  readonly #ask: AskSupervisor;
  #board: FaultBoard;

  constructor(simulator: WorkerSimulator, ask: AskSupervisor) {
    this.#ask = ask;
    this.#board = boardOf(simulator);
  }

  /** Takes over what is in force in the supervisor. */
  update(simulator: WorkerSimulator): void {
    this.#board = boardOf(simulator);
  }

  /** The same simulator with other faults. */
  setFaults(faults: readonly Fault[]): void {
    this.#board.reset();
    for (const fault of faults) this.#board.add(fault);
  }

  async addFault(fault: JsonObject): Promise<Fault> {
    // The supervisor answers with the fault it took.
    return (await this.#value('add_fault', fault)) as Fault;
  }

  faults(): readonly Fault[] {
    return this.#board.list();
  }

  async reset(): Promise<void> {
    await this.#value('reset_faults', {});
  }

  async setClock(at: string, zone: string): Promise<void> {
    await this.#value('set_clock', { at, zone });
  }

  knowsFault(word: string): boolean {
    return parseFaultWord(word) !== null;
  }

  activeFault(provider: string, model: string): string | null {
    return this.#board.activeFault(provider, model);
  }

  async #value(method: CallMethod, argument: JsonObject): Promise<JsonValue> {
    const outcome = await this.#ask(method, argument);
    if (outcome.ok) return outcome.value;
    if (outcome.code === 'sim_not_simulated' || outcome.code === 'invalid_request') {
      throw new FaultRejected(outcome.code, outcome.message);
    }
    throw new Error(outcome.message);
  }
}

function boardOf(simulator: WorkerSimulator): FaultBoard {
  const board = new FaultBoard(realClock(), new Set(simulator.targets));
  for (const fault of simulator.faults) board.add(fault);
  return board;
}
