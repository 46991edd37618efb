import { arrayMember, isJsonObject, stringMember, type JsonObject } from '../../core/json.ts';
import { errorSentence, readJson, refusal, type GatewayClient } from '../client.ts';
import { CommandError } from '../command-error.ts';

/** Filters of `GET /v1/generations`, by their names there. */
export type GenerationFilters = Readonly<Record<string, string>>;

/** As many as the gateway gives at a time. */
const PAGE_SIZE = 100;

/**
 * The generations that match, newest first and running ones too, a page at a time until the last.
 * @throws CommandError when the gateway refuses the filters or, with exit code 3, is gone or unable to answer now
 */
export async function* generationPages(
  gateway: GatewayClient,
  filters: GenerationFilters,
): AsyncGenerator<readonly JsonObject[]> {
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ ...filters, limit: String(PAGE_SIZE), ...(cursor === null ? {} : { cursor }) });
    const response = await gateway.send({ method: 'GET', path: `/v1/generations?${query.toString()}` });
    const body: JsonObject = await readJson(response);
    if (response.status >= 500)
      throw new CommandError(3, errorSentence(body) ?? `the gateway answered ${response.status}`);
    if (response.status !== 200) throw refusal(response.status, body);
    yield arrayMember(body, 'data').filter(isJsonObject);
    cursor = stringMember(body, 'next_cursor');
  } while (cursor !== null);
}

/** When a generation was begun, in milliseconds since the Unix epoch. */
export function createdMs(generation: JsonObject): number {
  const ms = Date.parse(stringMember(generation, 'created_at') ?? '');
  return Number.isNaN(ms) ? 0 : ms;
}

/** Whether it is over, in whatever way. */
export function hasEnded(generation: JsonObject): boolean {
  return stringMember(generation, 'status') !== 'running';
}
