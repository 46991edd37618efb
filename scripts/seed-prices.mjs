// Writes src/catalog/seeded-prices.ts from the price lists of @pydantic/genai-prices. Prints it with --print.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { findProvider } from '@pydantic/genai-prices';

const PACKAGE = '@pydantic/genai-prices';
/** When that version was published: its lists are no newer. */
const AS_OF = { '0.1.8': '2026-09-23' };
/** DeepSeek's peak hours are written by hand in price-corrections.ts: the lists cannot say weekdays, nor a date and an hour together. */
const VENDORS = {
  openai: 'openai.com/api/pricing',
  anthropic: 'platform.claude.com/docs/en/about-claude/pricing',
  google: 'ai.google.dev/gemini-api/docs/pricing',
};
/** Models whose tokens are not all text, names that are not the vendor's own, and models that are no longer served. */
const LEFT_OUT =
  /audio|realtime|transcribe|tts|image|live|omni|moderation|search|computer|research|instruct|robotics|gemma|^ft:|\.ft-|:|davinci|babbage|curie|claude-(?:v1|2)|^gemini-(?:pro|flash|1)|@|^(?:text-)?ada|^gpt-(?:35|3\.5-0|5-\d(?:-|$))|^claude-.*\.|^claude-[45]-|-2025$/;
const ELSEWHERE = /OpenRouter/;
const RATES = ['input_mtok', 'output_mtok', 'cache_read_mtok', 'cache_write_mtok', 'cache_write_1h_mtok'];

const version = JSON.parse(
  readFileSync(join(dirname(createRequire(import.meta.url).resolve(PACKAGE)), '..', 'package.json'), 'utf8'),
).version;
const asOf = AS_OF[version];
if (asOf === undefined) throw new Error(`say in AS_OF when ${PACKAGE} ${version} was published`);

function namesOf(model) {
  const rules = model.match.or ?? [model.match];
  const found = rules.flatMap((rule) => rule.equals ?? rule.starts_with ?? []);
  const names = [model.id, ...found].map((name) => name.replace(/-$/, ''));
  return [...new Set(names)].filter((name) => !LEFT_OUT.test(name));
}

/** The periods of a model, the newest first; none when one of them has a constraint that is no date. */
function periodsOf(prices) {
  if (!Array.isArray(prices)) return [{ from: '', until: '', prices }];
  const periods = prices.map(({ constraint, prices: each }) => ({
    from: constraint?.start_date ?? '',
    type: constraint?.type,
    prices: each,
  }));
  if (periods.some(({ type }) => type !== undefined && type !== 'start_date')) return [];
  return periods
    .map(({ from, prices: each }, index) => ({ from, until: periods[index + 1]?.from ?? '', prices: each }))
    .toReversed();
}

function tiersOf(prices) {
  const above = new Set([0]);
  for (const rate of RATES) for (const tier of prices[rate]?.tiers ?? []) above.add(tier.start);
  return [...above].map((start) => [start, ...RATES.map((rate) => rateAbove(prices[rate], start))]);
}

function rateAbove(rate, start) {
  if (rate === undefined) return '';
  if (typeof rate === 'number') return rate;
  return rate.tiers.findLast((tier) => tier.start <= start)?.price ?? rate.base;
}

function linesOf(kind, model) {
  const names = namesOf(model);
  const isElsewhere = ELSEWHERE.test(model.price_comments ?? '');
  if (
    LEFT_OUT.test(model.id) ||
    names.length === 0 ||
    isElsewhere ||
    !names.every((name) => name.startsWith('claude') === (kind === 'anthropic'))
  )
    return [];
  return periodsOf(model.prices).flatMap(({ from, until, prices }) => {
    const isText =
      prices.input_mtok !== undefined &&
      prices.output_image_mtok === undefined &&
      prices.output_audio_mtok === undefined;
    const sound = prices.input_audio_mtok === undefined ? '' : 'sound';
    return isText ? tiersOf(prices).map((tier) => [kind, names.join(','), from, until, ...tier, sound].join('|')) : [];
  });
}

const lines = Object.keys(VENDORS).flatMap((kind) =>
  findProvider({ providerId: kind }).models.flatMap((model) => linesOf(kind, model)),
);
const text = `// Written by scripts/seed-prices.mjs: run it again instead of editing this.

/** Where the list comes from, and the day from which it is known to hold. */
export const SEED = { name: '${PACKAGE} ${version}', asOf: '${asOf}' } as const;

/** The vendors' own pages, by provider kind. */
export const SEED_PAGES: Readonly<Record<string, string>> = {
${Object.entries(VENDORS)
  .map(([kind, page]) => `  ${kind}: '${page}',\n`)
  .join('')}};

/**
 * One line a price: kind | names | from | until | prompt tokens above | USD per million tokens of input | output | cached input |
 * cache write | cache write for an hour | \`sound\` where that costs something else. Empty: not known, or open.
 */
export const SEEDED_PRICES = \`
${lines.join('\n')}
\`;
`;
if (process.argv.includes('--print')) process.stdout.write(text);
else writeFileSync(join(dirname(dirname(fileURLToPath(import.meta.url))), 'src', 'catalog', 'seeded-prices.ts'), text);
