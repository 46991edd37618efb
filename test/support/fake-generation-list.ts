import type { GatewayClient } from '../../src/cli/client.ts';
import { CommandError } from '../../src/cli/command-error.ts';
import { stringMember, type JsonObject } from '../../src/core/json.ts';

/** The list endpoint in memory: the same filters, order, pages and cursor, over generations that a test begins and ends. */
export class FakeGenerationList {
  readonly #generations = new Map<string, JsonObject>();
  /** While set, nobody answers. */
  away = false;
  /** How many requests have been answered. */
  requests = 0;
  /** Called before each answer: what else happens in the meantime. */
  beforeAnswer: (path: string) => void = () => undefined;
  readonly #mostOnPage: number;

  /** @param mostOnPage however many are asked for */
  constructor(mostOnPage: number = 100) {
    this.#mostOnPage = mostOnPage;
  }

  /** Puts a generation there, or another state of it. */
  put(id: string, createdMs: number, status: string, more: JsonObject = {}): void {
    this.#generations.set(id, { id, created_at: new Date(createdMs).toISOString(), status, ...more });
  }

  get client(): GatewayClient {
    return {
      url: 'http://127.0.0.1:1',
      send: ({ path }) => {
        if (this.away) return Promise.reject(new CommandError(3, 'nobody answers'));
        this.requests += 1;
        this.beforeAnswer(path);
        const body = JSON.stringify(this.page(new URL(path, 'http://x').searchParams));
        return Promise.resolve({ status: 200, chunks: chunksOf(body) });
      },
      close: () => Promise.resolve(),
    };
  }

  /** The answer to one request. */
  page(query: URLSearchParams): JsonObject {
    const since = query.get('since');
    const until = query.get('until');
    const [beforeMs, beforeId] = (query.get('cursor') ?? ' ').split(' ');
    const matching = [...this.#generations.values()]
      .filter((each) => ['status', 'route'].every((name) => [null, each[name]].includes(query.get(name))))
      .filter((each) => since === null || createdMs(each) >= Date.parse(since))
      .filter((each) => until === null || createdMs(each) < Date.parse(until))
      .sort((a, b) => createdMs(b) - createdMs(a) || idOf(b).localeCompare(idOf(a)))
      .filter((each) => {
        if (beforeId === undefined || beforeId === '') return true;
        return createdMs(each) < Number(beforeMs) || (createdMs(each) === Number(beforeMs) && idOf(each) < beforeId);
      });
    const limit = Math.min(this.#mostOnPage, Number(query.get('limit') ?? '20'));
    const data = matching.slice(0, limit);
    const last = data.at(-1);
    const next = last === undefined || matching.length <= limit ? null : `${createdMs(last)} ${idOf(last)}`;
    return { object: 'list', data, next_cursor: next };
  }
}

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}

function createdMs(generation: JsonObject): number {
  return Date.parse(stringMember(generation, 'created_at') ?? '');
}

function idOf(generation: JsonObject): string {
  return stringMember(generation, 'id') ?? '';
}
