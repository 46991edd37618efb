import { Listener } from './listener.ts';
import { PromptMemory } from './prompt-memory.ts';
import { anthropic } from './protocols/anthropic.ts';
import { deepSeek } from './protocols/deepseek.ts';
import { gemini, vertexGemini } from './protocols/gemini.ts';
import { openAi } from './protocols/openai.ts';
import type { Protocol } from './protocols/protocol.ts';
import type { SimulatedKind } from './question.ts';
import { Vendor, type VendorParts } from './vendor.ts';

export interface SimulatedProvider {
  readonly kind: SimulatedKind;
  /** Model id as it appears on the wire → config name. */
  readonly models: Readonly<Record<string, string>>;
}

const PROTOCOLS: Readonly<Record<SimulatedKind, Protocol>> = {
  openai: openAi,
  anthropic,
  google: gemini,
  vertex: vertexGemini,
  deepseek: deepSeek,
  'openai-compatible': openAi,
};

/** From how many tokens a vendor's prompt cache counts, and in blocks of how many (the vendors' pages, November 2026). */
const CACHE: Readonly<Record<SimulatedKind, readonly [blockTokens: number, leastTokens: number]>> = {
  openai: [128, 1_024],
  anthropic: [1, Number.POSITIVE_INFINITY],
  google: [1, 1_024],
  vertex: [1, 1_024],
  deepseek: [64, 64],
  'openai-compatible': [128, 1_024],
};

/** One vendor and its server. */
interface Role {
  readonly kind: SimulatedKind;
  readonly listener: Listener;
  /** Only grows: a request that began before a change may still ask for what was there then. */
  readonly models: Map<string, string>;
}

/** The simulated vendors, each behind a server of its own, and which of them are on. */
export class Cast {
  readonly #parts: Omit<VendorParts, 'provider' | 'protocol' | 'models' | 'memory'>;
  readonly #roles = new Map<string, Role>();
  /** Servers whose name has been given to a vendor of another kind. */
  readonly #retired: Listener[] = [];
  #urls: Readonly<Record<string, string>> = {};

  constructor(parts: Omit<VendorParts, 'provider' | 'protocol' | 'models' | 'memory'>) {
    this.#parts = parts;
  }

  /** Base URL of each provider that is on. */
  get urls(): Readonly<Record<string, string>> {
    return this.#urls;
  }

  /** The servers by provider, also of those that are off. */
  get doors(): ReadonlyMap<string, Listener> {
    return new Map([...this.#roles].map(([name, { listener }]) => [name, listener]));
  }

  /** Every server there is. */
  get listeners(): readonly Listener[] {
    return [...this.doors.values(), ...this.#retired];
  }

  /** Puts these on. One that is there already keeps its server. */
  async play(providers: Readonly<Record<string, SimulatedProvider>>): Promise<void> {
    const urls = await Promise.all(
      Object.entries(providers).map(async ([name, provider]) => [name, await this.#enter(name, provider)] as const),
    );
    this.#urls = Object.fromEntries(urls);
  }

  async #enter(name: string, { kind, models }: SimulatedProvider): Promise<string> {
    const present = this.#roles.get(name);
    const role = present?.kind === kind ? present : await this.#open(name, kind);
    if (present !== undefined && present !== role) this.#retired.push(present.listener);
    for (const [modelId, model] of Object.entries(models)) role.models.set(modelId, model);
    this.#roles.set(name, role);
    return `http://127.0.0.1:${role.listener.port}${PROTOCOLS[kind].basePath}`;
  }

  async #open(provider: string, kind: SimulatedKind): Promise<Role> {
    const models = new Map<string, string>();
    const memory = new PromptMemory(...CACHE[kind]);
    const vendor = new Vendor({ ...this.#parts, provider, protocol: PROTOCOLS[kind], models, memory });
    const listener = new Listener((request, response) => void vendor.handle(request, response));
    await listener.open();
    return { kind, listener, models };
  }
}
