/** The two gateways of the demo. `plain`: Candor's own engine with the safeguards off, which leaves a failover proxy. */
export type ArmName = 'plain' | 'candor';

/** The files of an arm's config by name, `candor.yaml` among them. */
export function configFiles(arm: ArmName): Readonly<Record<string, string>> {
  return arm === 'plain'
    ? { 'candor.yaml': `${MODELS}${PLAIN_ROUTES}` }
    : { 'candor.yaml': `${MODELS}${CANDOR_ROUTES}`, 'invoice.json': JSON.stringify(INVOICE_SCHEMA), ...LEGAL_PROMPTS };
}

/** What an extraction must have; the prompts of the demo quote it too. */
export const INVOICE_SCHEMA = {
  type: 'object',
  properties: {
    invoice: { type: 'string' },
    customer: { type: 'string' },
    total: { type: 'number' },
    currency: { type: 'string', enum: ['EUR', 'USD', 'GBP', 'CHF'] },
  },
  required: ['invoice', 'customer', 'total', 'currency'],
  additionalProperties: false,
} as const;

/** What `chat` demands in Candor's config: 95 of 100 answers begin within it. */
export const FIRST_TOKEN_LIMIT_MS = 2_000;

const MODELS = `providers:
  openai: { sim: true, region: us }
  anthropic: { sim: true, region: us }
  google: { sim: true, region: us }
  deepseek: { sim: true, region: cn }

models:
  gpt-4o: { at: openai }
  gpt-4o-mini: { at: openai }
  claude-opus: { at: anthropic, id: claude-opus-4-8 }
  gemini-flash: { at: google, id: gemini-2.5-flash }
  deepseek-chat: { at: deepseek }

`;

const PLAIN_ROUTES = `routes:
  extract: { try: [deepseek-chat, gpt-4o-mini], fallback: degraded, brief: "off" }
  chat: { try: [deepseek-chat, gemini-flash], fallback: degraded, brief: "off" }
  legal: { try: [gpt-4o, gemini-flash, claude-opus], fallback: degraded, brief: "off" }
  records: { try: [{ model: gpt-4o, weight: 7 }, { model: deepseek-chat, weight: 3 }], pick: weighted, fallback: degraded, brief: "off" }
`;

const CANDOR_ROUTES = `routes:
  extract:
    try: [deepseek-chat, gpt-4o-mini]
    validate: [{ json_schema: ./invoice.json }]
    invalid: [repair, reask, fail]
    fallback: certified
  chat:
    try: [deepseek-chat, gemini-flash]
    pick: cheapest
    slo: { ttft_p95: ${FIRST_TOKEN_LIMIT_MS}ms }
    fallback: certified
    timeout: { first_token: 30s }
  legal:
    try: [gpt-4o, gemini-flash, claude-opus]
    prompts: ./legal.{model}.md
    params: { temperature: { max: 0.3 } }
    validate: [truncation, refusal, { citations: strict }]
    invalid: [next, fail]
    fallback: certified
  records:
    try: [{ model: gpt-4o, weight: 7 }, { model: deepseek-chat, weight: 3 }]
    pick: weighted
    fallback: certified
`;

const LEGAL_PROMPTS = {
  'legal.default.md': `You are a careful assistant of a law firm. {{ system }}

--- user ---
{{ user }}
`,
  'legal.claude.md': `{{ system }} Cite only what the user's text has, word for word. Where it has no source, say so.

--- user ---
{{ user }}
`,
} as const;
