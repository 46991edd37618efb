import { defineConfig, yaml } from '../../src/config/typed/define-config.ts';

/** What the compiler must take. */
export const accepted = [
  defineConfig({
    providers: { openai: { key: ['env:OPENAI_API_KEY', 'file:./second-key'] }, second: { kind: 'openai', sim: true } },
    models: {
      'gpt-4o': { at: 'openai', price: { in: 2.5, out: 10, as_of: '2026-11-01' } },
      mini: { at: ['openai', { provider: 'second', id: 'x' }], params: { temperature: { max: 1 }, stop: ['END'] } },
    },
    routes: {
      legal: {
        try: ['gpt-4o', 'second/mini', { model: 'mini' }],
        validate: ['refusal', { json_schema: { type: 'object' } }],
        params: 'strict',
        timeout: { first_token: '6s', total: '60s' },
      },
      chat: {
        try: ['gpt-4o', { model: 'mini', weight: 2 }],
        pick: 'weighted',
        slo: { ttft_p95: '2s', error_rate: '2%', valid_rate: 0.95, tokens_per_second: 20, cost_per_request: '$0.02' },
        slo_policy: 'fail',
        retries: 1,
        stream: { window: '400ms' },
      },
    },
    rules: [{ when: '"contract" in tags', route: 'legal' }, { route: 'chat' }],
    server: { workers: 2, drain: { grace: 0 } },
  }),
  defineConfig({
    providers: { openai: { sim: true } },
    models: { m: { at: 'openai' } },
    routes: { extract: { try: ['m'], validate: [{ hook: 'has_year' }] } },
    hooks: {
      task: ({ messages }) => (messages.at(-1)?.text.startsWith('Extract') ? 'extract' : undefined),
      prompt: {
        m: (prompt, ctx) =>
          ctx.attempt > 1 && ctx.lastInvalid !== null
            ? prompt.append(`Your last answer failed: ${ctx.lastInvalid.map(({ reason }) => reason).join('; ')}`)
            : prompt.system((text) => text.trim()).user((text) => `<document>${text}</document>`),
      },
      params: { m: (q) => ({ ...q, temperature: Math.min(q.temperature ?? 1, 0.6) }) },
      validate: {
        has_year: async (answer, ctx) =>
          /\d{4}/.test(answer.text ?? '') ? ctx.ok() : ctx.invalid('it names no year', { evidence: [answer.text] }),
      },
      confidence: (answer, ctx) => (ctx.checks.length > 0 && answer.finish === 'stop' ? 0.9 : null),
      onRecord: (record) => record.id,
    },
  }),
  defineConfig({ providers: { openai: { region: undefined, sim: true } }, models: { m: { at: 'openai' } } }),
];

/** The names of a YAML file are known only once it is read. */
export function fromYaml(): object {
  return defineConfig({ ...yaml('./facts.yaml'), routes: { legal: { try: ['whatever'] } } });
}

const providers = { openai: { key: 'env:OPENAI_API_KEY' } } as const;
const models = { m: { at: 'openai' } } as const;

/** What the compiler must refuse: an expected error that does not come is an error itself. */
export const refused = [
  // @ts-expect-error no such provider
  defineConfig({ providers, models: { m: { at: 'opanai' } } }),
  // @ts-expect-error no such provider in a list
  defineConfig({ providers, models: { m: { at: ['openai', { provider: 'opanai' }] } } }),
  // @ts-expect-error a model must say where it runs
  defineConfig({ providers, models: { m: {} } }),
  // @ts-expect-error no such model
  defineConfig({ providers, models, routes: { r: { try: ['n'] } } }),
  // @ts-expect-error no such deployment
  defineConfig({ providers, models, routes: { r: { try: ['anthropic/m'] } } }),
  // @ts-expect-error no such model in a map
  defineConfig({ providers, models, routes: { r: { try: [{ model: 'n' }] } } }),
  // @ts-expect-error no such word of a route
  defineConfig({ providers, models, routes: { r: { try: ['m'], fallbak: 'off' } } }),
  // @ts-expect-error no such choice
  defineConfig({ providers, models, routes: { r: { try: ['m'], fallback: 'certain' } } }),
  // @ts-expect-error a duration has a unit
  defineConfig({ providers, models, routes: { r: { try: ['m'], timeout: 5 } } }),
  // @ts-expect-error a secret itself
  defineConfig({ providers: { openai: { key: 'sk-0123456789' } }, models }),
  // @ts-expect-error no such word of a provider
  defineConfig({ providers: { openai: { sims: true } }, models }),
  // @ts-expect-error no such section
  defineConfig({ providers, models, routs: {} }),
  // @ts-expect-error no such route
  defineConfig({ providers, models, routes: { r: { try: ['m'] } }, hooks: { task: () => 'a' } }),
  // @ts-expect-error no such model
  defineConfig({ providers, models, hooks: { prompt: { n: (prompt) => prompt } } }),
  // @ts-expect-error a prompt hook gives a prompt
  defineConfig({ providers, models, hooks: { prompt: { m: () => 'text' } } }),
  // @ts-expect-error parameters do not change in place
  defineConfig({ providers, models, hooks: { params: { m: (q) => Object.assign(q, (q.temperature = 1)) } } }),
  // @ts-expect-error no such hook
  defineConfig({ providers, models, hooks: { onRecords: () => undefined } }),
  // @ts-expect-error no such objective
  defineConfig({ providers, models, routes: { r: { try: ['m'], slo: { ttft_p59: '2s' } } } }),
  // @ts-expect-error no such route
  defineConfig({ providers, models, routes: { r: { try: ['m'] } }, rules: [{ route: 's' }] }),
  // @ts-expect-error no such word of the server
  defineConfig({ providers, models, server: { port: 1 } }),
];
