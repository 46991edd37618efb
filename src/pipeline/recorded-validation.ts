import type { Validation, Verdict } from '../core/record.ts';

/** The verdicts as they lie in the record for ever: what quotes people or models is kept with the content, or not at all. */
export function recordedValidation(validation: Validation): Validation {
  const { status, verdicts } = validation;
  if (!verdicts.some(({ evidence }) => evidence !== undefined)) return validation;
  return { status, verdicts: verdicts.map(withoutEvidence) };
}

function withoutEvidence(verdict: Verdict): Verdict {
  return verdict.evidence === undefined ? verdict : { ...verdict, evidence: null };
}

/** What the verdicts quote, for the content store, each with the place of its verdict; nothing where they quote nothing. */
export function quotedEvidence({ verdicts }: Validation): { readonly evidence?: Buffer } {
  const quoted = verdicts.flatMap(({ evidence }, verdict) => (evidence === undefined ? [] : [{ verdict, evidence }]));
  return quoted.length === 0 ? {} : { evidence: Buffer.from(JSON.stringify(quoted)) };
}
