import type { GenerationRecord } from '../../core/record.ts';

/** What spans and metrics are made of: the record of a request that has ended, with its moments. */
export interface GenerationStory {
  readonly record: GenerationRecord;
  /** When it came and when it ended, in milliseconds since the Unix epoch. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** One for each attempt of the record, in its order. */
  readonly attempts: readonly AttemptStory[];
  /** The W3C trace context the client sent, checked; `null`: none. */
  readonly traceparent: string | null;
}

export interface AttemptStory {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** The kind of the provider (`openai`, `vertex` …). */
  readonly providerKind: string;
}
