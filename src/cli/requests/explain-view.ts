import {
  arrayMember,
  isJsonObject,
  numberMember,
  objectMember,
  stringMember,
  type JsonObject,
} from '../../core/json.ts';
import { plainText } from '../text.ts';

const LABEL_WIDTH = 12;

/** An explanation for a person: who may answer, in which order, with which changes, and what is not known. */
export function explanationText(explanation: JsonObject): string {
  const candidates = arrayMember(explanation, 'candidates').filter(isJsonObject);
  const plan = arrayMember(explanation, 'plan').filter(isJsonObject);
  const eligible = candidates.filter((candidate) => stringMember(candidate, 'verdict') === 'eligible');
  const lines = [
    ` Nothing was sent. Config ${stringMember(explanation, 'config') ?? 'unknown'}.`,
    '',
    row('asked', asked(explanation)),
    row('candidates', `${eligible.length} of ${candidates.length} can answer`),
    ...candidates.flatMap(candidateLines),
    ...planLines(plan, explanation),
    ...estimateLines(eligible),
    ...arrayMember(explanation, 'notes').map((note, index) => row(index === 0 ? 'note' : '', plain(note))),
  ];
  // Clients' words are among them.
  return `${lines.map(plainText).join('\n')}\n`;
}

function row(label: string, text: string): string {
  return ` ${label.padEnd(LABEL_WIDTH)} ${text}`.trimEnd();
}

function asked(explanation: JsonObject): string {
  const route = stringMember(explanation, 'route');
  const name = stringMember(explanation, 'asked') ?? '';
  const at = stringMember(objectMember(explanation, 'chosen_by') ?? {}, 'at');
  const what = route === null ? `${name} (a model: it answers or nobody)` : `${name} (route ${route})`;
  return at === null ? what : `${what}   ${at}`;
}

function candidateLines(candidate: JsonObject): readonly string[] {
  const name = stringMember(candidate, 'deployment') ?? '';
  const reasons = arrayMember(candidate, 'reasons').filter(isJsonObject);
  if (reasons.length === 0) return [`   ✓ ${name}`];
  return reasons.map((reason, index) => {
    const mark = index === 0 ? `   ✗ ${name}` : ' '.repeat(5 + name.length);
    const need = plain(reason['need']);
    const have = reason['have'] === null ? 'does not have it' : `has ${plain(reason['have'])}`;
    const where = stringMember(reason, 'at') ?? stringMember(reason, 'evidence');
    return `${mark}   ${stringMember(reason, 'rule') ?? ''}: ${need} is needed, ${have}${where === null ? '' : ` (${where})`}`;
  });
}

function planLines(plan: readonly JsonObject[], explanation: JsonObject): readonly string[] {
  const lines = plan.flatMap((step, index) => {
    const changes = arrayMember(step, 'adjustments').filter(isJsonObject).map(changeText);
    const first = `${index + 1} ${stringMember(step, 'deployment') ?? ''}`;
    return [first, ...changes.map((change) => `    ${change}`)];
  });
  const then = objectMember(explanation, 'then') ?? {};
  const http = numberMember(then, 'http');
  const failure = http === null ? 'the error of that one failure' : `${http} ${stringMember(then, 'code') ?? ''}`;
  const all = plan.length === 0 ? [`nobody: ${failure}`] : [...lines, `then ${failure}`];
  return all.map((line, index) => row(index === 0 ? 'plan' : '', line));
}

function changeText(adjustment: JsonObject): string {
  const param = stringMember(adjustment, 'param') ?? '';
  const kind = stringMember(adjustment, 'kind') ?? '';
  const why = `${stringMember(adjustment, 'reason') ?? ''}, ${stringMember(adjustment, 'at') ?? ''}`;
  if (kind === 'brief' || kind === 'rewritten' || kind === 'emulated') return `${param} ${kind} (${why})`;
  return `${param} ${plain(adjustment['asked'])} → ${plain(adjustment['sent'])} (${kind}: ${why})`;
}

function estimateLines(eligible: readonly JsonObject[]): readonly string[] {
  const known = eligible.flatMap((candidate) => {
    const estimate = objectMember(candidate, 'estimate') ?? {};
    const [least, most] = arrayMember(estimate, 'cost_band');
    if (typeof least !== 'number' || typeof most !== 'number') return [];
    const usual = numberMember(estimate, 'cost');
    const middle = usual === null ? '' : `, mostly $${usual.toFixed(6)}`;
    return [`${stringMember(candidate, 'deployment') ?? ''}   $${least.toFixed(6)} to $${most.toFixed(6)}${middle}`];
  });
  const lines =
    known.length > 0 ? known : ['cost unknown: it needs a price, and a cap on the answer or eight answers before it'];
  return lines.map((line, index) => row(index === 0 ? 'estimate' : '', line));
}

/** A JSON value in a sentence. */
function plain(value: JsonObject[string] | undefined): string {
  if (value === undefined || value === null) return 'nothing';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
