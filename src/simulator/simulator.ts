import type { JsonObject } from '../core/json.ts';
import type { Fault, LocalSimulatorControl } from '../core/simulation.ts';
import { type SimulatorClock, realClock } from './clock.ts';
import { parseFaultWord } from './fault.ts';
import { FaultBoard } from './fault-board.ts';
import { Listener } from './listener.ts';
import { PromptMemory } from './prompt-memory.ts';
import { anthropic } from './protocols/anthropic.ts';
import { deepSeek } from './protocols/deepseek.ts';
import { gemini } from './protocols/gemini.ts';
import { openAi } from './protocols/openai.ts';
import type { Protocol } from './protocols/protocol.ts';
import type { SimulatedKind } from './question.ts';
import { ReceivedLog, type ReceivedRequest } from './received.ts';
import { Vendor } from './vendor.ts';
import { WallClock } from './wall-clock.ts';

export interface SimulatedProvider {
  readonly kind: SimulatedKind;
  /** Model id as it appears on the wire → config name. */
  readonly models: Readonly<Record<string, string>>;
}

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
  /** Connections open now, of all providers. */
  openSockets(): number;
  /** Ends every server and every open answer. */
  close(): Promise<void>;
}

const PROTOCOLS: Readonly<Record<SimulatedKind, Protocol>> = {
  openai: openAi,
  anthropic,
  google: gemini,
  deepseek: deepSeek,
};

/** From how many tokens a vendor's prompt cache counts, and in blocks of how many (the vendors' pages, November 2026). */
const CACHE: Readonly<Record<SimulatedKind, readonly [blockTokens: number, leastTokens: number]>> = {
  openai: [128, 1_024],
  anthropic: [1, Number.POSITIVE_INFINITY],
  google: [1, 1_024],
  deepseek: [64, 64],
};

/** Starts a loopback server for each provider. They answer as the vendors do, and always say that they are simulated. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const clock = options.clock ?? realClock();
  const wallClock = new WallClock(clock);
  const providers = Object.entries(options.providers);
  const targets = new Set(providers.flatMap(([name, provider]) => [name, ...Object.values(provider.models)]));
  const board = new FaultBoard(clock, targets);
  const received = new ReceivedLog();
  const listeners = new Map<string, Listener>();
  for (const [name, { kind, models }] of providers) {
    const parts = {
      provider: name,
      protocol: PROTOCOLS[kind],
      models,
      seed: options.seed ?? 1,
      clock,
      wallClock,
      board,
      received,
    };
    const vendor = new Vendor({ ...parts, memory: new PromptMemory(...CACHE[kind]) });
    listeners.set(name, new Listener((request, response) => void vendor.handle(request, response)));
  }
  await Promise.all([...listeners.values()].map((listener) => listener.open()));
  const urls = providers.map(
    ([name, { kind }]) =>
      [name, `http://127.0.0.1:${listeners.get(name)?.port ?? 0}${PROTOCOLS[kind].basePath}`] as const,
  );
  const control = new Control(clock, wallClock, board, listeners);
  return {
    urls: Object.fromEntries(urls),
    control,
    received: received.requests,
    openSockets: () => [...listeners.values()].reduce((sum, listener) => sum + listener.openSockets, 0),
    close: async () => {
      control.stop();
      await Promise.all([...listeners.values()].map((listener) => listener.close()));
    },
  };
}

/** The faults and the clock, and the doors that open and close with them. */
class Control implements LocalSimulatorControl {
  readonly #clock: SimulatorClock;
  readonly #wallClock: WallClock;
  readonly #board: FaultBoard;
  readonly #listeners: ReadonlyMap<string, Listener>;
  readonly #reopenings = new Map<string, { cancel(): void }>();

  constructor(
    clock: SimulatorClock,
    wallClock: WallClock,
    board: FaultBoard,
    listeners: ReadonlyMap<string, Listener>,
  ) {
    this.#clock = clock;
    this.#wallClock = wallClock;
    this.#board = board;
    this.#listeners = listeners;
  }

  addFault(posted: JsonObject): Fault {
    const fault = this.#board.add(posted);
    this.#settleDoors();
    return fault;
  }

  faults(): readonly Fault[] {
    return this.#board.list();
  }

  /** Takes back every fault and the clock. */
  reset(): void {
    this.#board.reset();
    this.#wallClock.reset();
    this.#settleDoors();
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

  #settleDoors(): void {
    this.stop();
    for (const [provider, listener] of this.#listeners) {
      const refusedMs = this.#board.refusesFor(provider);
      if (refusedMs === null) listener.accept();
      else listener.refuse();
      if (refusedMs === null || !Number.isFinite(refusedMs)) continue;
      this.#reopenings.set(
        provider,
        this.#clock.after(refusedMs, () => this.#settleDoors()),
      );
    }
  }
}
