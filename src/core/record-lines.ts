import {
  arrayMember,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  numberMember,
  objectMember,
  stringMember,
} from './json.ts';

/**
 * The steps of a generation's record as lines for a person; each says nothing the record does not. What vendors, models and
 * clients wrote may stand in them.
 */

const SHOWN_CHARACTERS = 60;
const HASH_CHARACTERS = 8;

/** `replay of gen_…`; `null`: a client asked. */
export function asideText(record: JsonObject): string | null {
  const aside = objectMember(record, 'aside');
  if (aside === null) return null;
  const of = stringMember(aside, 'of');
  return `${stringMember(aside, 'purpose') ?? 'aside'}${of === null ? '' : ` of ${of}`}, asked by Candor itself`;
}

/** Candidates that were left out, each with its reasons. */
export function excludedLines(record: JsonObject): readonly string[] {
  const candidates = objects(record, 'candidates').filter((candidate) => candidate['verdict'] === 'excluded');
  return candidates.map((candidate) => {
    const reasons = objects(candidate, 'reasons').map((reason) => {
      const at = stringMember(reason, 'at');
      const facts = `${stringMember(reason, 'rule') ?? ''}: needs ${shown(reason['need'])}, has ${shown(reason['have'])}`;
      return at === null ? facts : `${facts} (${at})`;
    });
    return `✗ ${stringMember(candidate, 'deployment') ?? ''}   ${reasons.join('; ')}`;
  });
}

/** What those had earned who were asked in the place of another model, or might have been. */
export function certificateLines(record: JsonObject): readonly string[] {
  const inputs = objectMember(objectMember(record, 'decision') ?? {}, 'inputs') ?? {};
  const tried = new Set(objects(record, 'attempts').map((attempt) => stringMember(attempt, 'deployment')));
  return objects(inputs, 'candidates').flatMap((candidate) => {
    const isTried = tried.has(stringMember(candidate, 'deployment'));
    return objects(candidate, 'stands_in').flatMap((standing) => {
      const certificate = stringMember(standing, 'certificate');
      return isTried || certificate !== null ? [certificateLine(stringMember(candidate, 'model') ?? '', standing)] : [];
    });
  });
}

/** One standing: `certificate gpt-4o → claude-opus  granted cert_…: 120 pairs`. */
export function certificateLine(model: string, standing: JsonObject): string {
  const certificate = stringMember(standing, 'certificate');
  const state = stringMember(standing, 'state') ?? 'none';
  const named = certificate === null ? state : `${state} ${certificate}`;
  return `certificate ${stringMember(standing, 'for') ?? '?'} → ${model}  ${named}: ${stringMember(standing, 'reason') ?? ''}`;
}

/** What the operator's hooks did for that attempt; `null`: before the first. */
export function hookLines(record: JsonObject, attempt: number | null): readonly string[] {
  const runs = objects(record, 'hooks').filter((run) => numberMember(run, 'attempt') === attempt);
  return runs.map((run) => {
    const reason = stringMember(run, 'reason');
    const [before = null, after = null] = ['before', 'after'].map((side) => hashOf(run, side));
    const change = before === null || after === null || before === after ? '' : `  ${before} → ${after}`;
    const said = `hook ${stringMember(run, 'hook') ?? ''} ${stringMember(run, 'outcome') ?? ''}${reason === null ? '' : `: ${reason}`}`;
    return `${said}${change} (${stringMember(run, 'at') ?? ''})`;
  });
}

/** What was changed of the request, with the config line or template line that did it. */
export function changeLines(owner: JsonObject): readonly string[] {
  return objects(owner, 'adjustments').map((adjustment) => {
    const kind = stringMember(adjustment, 'kind') ?? '';
    const why = `${kind}: ${stringMember(adjustment, 'reason') ?? ''} (${stringMember(adjustment, 'at') ?? ''})`;
    const change = `${shown(adjustment['asked'])} → ${shown(adjustment['sent'])}`;
    return `~ ${stringMember(adjustment, 'param') ?? ''}  ${change}   ${why}`;
  });
}

/** What was found of an answer, with the place in it and what shows it, as far as that was kept. */
export function verdictLines(owner: JsonObject): readonly string[] {
  return objects(objectMember(owner, 'validation') ?? {}, 'verdicts').flatMap((verdict) => {
    const reason = stringMember(verdict, 'reason');
    const place = stringMember(verdict, 'place');
    const outcome = stringMember(verdict, 'outcome') ?? '';
    const mark = { pass: '✓', fail: '✗' }[outcome] ?? '?';
    const said = `${mark} ${stringMember(verdict, 'validator') ?? ''} ${outcome}${place === null ? '' : ` at ${place}`}`;
    const evidence = verdict['evidence'] === null ? ['not kept'] : arrayMember(verdict, 'evidence').map(shown);
    return [
      reason === null ? said : `${said}: ${reason}`,
      ...(evidence.length === 0 ? [] : [`    evidence: ${evidence.join('; ')}`]),
    ];
  });
}

/** `confidence 0.91 calibrated, at least 0.86 (120 labels)`; a score that nothing calibrates is told as no confidence. `null`: there is nothing to tell. */
export function confidenceText(record: JsonObject): string | null {
  const confidence = objectMember(record, 'confidence') ?? {};
  const status = stringMember(confidence, 'status') ?? 'unknown';
  const value = calibratedConfidence(record);
  if (value === null) {
    const hasSignals = Object.keys(objectMember(confidence, 'signals') ?? {}).length > 0;
    return status === 'unknown' && !hasSignals
      ? null
      : `confidence ${status}: too few labels say how often such answers are right`;
  }
  const [lower, labels] = [numberMember(confidence, 'lower95'), numberMember(confidence, 'n')];
  const surely = lower === null ? '' : `, at least ${lower.toFixed(2)}`;
  return `confidence ${value.toFixed(2)} ${status}${surely}${labels === null ? '' : ` (${labels} labels)`}`;
}

/** A share of answers that are right; `null`: nobody knows. */
export function calibratedConfidence(record: JsonObject): number | null {
  const confidence = objectMember(record, 'confidence') ?? {};
  const status = stringMember(confidence, 'status');
  return status === 'calibrated' || status === 'transferred' ? numberMember(confidence, 'value') : null;
}

/** The beginning of it; `null`: there is none. */
function hashOf(run: JsonObject, side: string): string | null {
  return stringMember(objectMember(run, side) ?? {}, 'sha256')?.slice(0, HASH_CHARACTERS) ?? null;
}

/** A value in a few characters. */
function shown(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '–';
  const text = JSON.stringify(value);
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
}

function objects(owner: JsonObject, member: string): readonly JsonObject[] {
  return arrayMember(owner, member).filter(isJsonObject);
}
