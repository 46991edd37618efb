// Writes docs/matrix.md from the tables the code uses. With --check it writes nothing and says whether it is current.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const file = join(root, 'docs', 'matrix.md');

async function load(...path) {
  return (await runnerImport(join(root, 'src', ...path))).module;
}

const { FIELD_MATRIX, MATRIX_VENDORS } = await load('catalog', 'field-matrix.ts');
const { cellOf } = await load('catalog', 'matrix-cell.ts');
const { MODELS } = await load('catalog', 'models', 'find-model.ts');
const { PROVIDERS } = await load('providers', 'registry.ts');

const NAMES = { openai: 'OpenAI', anthropic: 'Anthropic', google: 'Gemini API', deepseek: 'DeepSeek' };
const code = (text) => `\`${text}\``;
const tokens = (count) => (count === null ? 'not known' : count.toLocaleString('en'));

/** A cell as a person reads it. */
function cellText({ fate, pointers, note }) {
  const said = note === null ? '' : ` (${note.replaceAll('|', '\\|')})`;
  return pointers.length === 0 ? `${fate}${said}` : `${fate} ${pointers.map(code).join(' or ')}${said}`;
}

/** What becomes of a field at a vendor: at most of its models, then those that differ. */
function vendorCell(row, vendor) {
  const groups = new Map();
  for (const { id } of MODELS[vendor].rows) {
    const text = cellText(cellOf(row, vendor, PROVIDERS.get(vendor).capabilities(id)));
    groups.set(text, [...(groups.get(text) ?? []), id]);
  }
  const [most, ...others] = [...groups].toSorted(([, a], [, b]) => b.length - a.length);
  return [most[0], ...others.map(([text, ids]) => `${ids.join(', ')}: ${text}`)].join('<br>');
}

function fieldTable() {
  const rows = FIELD_MATRIX.map(
    (row) => `| ${row.field} | ${MATRIX_VENDORS.map((vendor) => vendorCell(row, vendor)).join(' | ')} |`,
  );
  return `| field | ${MATRIX_VENDORS.map((vendor) => NAMES[vendor]).join(' | ')} |
| --- | ${MATRIX_VENDORS.map(() => '---').join(' | ')} |
${rows.join('\n')}`;
}

function samplingText({ temperature, topP, topK, penalties, seed, oneAtATime }) {
  const found = [
    temperature === null ? null : `temperature ${temperature.min}–${temperature.max}`,
    topP ? 'top_p' : null,
    topK ? 'top_k' : null,
    penalties ? 'penalties' : null,
    seed ? 'seed' : null,
  ].filter((each) => each !== null);
  if (found.length === 0) return 'none';
  return found.join(', ') + (oneAtATime ? '; temperature or top_p' : '');
}

function reasoningText(facts) {
  if (facts === null) return '–';
  const { levels, budget, byDefault, excludesSampling } = facts;
  return [
    levels.join(', '),
    budget === null ? '' : `${budget.min}–${budget.max} tokens`,
    byDefault ? 'on unless told' : 'off unless asked',
    excludesSampling ? 'no sampling meanwhile' : '',
  ]
    .filter((each) => each !== '')
    .join('; ');
}

const INPUTS = {
  image_data: 'image',
  image_url: 'image address',
  file_input: 'file',
  file_url: 'file address',
  audio_input: 'sound',
};
const CAN = {
  tools: 'tools',
  tool_choice_required: 'forced call',
  json_schema: 'schema',
  json_with_tools: 'format with tools',
  assistant_prefill: 'prefill',
  system_after_start: 'late instructions',
  logprobs: 'logprobs',
  multiple_choices: 'n',
  stop: 'stop',
};

function listed(features, words) {
  const found = Object.keys(words).filter((feature) => features.has(feature));
  return found.length === 0 ? '–' : found.map((feature) => words[feature]).join(', ');
}

function modelRow(vendor, model) {
  const { features, limits } = PROVIDERS.get(vendor).capabilities(model.id);
  const cells = [
    code(model.id),
    tokens(limits.contextTokens),
    tokens(limits.outputTokens),
    model.tokenizer ?? 'not known',
    listed(features, INPUTS),
    listed(features, CAN),
    samplingText(model.sampling),
    reasoningText(model.reasoning),
    `${model.source}, ${model.asOf}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function modelTable(vendor) {
  const { rows, families } = MODELS[vendor];
  return `### ${NAMES[vendor]}

| model | window | longest answer | tokenizer | reads | can | sampling | reasoning | source |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${rows.map((model) => modelRow(vendor, model)).join('\n')}

A model that is not listed is judged by its name:

${families.map(({ rule }) => `- ${rule}`).join('\n')}`;
}

const page = `# What becomes of a request

Written by \`npm run docs:matrix\` from the tables by which requests are planned and encoded: \`src/catalog/field-matrix.ts\`, \`src/catalog/models/\` and each provider's capabilities.

## Fields

Of a Chat Completions request, at each vendor. Where models of one vendor differ, most of them come first. A member that asks for nothing (a neutral value, \`null\`) is left out everywhere.

- **map**: sent, at that JSON pointer of the vendor's body (\`*\` is any position).
- **approx**: sent as the nearest thing, with an adjustment that says so. Under \`params: strict\` as 400.
- **drop**: left out, with an adjustment that says so. Under \`params: strict\` as 400.
- **400**: a model that lacks it is not asked; where no candidate is left, the request ends with \`unsupported_parameter\` and the field's name.

${fieldTable()}

On Vertex a model takes what it takes at the Gemini API, without \`service_tier\`; Gemini 2.5 also takes penalties and \`logprobs\` there.

## Models

A number that is not known is not checked. An output cap above the longest answer is clamped, and said. What a simulated vendor can do is what the real one can.

${MATRIX_VENDORS.map(modelTable).join('\n\n')}
`;

const isCurrent = existsSync(file) && readFileSync(file, 'utf8') === page;
if (isCurrent) {
  console.log('docs/matrix.md is current');
} else if (process.argv.includes('--check')) {
  console.error('not current: docs/matrix.md; run `npm run docs:matrix`');
  process.exitCode = 1;
} else {
  writeFileSync(file, page);
  console.log('docs/matrix.md written');
}
