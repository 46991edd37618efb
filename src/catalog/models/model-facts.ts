import type { Feature } from '../../core/capabilities.ts';
import type { ReasoningFacts } from '../../core/reasoning.ts';

/** The vocabularies models count in. */
export type TokenizerName = 'o200k' | 'cl100k' | 'claude' | 'gemini' | 'deepseek';

/** Which sampling parameters a model takes, and within which bounds. */
export interface SamplingFacts {
  /** `null`: none but the neutral 1. */
  readonly temperature: { readonly min: number; readonly max: number } | null;
  readonly topP: boolean;
  readonly topK: boolean;
  readonly penalties: boolean;
  readonly seed: boolean;
  /** Whether it takes `temperature` or `top_p`, not both. */
  readonly oneAtATime: boolean;
}

/** What a model of one vendor takes, beside and beyond what all of the vendor's take. */
export interface ModelTraits {
  /** Tokens of prompt and answer together; `null`: not known. */
  readonly contextTokens: number | null;
  /** The longest answer, thoughts included; `null`: not known. */
  readonly outputTokens: number | null;
  readonly tokenizer: TokenizerName | null;
  readonly sampling: SamplingFacts;
  readonly reasoning: ReasoningFacts | null;
  /** Further hints that not all of the vendor's models take. */
  readonly hints: readonly ('verbosity' | 'prediction')[];
  /** What it has that not all of the vendor's models have. */
  readonly has: readonly Feature[];
  /** What others of the vendor have and it lacks. */
  readonly lacks: readonly Feature[];
  /** What differs where another kind of provider serves it. */
  readonly elsewhere?: Readonly<Record<string, Partial<Pick<ModelTraits, 'sampling' | 'has' | 'lacks'>>>>;
  readonly source: string;
  /** ISO date on which the source said so. */
  readonly asOf: string;
}

/** One model of a vendor, by the vendor's own name without a date at its end. */
export interface ModelRow extends ModelTraits {
  readonly id: string;
}

/** What is taken for granted of a model nobody listed, by its name: never what would be favourable. */
export interface FamilyRule extends Omit<ModelTraits, 'source'> {
  readonly pattern: RegExp;
  /** The rule in words. */
  readonly rule: string;
}

/** All that is known of one vendor's models. */
export interface VendorModels {
  readonly rows: readonly ModelRow[];
  /** The first that fits; the last fits every name. */
  readonly families: readonly FamilyRule[];
}
