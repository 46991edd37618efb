import type { RecordedUsage } from '../core/record.ts';
import type { Usage } from '../core/usage.ts';

/** Usage in the record's words; `null` when the vendor reported none. */
export function recordedUsage(usage: Usage | null): RecordedUsage | null {
  if (usage === null) return null;
  return {
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.totalTokens,
    cached_tokens: usage.cachedTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    reasoning_tokens: usage.reasoningTokens,
    source: usage.source,
  };
}
