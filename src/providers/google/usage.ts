import { stringMember, type JsonObject } from '../../core/json.ts';
import { TokenCounts, type UsageReport } from '../../core/usage.ts';

/** Token counts; the vendor leaves out those that are 0, and counts the thinking apart. */
export function decodeUsage(usage: JsonObject): UsageReport {
  const counts = new TokenCounts(usage);
  const prompt = counts.read('promptTokenCount');
  const tools = counts.read('toolUsePromptTokenCount');
  const written = counts.read('candidatesTokenCount');
  const thoughts = counts.read('thoughtsTokenCount');
  if (prompt === null || counts.isUnreadable) return counts.unknown();
  const promptTokens = prompt + (tools ?? 0);
  const completionTokens = (written ?? 0) + (thoughts ?? 0);
  const servedTier = decodeServedTier(usage);
  return counts.known({
    promptTokens,
    completionTokens,
    totalTokens: counts.read('totalTokenCount') ?? promptTokens + completionTokens,
    cachedTokens: counts.read('cachedContentTokenCount'),
    cacheWriteTokens: null,
    reasoningTokens: thoughts,
    ...(servedTier === null ? {} : { servedTier }),
  });
}

/** The Gemini API names the tier; Vertex the traffic, of which some is of a tier: `ON_DEMAND`, `ON_DEMAND_FLEX`, `PROVISIONED_THROUGHPUT`. */
function decodeServedTier(usage: JsonObject): string | null {
  const said = (stringMember(usage, 'serviceTier') ?? stringMember(usage, 'trafficType'))?.toLowerCase() ?? null;
  return said === null || said.endsWith('unspecified') ? null : said.replace(/^on_demand_/, '');
}
