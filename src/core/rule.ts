/** What a rule may look at: facts of the request, none of which costs a look at its content but `prompt` and `language`. */
export interface RuleFacts {
  readonly tags: Readonly<Record<string, string>>;
  /** OpenAI's `metadata`, of which every value is a text. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Of the prompt, estimated. */
  readonly tokens: number;
  /** Names of the tools it brings. */
  readonly tools: readonly string[];
  /** Whether it wants JSON of a schema. */
  readonly schema: boolean;
  readonly stream: boolean;
  /** The protocol it was asked in. */
  readonly dialect: string;
  /** The data classes in force. */
  readonly data: readonly string[];
  /** The text of the last message of the user, cut to what a rule may read. */
  readonly prompt: string;
  /** ISO 639-1 code of the language of `prompt`; `und` where it cannot be told. */
  readonly language: string;
}

/** What a rule says of a request. One that fails to be evaluated does not match, and says why. */
export interface RuleOutcome {
  readonly matched: boolean;
  /** Why it could not be evaluated; `null`: it could. */
  readonly problem: string | null;
}

/** One line of `rules`. */
export interface Rule {
  /** The CEL expression; `null`: it always matches. */
  readonly when: string | null;
  readonly route: string;
  /** The config line. */
  readonly at: string;
  /** Whether the expression reads `language`, which is told only when somebody asks. */
  readonly readsLanguage: boolean;
  /** Never throws. */
  evaluate(facts: RuleFacts): RuleOutcome;
}
