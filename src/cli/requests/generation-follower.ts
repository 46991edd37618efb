import { stringMember, type JsonObject } from '../../core/json.ts';
import type { GatewayClient } from '../client.ts';
import { createdMs, generationPages, hasEnded, type GenerationFilters } from './generation-list.ts';

/**
 * How long after it was begun a generation may still appear in the list for the first time: between
 * the two the gateway plans, and waits for its ledger for at most five seconds.
 */
const APPEARS_WITHIN_MS = 10_000;
/** Every so many polls the list is read back to where nothing new can appear; the others end at the first page that has nothing new. */
const THOROUGH_EVERY = 8;

/**
 * Follows the generations of a gateway: each that matches is given once, when it has ended. The list
 * is ordered by beginnings, so those that run are watched apart and looked up when they run no more.
 */
export class GenerationFollower {
  readonly #filters: GenerationFilters;
  /** Given, or older than the follower: by id, when begun. Only what the list may show again. */
  readonly #known = new Map<string, number>();
  /** Under way at the last poll, or not yet looked for since it ended: by id, when begun. */
  #running: ReadonlyMap<string, number> = new Map();
  #newestMs: number | null = null;
  #polls = 0;

  constructor(filters: GenerationFilters) {
    this.#filters = filters;
  }

  /** The last that have ended, oldest first. What ends from here on is given by `poll`. */
  async start(gateway: GatewayClient, count: number): Promise<readonly JsonObject[]> {
    this.#running = await readRunning(gateway, this.#filters['aside']);
    const ended: JsonObject[] = [];
    for await (const page of generationPages(gateway, this.#filters)) {
      for (const generation of page) {
        this.#see(generation);
        if (!hasEnded(generation)) continue;
        this.#known.set(idOf(generation), createdMs(generation));
        if (ended.length < count) ended.push(generation);
      }
      const oldest = page.at(-1);
      if (ended.length >= count && (oldest === undefined || createdMs(oldest) < this.#sinceMs())) break;
    }
    return ended.toReversed();
  }

  /**
   * Those that have ended since, oldest first.
   * @throws CommandError when the gateway does not answer; nothing is lost, the next poll gives it
   */
  async poll(gateway: GatewayClient): Promise<readonly JsonObject[]> {
    const running = await readRunning(gateway, this.#filters['aside']);
    const thorough = this.#polls % THOROUGH_EVERY === 0;
    const sinceMs = this.#sinceMs();
    const ended = await this.#newlyListed(gateway, sinceMs, thorough);
    const found = new Set(ended.map(idOf));
    for (const [id, begunMs] of this.#running) {
      if (running.has(id) || found.has(id) || this.#known.has(id)) continue;
      if (begunMs < sinceMs) ended.push(...(await this.#lookUp(gateway, id, begunMs)));
      // What the list still covers is found there, now or at the next thorough poll.
      else if (!thorough) running.set(id, begunMs);
    }
    this.#polls += 1;
    this.#running = running;
    for (const generation of ended) {
      running.delete(idOf(generation));
      this.#known.set(idOf(generation), createdMs(generation));
      this.#see(generation);
    }
    this.#forget();
    return ended.sort((a, b) => endedAt(a).localeCompare(endedAt(b)));
  }

  async #newlyListed(gateway: GatewayClient, sinceMs: number, thorough: boolean): Promise<JsonObject[]> {
    const since = new Date(Math.max(0, sinceMs)).toISOString();
    const found: JsonObject[] = [];
    for await (const page of generationPages(gateway, { ...this.#filters, since })) {
      const fresh = page.filter((generation) => hasEnded(generation) && !this.#known.has(idOf(generation)));
      found.push(...fresh);
      if (fresh.length === 0 && !thorough) break;
    }
    return found;
  }

  /** One that ran and runs no more, if it matches; the filters are the gateway's to apply. */
  async #lookUp(gateway: GatewayClient, id: string, begunMs: number): Promise<readonly JsonObject[]> {
    const since = new Date(begunMs).toISOString();
    const until = new Date(begunMs + 1).toISOString();
    for await (const page of generationPages(gateway, { ...this.#filters, since, until })) {
      const found = page.find((generation) => idOf(generation) === id);
      if (found !== undefined) return hasEnded(found) ? [found] : [];
    }
    return [];
  }

  #see(generation: JsonObject): void {
    this.#newestMs = Math.max(this.#newestMs ?? 0, createdMs(generation));
  }

  /** From where on the list may show what has not been given yet. */
  #sinceMs(): number {
    return this.#newestMs === null ? 0 : this.#newestMs - APPEARS_WITHIN_MS;
  }

  #forget(): void {
    const sinceMs = this.#sinceMs();
    for (const [id, begunMs] of this.#known) if (begunMs < sinceMs) this.#known.delete(id);
  }
}

/** All that are under way, whatever is looked for: what they will be is known only when they have ended. */
async function readRunning(gateway: GatewayClient, aside: string | undefined): Promise<Map<string, number>> {
  const running = new Map<string, number>();
  for await (const page of generationPages(gateway, { status: 'running', ...(aside === undefined ? {} : { aside }) })) {
    for (const generation of page) running.set(idOf(generation), createdMs(generation));
  }
  return running;
}

function idOf(generation: JsonObject): string {
  return stringMember(generation, 'id') ?? '';
}

function endedAt(generation: JsonObject): string {
  return stringMember(generation, 'ended_at') ?? '';
}
