import type { DialectId } from '../core/chat.ts';
import type { ClientDialect } from '../core/client-dialect.ts';
import { GatewayError } from '../core/errors.ts';
import { type JsonObject, objectMember, stringMember } from '../core/json.ts';
import type { Route } from '../core/route.ts';
import { anthropicMessagesDialect } from '../dialects/anthropic-messages/encode.ts';
import { geminiDialect } from '../dialects/gemini-generate/encode.ts';
import { openAiChatDialect } from '../dialects/openai-chat/encode.ts';
import { openAiResponsesDialect } from '../dialects/openai-responses/encode.ts';
import type { GenerationPlace, Ledger } from '../ledger/ledger.ts';
import type { ComparedItem, LoadedItem } from '../pipeline/comparison.ts';
import type { RecordedItems } from './compare-body.ts';
import { decodeRecorded } from './decode-recorded.ts';

const PAGE = 100;
/** The dialects whose answers can be compared. */
const DIALECTS: Partial<Readonly<Record<DialectId, ClientDialect>>> = {
  'openai-chat': openAiChatDialect,
  'openai-responses': openAiResponsesDialect,
  'anthropic-messages': anthropicMessagesDialect,
  'gemini-generate': geminiDialect,
};
const ENDED: ReadonlySet<string | null> = new Set(['complete', 'failed']);
const NO_HEADERS: ReadonlyMap<string, string> = new Map();

/** What was found, newest first. */
export interface FoundItems {
  readonly items: readonly ComparedItem[];
  /** Requests that were passed over, since their text was not kept. */
  readonly notKept: number;
}

/** The latest recorded requests of clients to a route whose text is kept. @throws LedgerUnavailable */
export async function recordedItems({ last, untilMs }: RecordedItems, route: Route, ledger: Ledger): Promise<FoundItems> {
  const items: ComparedItem[] = [];
  let notKept = 0;
  let after: GenerationPlace | null = null;
  const filters = { route: route.name, ...(untilMs === null ? {} : { untilMs }) };
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

/** What Candor asked itself is no evidence of what clients ask. */
function isComparable(generation: JsonObject): boolean {
  if (objectMember(generation, 'aside') !== null || !ENDED.has(stringMember(generation, 'status'))) return false;
  return Object.hasOwn(DIALECTS, stringMember(generation, 'dialect') ?? '');
}

async function loadRecorded(id: string, route: Route, ledger: Ledger): Promise<LoadedItem | null> {
  const record = await ledger.find(id);
  const body = record === null ? null : stringMember(objectMember(record, 'request') ?? {}, 'body');
  const dialect = record === null ? undefined : DIALECTS[stringMember(record, 'dialect') as DialectId];
  if (record === null || body === null || dialect === undefined) return null;
  try {
    const request = decodeRecorded(record, Buffer.from(body), NO_HEADERS);
    // Of what its client asked of Candor, nothing but its tags is about the task.
    const { tags } = request.directives;
    const directives = { ...request.directives, ...PLAIN, route: route.name, tags };
    return { request: { ...request, directives }, dialect, of: id };
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
