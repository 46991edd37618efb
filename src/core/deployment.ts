import type { Capabilities } from './capabilities.ts';
import type { JsonValue } from './json.ts';
import type { Price } from './price.ts';
import type { Secret } from './secret.ts';

/** How one parameter is set from the config: a default, caps, or an override. */
export interface ParameterRule {
  readonly defaultValue: JsonValue | undefined;
  readonly min: number | null;
  readonly max: number | null;
  readonly set: JsonValue | undefined;
  /** The config line. */
  readonly at: string;
}

/** The rules of one `params` block, by parameter name. */
export type ParameterRules = ReadonlyMap<string, ParameterRule>;

/** A piece of prompt text from the config. */
export interface PromptText {
  readonly text: string;
  readonly at: string;
}

/** XML tags, or headings of Markdown. */
export type DocumentForm = 'xml' | 'markdown';

/** What one model needs of its prompt. */
export interface ModelPrompt {
  readonly prepend: PromptText | null;
  readonly append: PromptText | null;
  /** How the parts of a template and its documents are told apart; `null`: as the model's family takes it best. */
  readonly documents: DocumentForm | null;
}

/** A callable target: one model at one provider, with its address, credential and price. */
export interface Deployment {
  /** `<provider>/<model>` in config names. */
  readonly name: string;
  readonly provider: string;
  readonly model: string;
  /** The provider's registry entry (`openai`, `anthropic` …). */
  readonly kind: string;
  /** The vendor's own name of the model. */
  readonly modelId: string;
  /** Base URL without a trailing slash. */
  readonly url: string;
  /** Whether it may be on this machine or a private network. */
  readonly allowsPrivate: boolean;
  /** The keys to be used, in order of preference; none is needed where it is simulated. */
  readonly credentials: readonly Secret[];
  readonly region: string | null;
  readonly simulated: boolean;
  readonly capabilities: Capabilities;
  readonly price: Price | null;
  readonly prompt: ModelPrompt;
  readonly params: ParameterRules;
  /** The config line that defines it. */
  readonly at: string;
}

/** The timers of one attempt and one request, in milliseconds. */
export interface Timeouts {
  readonly connectMs: number;
  /** To the response's headers, streamed. */
  readonly firstByteMs: number;
  /** To the response's headers, not streamed: the vendor answers only when it is done. */
  readonly firstByteUnstreamedMs: number;
  /** To the first content; `null`: no limit of its own. */
  readonly firstTokenMs: number | null;
  readonly idleMs: number;
  readonly totalMs: number;
  readonly totalStreamMs: number;
}
