// Written by scripts/seed-prices.mjs: run it again instead of editing this.

/** Where the list comes from, and the day from which it is known to hold. */
export const SEED = { name: '@pydantic/genai-prices 0.1.8', asOf: '2026-09-23' } as const;

/** The vendors' own pages, by provider kind. */
export const SEED_PAGES: Readonly<Record<string, string>> = {
  openai: 'openai.com/api/pricing',
  anthropic: 'platform.claude.com/docs/en/about-claude/pricing',
  google: 'ai.google.dev/gemini-api/docs/pricing',
};

/**
 * One line a price: kind | names | from | until | prompt tokens above | USD per million tokens of input | output | cached input |
 * cache write | cache write for an hour | `sound` where that costs something else. Empty: not known, or open.
 */
export const SEEDED_PRICES = `
openai|chatgpt-4o-latest|||0|5|15||||
openai|codex-mini,codex-mini-latest|||0|1.5|6|0.375|||
openai|gpt-3.5-turbo,gpt-3.5-turbo-0125|||0|0.5|1.5||||
openai|gpt-3.5-turbo-0613|||0|1.5|2||||
openai|gpt-3.5-turbo-1106|||0|1|2||||
openai|gpt-3.5-turbo-16k,gpt-3.5-turbo-16k-0613|||0|3|4||||
openai|gpt-4,gpt-4-0314,gpt-4-0613|||0|30|60||||
openai|gpt-4-32k,gpt-4-32k-0314,gpt-4-32k-0613|||0|60|120||||
openai|gpt-4-turbo,gpt-4-turbo-2024-04-09,gpt-4-turbo-0125-preview,gpt-4-0125-preview,gpt-4-1106-preview,gpt-4-turbo-preview|||0|10|30||||
openai|gpt-4-vision-preview,gpt-4-1106-vision-preview|||0|10|30||||
openai|gpt-4.1,gpt-4.1-2025-04-14|||0|2|8|0.5|||
openai|gpt-4.1-mini,gpt-4.1-mini-2025-04-14|||0|0.4|1.6|0.1|||
openai|gpt-4.1-nano,gpt-4.1-nano-2025-04-14|||0|0.1|0.4|0.025|||
openai|gpt-4.5-preview|||0|75|150|37.5|||
openai|gpt-4o,gpt-4o-2024-08-06,gpt-4o-2024-11-20|||0|2.5|10|1.25|||
openai|gpt-4o-2024-05-13|||0|5|15||||
openai|gpt-4o-mini,gpt-4o-mini-2024-07-18|||0|0.15|0.6|0.075|||
openai|gpt-5,gpt-5-2025-08-07,gpt-5-chat,gpt-5-chat-latest,gpt-5-codex|||0|1.25|10|0.125|||
openai|gpt-5-mini,gpt-5-mini-2025-08-07|||0|0.25|2|0.025|||
openai|gpt-5-nano|||0|0.05|0.4|0.005|||
openai|gpt-5-pro,gpt-5-pro-2025-10-06|||0|15|120||||
openai|gpt-5.1,gpt-5.1-2025-11-13,gpt-5.1-codex,gpt-5.1-codex-max,gpt-5.1-chat,gpt-5.1-chat-latest|||0|1.25|10|0.125|||
openai|gpt-5.1-codex-mini,gpt-5.1-mini|||0|0.25|2|0.025|||
openai|gpt-5.2,gpt-5.2-2025-12-11,gpt-5.2-chat,gpt-5.2-chat-latest,gpt-5.2-codex|||0|1.75|14|0.175|||
openai|gpt-5.2-pro,gpt-5.2-pro-2025-12-11|||0|21|168||||
openai|gpt-5.3,gpt-5.3-chat,gpt-5.3-chat-latest|||0|1.75|14|0.175|||
openai|gpt-5.3-codex|||0|1.75|14|0.175|||
openai|gpt-5.4,gpt-5.4-2026-03-05|||0|2.5|15|0.25|||
openai|gpt-5.4,gpt-5.4-2026-03-05|||271999|5|22.5|0.5|||
openai|gpt-5.4-mini,gpt-5.4-mini-2026-03-17|||0|0.75|4.5|0.075|||
openai|gpt-5.4-nano,gpt-5.4-nano-2026-03-17|||0|0.2|1.25|0.02|||
openai|gpt-5.4-pro,gpt-5.4-pro-2026-03-05|||0|30|180||||
openai|gpt-5.4-pro,gpt-5.4-pro-2026-03-05|||271999|60|270||||
openai|gpt-5.5,gpt-5.5-2026-04-23,gpt-5.5-2026-04-24,gpt-5.5-chat,gpt-5.5-chat-latest,gpt-5.5-codex|||0|5|30|0.5|||
openai|gpt-5.5,gpt-5.5-2026-04-23,gpt-5.5-2026-04-24,gpt-5.5-chat,gpt-5.5-chat-latest,gpt-5.5-codex|||271999|10|45|1|||
openai|gpt-5.5-pro,gpt-5.5-pro-2026-04-23|||0|30|180||||
openai|gpt-5.5-pro,gpt-5.5-pro-2026-04-23|||271999|60|270||||
openai|gpt-5.6-luna|2026-07-30||0|0.2|1.2|0.02|0.25||
openai|gpt-5.6-luna|2026-07-30||271999|0.4|1.8|0.04|0.5||
openai|gpt-5.6-luna||2026-07-30|0|1|6|0.1|1.25||
openai|gpt-5.6-luna||2026-07-30|271999|2|9|0.2|2.5||
openai|gpt-5.6-sol,gpt-5.6|2026-08-21||0|4|20|0.4|5||
openai|gpt-5.6-sol,gpt-5.6|2026-08-21||271999|8|30|0.8|10||
openai|gpt-5.6-sol,gpt-5.6||2026-08-21|0|5|30|0.5|6.25||
openai|gpt-5.6-sol,gpt-5.6||2026-08-21|271999|10|45|1|12.5||
openai|gpt-5.6-terra|2026-07-30||0|2|12|0.2|2.5||
openai|gpt-5.6-terra|2026-07-30||271999|4|18|0.4|5||
openai|gpt-5.6-terra||2026-07-30|0|2.5|15|0.25|3.125||
openai|gpt-5.6-terra||2026-07-30|271999|5|22.5|0.5|6.25||
openai|gpt-6-astra|||0|10|50|1|12.5||
openai|gpt-6-astra|||271999|20|75|2|25||
openai|gpt-6-luna|||0|0.1|0.5|0.01|0.125||
openai|gpt-6-luna|||272000|0.2|0.75|0.02|0.25||
openai|gpt-6-sol|||0|2|10|0.2|2.5||
openai|gpt-6-sol|||272000|4|15|0.4|5||
openai|o1,o1-2024-12-17|||0|15|60|7.5|||
openai|o1-mini,o1-mini-2024-09-12|||0|1.1|4.4|0.55|||
openai|o1-preview,o1-preview-2024-09-12|||0|15|60|7.5|||
openai|o1-pro,o1-pro-2025-03-19|||0|150|600||||
openai|o3,o3-2025-04-16|2025-06-10||0|2|8|0.5|||
openai|o3,o3-2025-04-16||2025-06-10|0|10|40|0.5|||
openai|o3-mini,o3-mini-2025-01-31,o3-mini-high|||0|1.1|4.4|0.55|||
openai|o3-pro,o3-pro-2025-06-10|||0|20|80||||
openai|o4-mini,o4-mini-2025-04-16,o4-mini-high|||0|1.1|4.4|0.275|||
openai|text-embedding-3-large|||0|0.13|||||
openai|text-embedding-3-small|||0|0.02|||||
openai|text-embedding-ada-002,text-embedding-ada,text-embedding-ada-002-v2|||0|0.1|||||
anthropic|claude-3-5-haiku-latest,claude-3-5-haiku|||0|0.8|4|0.08|1|1.6|
anthropic|claude-3-5-sonnet|||0|3|15|0.3|3.75|6|
anthropic|claude-3-7-sonnet-latest,claude-3-7-sonnet,claude-sonnet-3-7|||0|3|15|0.3|3.75|6|
anthropic|claude-3-haiku|||0|0.25|1.25|0.03|0.3|0.5|
anthropic|claude-3-opus-latest,claude-3-opus|||0|15|75|1.5|18.75|30|
anthropic|claude-3-sonnet|||0|3|15|0.3|3.75|6|
anthropic|claude-fable-5|||0|10|50|1|12.5|20|
anthropic|claude-fable-5-1|||0|10|50|0.25|12.5|20|
anthropic|claude-haiku-4-5|||0|1|5|0.1|1.25|2|
anthropic|claude-opus-4-0,claude-opus-4,claude-opus-4-20250514|||0|15|75|1.5|18.75|30|
anthropic|claude-opus-4-1|||0|15|75|1.5|18.75|30|
anthropic|claude-opus-4-5|||0|5|25|0.5|6.25|10|
anthropic|claude-opus-4-6|2026-03-13||0|5|25|0.5|6.25|10|
anthropic|claude-opus-4-6||2026-03-13|0|5|25|0.5|6.25|10|
anthropic|claude-opus-4-6||2026-03-13|200000|10|37.5|1|12.5|20|
anthropic|claude-opus-4-7|||0|5|25|0.5|6.25|10|
anthropic|claude-opus-4-8|||0|5|25|0.5|6.25|10|
anthropic|claude-opus-5|||0|5|25|0.5|6.25|10|
anthropic|claude-opus-5-5|||0|4|20|0.2|5|8|
anthropic|claude-sonnet-4-0,claude-sonnet-4|||0|3|15|0.3|3.75|6|
anthropic|claude-sonnet-4-5|||0|3|15|0.3|3.75|6|
anthropic|claude-sonnet-4-5|||200000|6|22.5|0.6|7.5|12|
anthropic|claude-sonnet-4-6|2026-03-13||0|3|15|0.3|3.75|6|
anthropic|claude-sonnet-4-6||2026-03-13|0|3|15|0.3|3.75|6|
anthropic|claude-sonnet-4-6||2026-03-13|200000|6|22.5|0.6|7.5|12|
anthropic|claude-sonnet-5|||0|2|10|0.2|2.5|4|
google|gemini-2.0-flash|||0|0.1|0.4|0.025|||sound
google|gemini-2.0-flash-lite|||0|0.075|0.3||||
google|gemini-2.5-flash,gemini-2.5-flash-latest|||0|0.3|2.5|0.03|||sound
google|gemini-2.5-flash-lite|||0|0.1|0.4|0.01|||sound
google|gemini-2.5-flash-preview|||0|0.15|0.6||||
google|gemini-2.5-pro|||0|1.25|10|0.125|||
google|gemini-2.5-pro|||200000|2.5|15|0.25|||
google|gemini-3-flash-preview|||0|0.5|3|0.05|||sound
google|gemini-3-pro-preview,gemini-3-pro-text-preview|||0|2|12|0.2|||
google|gemini-3-pro-preview,gemini-3-pro-text-preview|||200000|4|18|0.4|||
google|gemini-3.1-flash-lite,gemini-3.1-flash-lite-preview|||0|0.25|1.5|0.025|||sound
google|gemini-3.1-pro-preview|||0|2|12|0.2|||
google|gemini-3.1-pro-preview|||200000|4|18|0.4|||
google|gemini-3.5-flash,gemini-3.5-flash-preview|||0|1.5|9|0.15|||
google|gemini-3.5-flash-lite|||0|0.3|2.5|0.03|||
google|gemini-3.6-flash|2027-01-01||0|1.5|7.5|0.15|||
google|gemini-3.6-flash||2027-01-01|0|0.75|3.75|0.075|||
google|gemini-3.7-flash|2027-01-01||0|1.5|7.5|0.15|||
google|gemini-3.7-flash||2027-01-01|0|0.75|3.75|0.075|||
google|gemini-3.8-flash|2027-01-01||0|1.5|7.5|0.15|||
google|gemini-3.8-flash||2027-01-01|0|0.75|3.75|0.075|||
google|gemini-embedding-001|||0|0.15|||||
google|gemini-embedding-2|||0|0.2|||||sound
`;
