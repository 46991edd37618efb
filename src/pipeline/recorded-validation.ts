import type { ChatRequest } from '../core/chat.ts';
import type { JsonValue } from '../core/json.ts';
import type { Validation, Verdict } from '../core/record.ts';
import type { Route } from '../core/route.ts';
import { withoutOwnNames } from './recorded-place.ts';

/** The verdicts as they lie in the record for ever: what quotes people or models is kept with the content, or not at all. */
export function recordedValidation(validation: Validation, request: ChatRequest, route: Route | null): Validation {
  const { status, verdicts } = validation;
  if (!verdicts.some(({ evidence, place }) => evidence !== undefined || place !== undefined)) return validation;
  return { status, verdicts: verdicts.map((verdict) => withoutEvidence(withoutOwnNames(verdict, request, route))) };
}

/** The verdict as it may be told: it may name members of the answer, which may hold what `scrub` takes out. */
export function tellableVerdict(verdict: Verdict, scrub: (text: string) => string): Verdict {
  const { reason, place, evidence } = verdict;
  if (reason === null && place === undefined && !evidence) return verdict;
  return {
    ...verdict,
    reason: reason === null ? null : scrub(reason),
    // A JSON pointer is made of names in the answer.
    ...(place === undefined ? {} : { place: scrub(place) }),
    ...(evidence ? { evidence: JSON.parse(scrub(JSON.stringify(evidence))) as readonly JsonValue[] } : {}),
  };
}

/** The same with what was found after the checks. */
export function withVerdict({ status, verdicts }: Validation, verdict: Verdict): Validation {
  const passed = status === 'none' ? 'passed' : status;
  const next = { fail: 'failed', abstain: 'unverified', pass: passed } as const;
  return { status: status === 'failed' ? status : next[verdict.outcome], verdicts: [...verdicts, verdict] };
}

function withoutEvidence(verdict: Verdict): Verdict {
  return verdict.evidence === undefined ? verdict : { ...verdict, evidence: null };
}

/** What the verdicts quote, for the content store, each with the place of its verdict; nothing where they quote nothing. */
export function quotedEvidence({ verdicts }: Validation): { readonly evidence?: Buffer } {
  const quoted = verdicts.flatMap(({ evidence }, verdict) => (evidence === undefined ? [] : [{ verdict, evidence }]));
  return quoted.length === 0 ? {} : { evidence: Buffer.from(JSON.stringify(quoted)) };
}
