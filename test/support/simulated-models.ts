/** One simulated model of the built-in configuration, with what its vendor can do. */
export interface SimulatedModel {
  readonly model: string;
  readonly provider: 'openai' | 'anthropic' | 'google' | 'deepseek';
  /** The vendor's own name of it. */
  readonly wireModel: string;
  /** Whether the vendor takes pictures. */
  readonly takesImages: boolean;
  /** Formats the vendor has none of, so that Candor stands in. */
  readonly emulates: readonly ('json_object' | 'json_schema')[];
  /** Whether it shows its reasoning without being asked. */
  readonly reasons: boolean;
}

const OPENAI = { provider: 'openai', takesImages: true, emulates: [], reasons: false } as const;
const ANTHROPIC = { provider: 'anthropic', takesImages: true, emulates: ['json_object'], reasons: false } as const;
const GOOGLE = { provider: 'google', takesImages: true, emulates: [], reasons: false } as const;
const DEEPSEEK = { provider: 'deepseek', takesImages: false, emulates: ['json_schema'] } as const;

/** The eight models that `candor dev` has without a file. */
export const SIMULATED_MODELS: readonly SimulatedModel[] = [
  { ...OPENAI, model: 'gpt-4o', wireModel: 'gpt-4o' },
  { ...OPENAI, model: 'gpt-4o-mini', wireModel: 'gpt-4o-mini' },
  { ...ANTHROPIC, model: 'claude-opus', wireModel: 'claude-opus-4-8' },
  { ...ANTHROPIC, model: 'claude-haiku', wireModel: 'claude-haiku-4-5' },
  { ...GOOGLE, model: 'gemini-flash', wireModel: 'gemini-2.5-flash' },
  { ...GOOGLE, model: 'gemini-pro', wireModel: 'gemini-2.5-pro' },
  { ...DEEPSEEK, model: 'deepseek-chat', wireModel: 'deepseek-chat', reasons: false },
  { ...DEEPSEEK, model: 'deepseek-reasoner', wireModel: 'deepseek-reasoner', reasons: true },
];
