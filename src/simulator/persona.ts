import type { SimulatedKind } from './question.ts';

/** How a simulated model writes. */
export interface Style {
  /** How many sentences a summary or an answer has, unless the prompt says otherwise. */
  readonly sentences: number;
  readonly layout: 'prose' | 'bullets' | 'numbered' | 'headed';
  /** How it opens a summary or an answer; empty: with the matter itself. */
  readonly opening: string;
  readonly closing: string;
  readonly json: 'compact' | 'pretty';
}

/** How a simulated model behaves: its pace, its limits, its hand. */
export interface Persona {
  readonly name: string;
  readonly firstTokenMs: number;
  readonly tokensPerSecond: number;
  readonly contextTokens: number;
  readonly outputTokens: number;
  readonly style: Style;
  /** Time to the first token while Asia/Shanghai works, in milliseconds; `null`: no rush hour. */
  readonly peakFirstTokenMs: number | null;
}

const PERSONAS = {
  'gpt-4o': persona('gpt-4o', 240, 88, 128_000, 16_384, {
    sentences: 3,
    layout: 'prose',
    opening: '',
    closing: '',
    json: 'compact',
  }),
  'gpt-4o-mini': persona('gpt-4o-mini', 190, 120, 128_000, 16_384, {
    sentences: 2,
    layout: 'prose',
    opening: 'In short: ',
    closing: '',
    json: 'compact',
  }),
  'claude-opus': persona('claude-opus', 550, 61, 200_000, 128_000, {
    sentences: 4,
    layout: 'prose',
    opening: 'Here is what the text supports. ',
    closing: ' The text says no more than this on the point.',
    json: 'compact',
  }),
  'claude-haiku': persona('claude-haiku', 160, 140, 200_000, 64_000, {
    sentences: 2,
    layout: 'prose',
    opening: '',
    closing: '',
    json: 'compact',
  }),
  'gemini-flash': persona('gemini-flash', 210, 180, 1_048_576, 65_536, {
    sentences: 3,
    layout: 'bullets',
    opening: '',
    closing: '',
    json: 'pretty',
  }),
  'gemini-pro': persona('gemini-pro', 480, 95, 1_048_576, 65_536, {
    sentences: 4,
    layout: 'headed',
    opening: '',
    closing: '',
    json: 'pretty',
  }),
  'deepseek-chat': {
    ...persona('deepseek-chat', 400, 60, 1_048_565, 65_536, {
      sentences: 3,
      layout: 'numbered',
      opening: '',
      closing: '',
      json: 'pretty',
    }),
    peakFirstTokenMs: 8_000,
  },
  'deepseek-reasoner': persona('deepseek-reasoner', 600, 50, 1_048_565, 65_536, {
    sentences: 3,
    layout: 'prose',
    opening: 'Conclusion: ',
    closing: '',
    json: 'pretty',
  }),
} as const satisfies Record<string, Persona>;

function persona(
  name: string,
  firstTokenMs: number,
  tokensPerSecond: number,
  contextTokens: number,
  outputTokens: number,
  style: Style,
): Persona {
  return { name, firstTokenMs, tokensPerSecond, contextTokens, outputTokens, style, peakFirstTokenMs: null };
}

/** The persona of a model: its own where the name is known, else the nearest of its family, else that of its provider's kind. */
export function personaOf(kind: SimulatedKind, configName: string, wireId: string): Persona {
  const own = Object.hasOwn(PERSONAS, configName) ? PERSONAS[configName as keyof typeof PERSONAS] : null;
  if (own !== null) return own;
  return PERSONAS[nearest(kind, `${configName} ${wireId}`.toLowerCase())];
}

function nearest(kind: SimulatedKind, words: string): keyof typeof PERSONAS {
  const family = /gpt|claude|gemini|deepseek/.exec(words)?.[0] ?? kind;
  switch (family) {
    case 'claude':
    case 'anthropic':
      return words.includes('haiku') ? 'claude-haiku' : 'claude-opus';
    case 'gemini':
    case 'google':
    case 'vertex':
      return words.includes('pro') ? 'gemini-pro' : 'gemini-flash';
    case 'deepseek':
      return /reason|r1|pro/.test(words) ? 'deepseek-reasoner' : 'deepseek-chat';
    default:
      return /mini|nano/.test(words) ? 'gpt-4o-mini' : 'gpt-4o';
  }
}

/** Whether Asia/Shanghai is at work at this hour of its day (fractions are minutes): 9 to 12 and 14 to 18. */
export function isPeakHour(hour: number): boolean {
  return (hour >= 9 && hour < 12) || (hour >= 14 && hour < 18);
}
