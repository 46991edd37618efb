import type { AnswerChoice } from '../core/answer.ts';
import { isJsonObject, parseJson, type JsonObject } from '../core/json.ts';
import type { JudgeAccess, JudgeTerms } from '../core/judging.ts';
import type { Verdict } from '../core/record.ts';
import { outputHabits } from '../validation/recovery/output-habits.ts';
import { abstain, fail, pass } from '../validation/validator.ts';
import { askBeside, endOf, isOfSameFamily, type Besides } from './ask-beside.ts';
import type { Generation } from './generation.ts';
import { judgeRequest } from './judge-request.ts';
import { silentDialect } from './silent-dialect.ts';

const MAX_REASON_CHARACTERS = 500;

/** The judges of an attempt's answers. */
export function judgesOf(besides: Besides): JudgeAccess {
  return { ask: (terms, answer) => askJudge(terms, answer, besides) };
}

async function askJudge(terms: JudgeTerms, answer: AnswerChoice, besides: Besides): Promise<Verdict | null> {
  const { generation, attempt, steps } = besides;
  const { model, rubric, share } = terms;
  const { request, aside } = generation.exchange;
  // Whether a second answer agrees is all that is asked of it.
  if (aside?.purpose === 'agreement') return null;
  if (share < 1 && steps.draw() >= share) {
    attempt.flags.push('judge_not_drawn');
    return null;
  }
  if (isOfSameFamily(model, besides)) return abstain('judge', `${model} is of the family that gave the answer`);
  const question = judgeRequest(model, rubric, request, answer);
  const asked = await askBeside({ purpose: 'judge', model: null, request: question, dialect: silentDialect }, besides);
  if (asked === null) return abstain('judge', 'what the request has cost so far is not known, so nobody was asked');
  return verdictOf(model, asked);
}

function verdictOf(model: string, asked: Generation): Verdict {
  const { served, exchange } = asked;
  const note = { judge: served?.servedBy ?? null, generation: exchange.id, cost: asked.costUsd() };
  const text = asked.recorded?.status === 'complete' ? (served?.answer?.text ?? null) : null;
  const isAll = text !== null && isAllOf(served?.edits[0]?.from ?? text, served?.deployment.modelId ?? '');
  const said = isAll ? parseJson(text) : undefined;
  const found = isJsonObject(said) ? readVerdict(said) : null;
  if (served === null || found === null) {
    const why = text === null ? endOf(asked) : 'its answer is none';
    return { ...abstain('judge', `${model} gave no verdict: ${why}`), evidence: [note] };
  }
  // The judge quotes people and models; a vendor's key must not come back in its words.
  const evidence = [{ says: served.scrub(found.reason).slice(0, MAX_REASON_CHARACTERS), ...note }];
  return found.pass
    ? { ...pass('judge'), evidence }
    : fail('judge', `${model} says that it does not meet the rubric`, { evidence });
}

const REASONING = /^\s*<(think|thinking|reasoning)>[^]*<\/\1>/;
/** Where the prompt's template has opened the tag. */
const OPENED_REASONING = /^[^]*<\/think>/;

/** Whether an object is all that the judge wrote, but for reasoning. One within prose may be a quotation of what it judges. */
function isAllOf(written: string, modelId: string): boolean {
  const reasoning = outputHabits(modelId).opensInPrompt ? OPENED_REASONING : REASONING;
  const rest = written.replace(reasoning, '').trim();
  const isBlock = rest.startsWith('```') && rest.endsWith('```');
  const inner = isBlock
    ? rest
        .slice(3, -3)
        .replace(/^json\b/, '')
        .trim()
    : rest;
  return inner.startsWith('{') && inner.endsWith('}');
}

function readVerdict({ pass: passes, reason }: JsonObject): { readonly pass: boolean; readonly reason: string } | null {
  return typeof passes === 'boolean' && typeof reason === 'string' ? { pass: passes, reason } : null;
}
