import type { TestGatewayOptions } from './gateway.ts';

const CONFIG = `providers: { openai: { sim: true }, anthropic: { sim: true } }
models: { gpt-4o: { at: openai }, claude-opus: { at: anthropic }, gpt-4o-mini: { at: openai } }
routes:
  extract:
    try: [gpt-4o, claude-opus]
    fallback: degraded
    prompts: ./prompts/extract.{model}.md
    validate: [truncation]
  other: { try: [gpt-4o-mini] }
  judged: { try: [gpt-4o], validate: [{ judge: { model: claude-opus, rubric: It names a number. } }], invalid: [return_flagged] }
  checked: { try: [gpt-4o], validate: [{ regex: never }], invalid: [fail] }
`;
const FILES = {
  'prompts/extract.gpt-4o.md': '# instruction\nExtract for A.\n',
  'prompts/extract.claude-opus.md': '# instruction\nExtract for B.\n',
};
/** A chat request to its route with two models. */
export const QUESTION = { model: 'extract', messages: [{ role: 'user', content: 'Extract: 3 chairs.' }] };

/** A gateway whose requests are run again: two models with a prompt each on one route, a third one on another. */
export const REPLAYED: TestGatewayOptions = { config: CONFIG, files: FILES };
