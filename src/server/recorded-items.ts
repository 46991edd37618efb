import { GatewayError } from '../core/errors.ts';
import { type JsonObject, objectMember, stringMember } from '../core/json.ts';
import type { Route } from '../core/route.ts';
import type { GenerationPlace, Ledger } from '../ledger/ledger.ts';
import type { ComparedItem, LoadedItem } from '../pipeline/comparison.ts';
import type { RecordedItems } from './compare-body.ts';
import { recordedDialect, requestAgain } from './decode-recorded.ts';

const PAGE = 100;
const ENDED: ReadonlySet<string | null> = new Set(['complete', 'failed']);

/** What was found, newest first. */
export interface FoundItems {
  readonly items: readonly ComparedItem[];
  /** Requests that were passed over, since their text was not kept. */
  readonly notKept: number;
}

/** The latest recorded requests of clients to a route whose text is kept. @throws LedgerUnavailable */
export async function recordedItems(
  { last, untilMs }: RecordedItems,
  route: Route,
  ledger: Ledger,
): Promise<FoundItems> {
  const items: ComparedItem[] = [];
  let notKept = 0;
  let after: GenerationPlace | null = null;
  // What Candor asked itself is no evidence of what clients ask.
  const filters = { route: route.name, aside: false, ...(untilMs === null ? {} : { untilMs }) };
  for (;;) {
    const page = await ledger.list({ filters, limit: PAGE, after });
    for (const generation of page.generations) {
      const id = stringMember(generation, 'id');
      if (id === null || !isComparable(generation)) continue;
      if (generation['content'] !== 'kept') notKept++;
      else items.push({ name: id, expected: undefined, load: () => loadRecorded(id, route, ledger) });
      if (items.length === last) return { items, notKept };
    }
    if (page.next === null) return { items, notKept };
    after = page.next;
  }
}

function isComparable(generation: JsonObject): boolean {
  if (!ENDED.has(stringMember(generation, 'status'))) return false;
  return stringMember(generation, 'dialect') !== 'openai-embeddings';
}

async function loadRecorded(id: string, route: Route, ledger: Ledger): Promise<LoadedItem | null> {
  const record = await ledger.find(id);
  const body = record === null ? null : stringMember(objectMember(record, 'request') ?? {}, 'body');
  if (record === null || body === null) return null;
  try {
    const request = requestAgain(record, body);
    // Of what its client asked of Candor, nothing but its tags is about the task.
    const directives = { ...request.directives, ...PLAIN, route: route.name };
    return { request: { ...request, directives }, dialect: recordedDialect(record), of: id };
  } catch (error) {
    // Recorded by a version that understood it otherwise.
    if (error instanceof GatewayError) return null;
    throw error;
  }
}

const PLAIN = {
  fallback: null,
  timeoutMs: null,
  maxCostNanoUsd: null,
  simulate: [],
  candorBody: true,
  traceparent: null,
  dryRun: null,
} as const;
