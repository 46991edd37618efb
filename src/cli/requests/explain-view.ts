import {
  arrayMember,
  isJsonObject,
  numberMember,
  objectMember,
  stringMember,
  type JsonObject,
} from '../../core/json.ts';
import { certificateLine } from '../../core/record-lines.ts';
import { modelOf } from '../../ledger/store/generation-query.ts';
import { plainText } from '../text.ts';

const LABEL_WIDTH = 12;

/** An explanation for a person: who may answer, in which order, with which changes, what is known of each, and what is not. */
export function explanationText(explanation: JsonObject): string {
  const candidates = arrayMember(explanation, 'candidates').filter(isJsonObject);
  const plan = arrayMember(explanation, 'plan').filter(isJsonObject);
  const eligible = candidates.filter((candidate) => stringMember(candidate, 'verdict') === 'eligible');
  const lines = [
    ` ${introduction(explanation)}`,
    '',
    row('asked', asked(explanation)),
    ...ruleLines(explanation),
    row('candidates', `${eligible.length} of ${candidates.length} can answer`),
    ...candidates.flatMap((candidate) => candidateLines(candidate, widthOfNames(candidates))),
    ...planLines(plan, explanation),
    ...estimateLines(eligible, widthOfNames(eligible)),
    ...nowLines(explanation),
    ...arrayMember(explanation, 'notes').map((note, index) => row(index === 0 ? 'note' : '', plain(note))),
  ];
  // Clients' words are among them.
  return `${lines.map(plainText).join('\n')}\n`;
}

function introduction(explanation: JsonObject): string {
  const config = stringMember(explanation, 'config') ?? 'unknown';
  const generation = stringMember(explanation, 'generation');
  return generation === null
    ? `Nothing was sent. Config ${config}.`
    : `${generation} as its record tells it. Config ${config}.`;
}

function row(label: string, text: string): string {
  return ` ${label.padEnd(LABEL_WIDTH)} ${text}`.trimEnd();
}

function asked(explanation: JsonObject): string {
  const route = stringMember(explanation, 'route');
  const name = stringMember(explanation, 'asked') ?? 'nothing that can be read';
  const chosenBy = objectMember(explanation, 'chosen_by') ?? {};
  const by = stringMember(chosenBy, 'by') ?? 'model';
  const at = stringMember(chosenBy, 'at');
  const how = by === 'model' ? '' : `, by ${by}`;
  const none = by === 'rule' ? 'no rule matches' : 'a model: it answers or nobody';
  const what = `${name} (${route === null ? none : `route ${route}${how}`})`;
  return at === null ? what : `${what}   ${at}`;
}

function ruleLines(explanation: JsonObject): readonly string[] {
  const rules = arrayMember(explanation, 'rules').filter(isJsonObject);
  return rules.map((rule, index) => {
    const outcome = stringMember(rule, 'outcome') ?? '';
    const mark = outcome === 'matched' ? '✓' : '✗';
    const failed = outcome === 'failed' ? `   failed: ${plain(rule['problem'])}` : '';
    const when = stringMember(rule, 'when') ?? 'always';
    return row(index === 0 ? 'rules' : '', `${mark} ${stringMember(rule, 'at') ?? ''}   ${when}${failed}`);
  });
}

function widthOfNames(candidates: readonly JsonObject[]): number {
  return Math.max(0, ...candidates.map((candidate) => (stringMember(candidate, 'deployment') ?? '').length));
}

function candidateLines(candidate: JsonObject, width: number): readonly string[] {
  const name = (stringMember(candidate, 'deployment') ?? '').padEnd(width);
  const mark = stringMember(candidate, 'verdict') === 'eligible' ? '✓' : '✗';
  const circuit = stringMember(candidate, 'circuit');
  const facts = [...(circuit === null ? [] : [`circuit ${circuit.replace('_', '-')}`]), ...priceText(candidate)];
  const reasons = arrayMember(candidate, 'reasons').filter(isJsonObject).map(reasonText);
  const objectives = arrayMember(candidate, 'objectives').filter(isJsonObject).map(objectiveText);
  const prompt = objectMember(candidate, 'prompt');
  const template = prompt === null ? [] : [`prompt ${plain(prompt['file'])} (${plain(prompt['at'])})`];
  const model = modelOf(stringMember(candidate, 'deployment') ?? '');
  const standing = arrayMember(candidate, 'stands_in')
    .filter(isJsonObject)
    .map((each) => certificateLine(model, each));
  return [
    `   ${mark} ${name}   ${facts.join('   ')}`.trimEnd(),
    ...[...template, ...standing, ...reasons, ...objectives].map((line) => `       ${line}`),
  ];
}

function priceText(candidate: JsonObject): readonly string[] {
  const price = objectMember(candidate, 'price');
  if (price === null) return [];
  const output = numberMember(price, 'out');
  return [`$${plain(price['in'])} in${output === null ? '' : `, $${output} out`} a million tokens`];
}

function reasonText(reason: JsonObject): string {
  const need = plain(reason['need']);
  const have = reason['have'] === null ? 'does not have it' : `has ${plain(reason['have'])}`;
  const where = stringMember(reason, 'at') ?? stringMember(reason, 'evidence');
  return `${stringMember(reason, 'rule') ?? ''}: ${need} is needed, ${have}${where === null ? '' : ` (${where})`}`;
}

/** How each objective is told: its unit, and whether its limit is the least. */
const OBJECTIVES: Readonly<Record<string, { readonly text: (figure: number) => string; readonly isLeast: boolean }>> = {
  ttft_p95: { text: (figure) => `${Math.round(figure)} ms`, isLeast: false },
  tokens_per_second: { text: (figure) => `${figure.toFixed(1)} tokens/s`, isLeast: true },
  error_rate: { text: percent, isLeast: false },
  valid_rate: { text: percent, isLeast: true },
  cost_per_request: { text: (figure) => `$${figure.toFixed(6)}`, isLeast: false },
};

function objectiveText(objective: JsonObject): string {
  const name = stringMember(objective, 'name') ?? '';
  const { text, isLeast } = OBJECTIVES[name] ?? { text: String, isLeast: false };
  const value = numberMember(objective, 'value');
  const limit = text(numberMember(objective, 'limit') ?? 0);
  const met = objective['met'];
  const verdict = met === null ? 'not known yet' : met === true ? 'met' : 'missed';
  const n = Math.round(numberMember(objective, 'n') ?? 0);
  return `${name} ${value === null ? '–' : text(value)}, ${isLeast ? 'at least' : 'at most'} ${limit}: ${verdict} (n ${n})`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function planLines(plan: readonly JsonObject[], explanation: JsonObject): readonly string[] {
  const lines = plan.flatMap((step, index) => {
    const changes = arrayMember(step, 'adjustments').filter(isJsonObject).map(changeText);
    const first = `${index + 1} ${stringMember(step, 'deployment') ?? ''}`;
    return [first, ...changes.map((change) => `    ${change}`)];
  });
  const end = endText(explanation, plan.length);
  const all = plan.length === 0 ? [`nobody: ${end}`] : [...lines, end];
  return all.map((line, index) => row(index === 0 ? 'plan' : '', line));
}

/** What the client hears when all of them fail; of the past, what it heard. */
function endText(explanation: JsonObject, planned: number): string {
  const then = objectMember(explanation, 'then') ?? {};
  const http = numberMember(then, 'http');
  const told = http === null ? null : `${http} ${stringMember(then, 'code') ?? ''}`.trimEnd();
  if (explanation['generation'] !== undefined) return told === null ? 'its end is not known' : `it ended with ${told}`;
  if (planned === 0) return told ?? 'nobody can be asked';
  return `then ${told ?? 'the error of that one failure'}`;
}

function changeText(adjustment: JsonObject): string {
  const param = stringMember(adjustment, 'param') ?? '';
  const kind = stringMember(adjustment, 'kind') ?? '';
  const why = `${stringMember(adjustment, 'reason') ?? ''}, ${stringMember(adjustment, 'at') ?? ''}`;
  if (kind === 'brief' || kind === 'rewritten' || kind === 'emulated') return `${param} ${kind} (${why})`;
  return `${param} ${plain(adjustment['asked'])} → ${plain(adjustment['sent'])} (${kind}: ${why})`;
}

function estimateLines(eligible: readonly JsonObject[], width: number): readonly string[] {
  const lines = eligible.map((candidate) => {
    const estimate = objectMember(candidate, 'estimate') ?? {};
    const n = numberMember(estimate, 'n') ?? 0;
    const name = (stringMember(candidate, 'deployment') ?? '').padEnd(width);
    return `${name}   ${timesText(estimate)}   ${costText(estimate)}${n === 0 ? '' : `   by ${n} answers`}`;
  });
  return lines.map((line, index) => row(index === 0 ? 'estimate' : '', line));
}

function timesText(estimate: JsonObject): string {
  const [p50, p95] = [numberMember(estimate, 'ttft_p50_ms'), numberMember(estimate, 'ttft_p95_ms')];
  if (p50 === null || p95 === null) return 'TTFT not measured';
  return `TTFT p50 ${(p50 / 1000).toFixed(2)} s  p95 ${(p95 / 1000).toFixed(2)} s`;
}

function costText(estimate: JsonObject): string {
  const [least, most] = arrayMember(estimate, 'cost_band');
  const usual = numberMember(estimate, 'cost');
  if (typeof least !== 'number' || typeof most !== 'number') {
    return usual === null ? 'cost not known' : `$${usual.toFixed(6)}`;
  }
  return `$${least.toFixed(6)} to $${most.toFixed(6)}${usual === null ? '' : `, mostly $${usual.toFixed(6)}`}`;
}

/** Of a recorded request: where the same one would go now. */
function nowLines(explanation: JsonObject): readonly string[] {
  const now = objectMember(explanation, 'now');
  if (now === null) return [];
  const names = (of: JsonObject): readonly string[] =>
    arrayMember(of, 'plan')
      .filter(isJsonObject)
      .map((step) => stringMember(step, 'deployment') ?? '');
  const order = names(now);
  const isSame = order.join() === names(explanation).join();
  const plan =
    order.length === 0 ? `nobody: ${endText(now, 0)}` : order.map((name, index) => `${index + 1} ${name}`).join('  ');
  return [row('now', `${plan}${isSame ? '   (as then)' : ''}`)];
}

/** A JSON value in a sentence. */
function plain(value: JsonObject[string] | undefined): string {
  if (value === undefined || value === null) return 'nothing';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
