import {
  arrayMember,
  isJsonObject,
  type JsonObject,
  numberMember,
  objectMember,
  stringMember,
} from '../../core/json.ts';
import { costText } from '../format.ts';
import { alignedRows, plainText } from '../text.ts';

const TITLES = ['', 'valid', 'agree (95% CI)', 'refused', 'TTFT p50/p95', 'tok/s', '$/1k req', ''];
const BAR_CHARACTERS = 24;
/** So many of the worst pairs of a model are shown. */
const WORST_SHOWN = 3;

/** What a comparison would cost, before it does. */
export function estimateText(estimate: JsonObject): string {
  const items = numberMember(estimate, 'items') ?? 0;
  const models = arrayMember(estimate, 'models').filter(isJsonObject);
  const kind = stringMember(objectMember(estimate, 'design') ?? {}, 'kind') === 'golden' ? 'of the set' : 'recorded';
  const band = arrayMember(estimate, 'cost_band').map(Number);
  const asides = arrayMember(estimate, 'not_counted').map(String).join(', ');
  const [low = null, high = null] = band;
  const range = high === null ? '' : ` (likely ${costText(low)} to ${costText(high)})`;
  const onTop = asides === '' ? '' : `, and what the check ${asides} asks`;
  const assumed = models.filter((each) => objectMember(each, 'answer_tokens')?.['measured'] !== true);
  const names = assumed.map((each) => stringMember(each, 'model') ?? '').join(', ');
  const tokens = numberMember(objectMember(assumed[0] ?? {}, 'answer_tokens') ?? {}, 'tokens') ?? 0;
  const skipped = objectMember(estimate, 'skipped') ?? {};
  return [
    `  ${items} requests ${kind} × ${models.length} models, each asked anew; reference ${stringMember(estimate, 'reference') ?? ''}`,
    `  est. ${costText(numberMember(estimate, 'cost'))}${range}${onTop}${assumed.length === 0 ? '' : `; answers of ${names} taken to have ${tokens} tokens`}`,
    ...Object.entries(skipped).flatMap(([why, count]) =>
      Number(count) > 0 ? [`  left out: ${Number(count)} ${SKIPPED[why] ?? why}`] : [],
    ),
    '',
  ]
    .map(plainText)
    .join('\n');
}

const SKIPPED: Readonly<Record<string, string>> = {
  not_kept: 'whose text was not kept',
  duplicates: 'that the set has twice',
};

/** How far it is, on one line without an end. */
export function progressText(line: JsonObject): string {
  const [done, total] = [numberMember(line, 'done') ?? 0, numberMember(line, 'total') ?? 1];
  const filled = Math.round((done / total) * BAR_CHARACTERS);
  const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_CHARACTERS - filled)}`;
  return `  ${bar} ${done}/${total}  ${costText(numberMember(line, 'cost'))}`;
}

/** A row for each model, then what follows for each stand-in, and its worst answers. */
export function comparisonText(result: JsonObject): string {
  const models = arrayMember(result, 'models').filter(isJsonObject);
  const [reference, ...others] = models;
  const name = stringMember(reference ?? {}, 'model') ?? '';
  const rows = alignedRows(
    [TITLES, ...models.map(modelRow)],
    ['left', 'right', 'left', 'right', 'right', 'right', 'right', 'left'],
  );
  const route = stringMember(result, 'route') ?? '';
  return [
    ...rows,
    `${numberMember(result, 'items') ?? 0} requests asked, ${costText(numberMember(result, 'cost'))} spent`,
    ...others.flatMap((report) => [standingText(report, name, route), ...worstTexts(report)]),
  ]
    .map((line) => `  ${plainText(line)}\n`)
    .join('');
}

function modelRow(report: JsonObject): readonly string[] {
  const failed = Object.entries(objectMember(report, 'failed') ?? {}).map(
    ([code, count]) => `${Number(count)} ${code}`,
  );
  return [
    stringMember(report, 'model') ?? '',
    validText(objectMember(report, 'valid')),
    agreementText(objectMember(report, 'agreement')),
    `${numberMember(report, 'refused') ?? 0}`,
    `${secondsText(report, 'ttft_p50_ms')}/${secondsText(report, 'ttft_p95_ms')}`,
    numberMember(report, 'tokens_per_second')?.toFixed(0) ?? '–',
    numberMember(report, 'cost_per_1k')?.toFixed(2) ?? '?',
    failed.length === 0 ? '' : `no answer: ${failed.join(', ')}`,
  ];
}

function validText(valid: JsonObject | null): string {
  if (valid === null) return '–';
  const [passed = 0, failed = 0, unknown = 0] = ['passed', 'failed', 'unknown'].map(
    (key) => numberMember(valid, key) ?? 0,
  );
  return `${passed}/${passed + failed}${unknown === 0 ? '' : ` +${unknown}?`}`;
}

function agreementText(agreement: JsonObject | null): string {
  if (agreement === null) return '–';
  const [low, high] = arrayMember(agreement, 'ci95').map((bound) => Number(bound).toFixed(2));
  return `${(numberMember(agreement, 'mean') ?? 0).toFixed(2)} [${low}–${high}]`;
}

function secondsText(report: JsonObject, key: string): string {
  const ms = numberMember(report, key);
  return ms === null ? '–' : `${(ms / 1000).toFixed(2)} s`;
}

function standingText(report: JsonObject, reference: string, route: string): string {
  const model = stringMember(report, 'model') ?? '';
  const standing = objectMember(report, 'standing') ?? {};
  const state = stringMember(standing, 'state') ?? 'none';
  const reason = stringMember(standing, 'reason') ?? '';
  const missing = missingText(standing);
  if (state === 'granted' || state === 'watched') {
    return `✓ ${model} may stand in for ${reference} on ${route}: ${stringMember(standing, 'certificate') ?? ''} (${state}: ${reason})`;
  }
  return `✗ ${model} may not stand in for ${reference} on ${route} (${state}: ${reason})${missing}`;
}

/** How many pairs alike each measure needs yet. */
function missingText(standing: JsonObject): string {
  const needs = arrayMember(standing, 'missing')
    .filter(isJsonObject)
    .map((metric) => ({ name: stringMember(metric, 'name') ?? '', pairs: numberMember(metric, 'pairs') }))
    .filter(({ pairs }) => pairs !== 0)
    .map(({ name, pairs }) => `${name} ${pairs ?? 'more than are ever collected'}`);
  return needs.length === 0 ? '' : `; pairs without a difference needed yet: ${needs.join(', ')}`;
}

function worstTexts(report: JsonObject): readonly string[] {
  return arrayMember(report, 'worst')
    .filter(isJsonObject)
    .slice(0, WORST_SHOWN)
    .map((pair) => {
      const agreement = numberMember(pair, 'agreement');
      const agreed = agreement === null ? '' : `  agree ${agreement.toFixed(2)}`;
      return `    ${stringMember(pair, 'from') ?? '–'} → ${stringMember(pair, 'to') ?? '–'}${agreed}`;
    });
}
