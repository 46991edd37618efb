import type { JsonObject } from '../core/json.ts';
import type { Fault, LocalSimulatorControl } from '../core/simulation.ts';
import { Cast, type SimulatedProvider } from './cast.ts';
import { type SimulatorClock, realClock } from './clock.ts';
import { parseFaultWord } from './fault.ts';
import { FaultBoard } from './fault-board.ts';
import type { Listener } from './listener.ts';
import { ReceivedLog, type ReceivedRequest } from './received.ts';
import { WallClock } from './wall-clock.ts';

export interface SimulatorOptions {
  /** By config name. */
  readonly providers: Readonly<Record<string, SimulatedProvider>>;
  /** Answers depend on it, the model and the prompt alone. Default 1. */
  readonly seed?: number;
  /** Default: the machine's clock at real pace. */
  readonly clock?: SimulatorClock;
}

export interface Simulator {
  /** Base URL of each provider, in the form the vendor's own has. */
  readonly urls: Readonly<Record<string, string>>;
  readonly control: LocalSimulatorControl;
  /** The last requests of all providers, oldest first; no credentials. */
  readonly received: readonly ReceivedRequest[];
  /**
   * Plays these providers from now on. One that goes on keeps its address; faults and answers under way
   * go on. Providers and models that are no longer among them still answer whoever has their address.
   */
  play(providers: Readonly<Record<string, SimulatedProvider>>): Promise<void>;
  /** Connections open now, of all providers. */
  openSockets(): number;
  /** Ends every server and every open answer. */
  close(): Promise<void>;
}

/** Starts a loopback server for each provider. They answer as the vendors do, and always say that they are simulated. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const clock = options.clock ?? realClock();
  const wallClock = new WallClock(clock);
  const board = new FaultBoard(clock, new Set());
  const received = new ReceivedLog();
  const cast = new Cast({ seed: options.seed ?? 1, clock, wallClock, board, received });
  const control = new Control(clock, wallClock, board, () => cast.doors);
  const play = async (providers: SimulatorOptions['providers']): Promise<void> => {
    await cast.play(providers);
    board.retarget(
      new Set(Object.entries(providers).flatMap(([name, { models }]) => [name, ...Object.values(models)])),
    );
    control.settleDoors();
  };
  await play(options.providers);
  return {
    get urls() {
      return cast.urls;
    },
    control,
    received: received.requests,
    play,
    openSockets: () => cast.listeners.reduce((sum, listener) => sum + listener.openSockets, 0),
    close: async () => {
      control.stop();
      await Promise.all(cast.listeners.map((listener) => listener.close()));
    },
  };
}

/** The faults and the clock, and the doors that open and close with them. */
class Control implements LocalSimulatorControl {
  readonly #clock: SimulatorClock;
  readonly #wallClock: WallClock;
  readonly #board: FaultBoard;
  readonly #doors: () => ReadonlyMap<string, Listener>;
  readonly #reopenings = new Map<string, { cancel(): void }>();

  constructor(
    clock: SimulatorClock,
    wallClock: WallClock,
    board: FaultBoard,
    doors: () => ReadonlyMap<string, Listener>,
  ) {
    this.#clock = clock;
    this.#wallClock = wallClock;
    this.#board = board;
    this.#doors = doors;
  }

  addFault(posted: JsonObject): Fault {
    const fault = this.#board.add(posted);
    this.settleDoors();
    return fault;
  }

  faults(): readonly Fault[] {
    return this.#board.list();
  }

  /** Takes back every fault and the clock. */
  reset(): void {
    this.#board.reset();
    this.#wallClock.reset();
    this.settleDoors();
  }

  setClock(at: string, zone: string): void {
    this.#wallClock.set(at, zone);
  }

  knowsFault(word: string): boolean {
    return parseFaultWord(word) !== null;
  }

  activeFault(provider: string, model: string): string | null {
    return this.#board.activeFault(provider, model);
  }

  stop(): void {
    for (const reopening of this.#reopenings.values()) reopening.cancel();
    this.#reopenings.clear();
  }

  /** Opens and closes the doors as the faults in force have it. */
  settleDoors(): void {
    this.stop();
    for (const [provider, listener] of this.#doors()) {
      const refusedMs = this.#board.refusesFor(provider);
      if (refusedMs === null) listener.accept();
      else listener.refuse();
      if (refusedMs === null || !Number.isFinite(refusedMs)) continue;
      this.#reopenings.set(
        provider,
        this.#clock.after(refusedMs, () => this.settleDoors()),
      );
    }
  }
}
