import { frozenCopy } from '../core/frozen-copy.ts';
import type { HookContext, HookVerdict, ValidateContext, ValidateHook } from '../core/hook-functions.ts';
import type { Hook, HookAccess, Hooks, HookTerms } from '../core/hooks.ts';
import { isJsonObject, type JsonValue } from '../core/json.ts';
import type { Verdict } from '../core/record.ts';
import { callHook, invalidRun, noteFailure, SLOW_HOOK_LIMIT_MS } from './call-hook.ts';
import { isPlainJson } from './plain-json.ts';

const MAX_REASON_CHARACTERS = 500;
const MAX_PLACE_CHARACTERS = 200;
const MAX_EVIDENCE_CHARACTERS = 16_384;

/** The checks among the hooks, for the answers of one attempt. */
export function hookAccess({ validate }: Hooks, context: HookContext, terms: HookTerms): HookAccess {
  return {
    async run(name, answer, texts) {
      const id = `hook:${name.split('#').at(-1) ?? name}`;
      const hook = validate.get(name);
      if (hook === undefined) return abstain(id, 'hook_error: the config has no such hook');
      const known = Object.freeze({ ...frozenCopy({ ...context, context: texts }), ...VERDICTS });
      // What it gives may throw, too, when it is read.
      const call = async (run: ValidateHook): Promise<ReadVerdict> => readVerdict(await run(answer, known));
      const outcome = await callHook('validate', hook, call, SLOW_HOOK_LIMIT_MS, terms);
      if (!outcome.ok) {
        noteFailure(outcome.run, outcome.cause, terms);
        return abstain(id, `hook_error: ${outcome.run.reason}`);
      }
      return verdictOf(id, outcome, hook, terms);
    },
  };
}

/** How a hook makes its verdict. */
const VERDICTS: Pick<ValidateContext, 'ok' | 'invalid' | 'unknown'> = {
  ok: () => Object.freeze({ outcome: 'pass', reason: null }),
  invalid: (reason, finding = {}) => Object.freeze({ ...finding, outcome: 'fail', reason }),
  unknown: (reason) => Object.freeze({ outcome: 'abstain', reason }),
};

function verdictOf(
  id: string,
  { result: read, ms }: { readonly result: ReadVerdict; readonly ms: number },
  hook: Hook<ValidateHook>,
  terms: HookTerms,
): Verdict {
  if ('problem' in read) {
    noteFailure(invalidRun('validate', hook, ms, read.problem), null, terms);
    return abstain(id, `hook_error: ${read.problem}`);
  }
  const reason = read.verdict.outcome === 'pass' ? null : `it came to ${read.verdict.outcome}`;
  terms.note({ hook: 'validate', at: hook.at, outcome: 'ok', ms, before: null, after: null, reason });
  return { validator: id, ...read.verdict };
}

type ReadVerdict = { readonly verdict: HookVerdict } | { readonly problem: string };

function readVerdict(result: unknown): ReadVerdict {
  const nothing = { problem: 'it did not return what ctx.ok, ctx.invalid or ctx.unknown gives' };
  if (!isJsonObject(result)) return nothing;
  const { outcome, reason, place, evidence } = result;
  if (outcome === 'pass') return { verdict: { outcome, reason: null } };
  if ((outcome !== 'fail' && outcome !== 'abstain') || typeof reason !== 'string' || reason.trim() === '') {
    return nothing;
  }
  if (place !== undefined && (typeof place !== 'string' || place.length > MAX_PLACE_CHARACTERS)) {
    return { problem: `its \`place\` is not a text of at most ${MAX_PLACE_CHARACTERS} characters` };
  }
  if (evidence !== undefined && !isEvidence(evidence)) {
    return {
      problem: `its \`evidence\` is not a list of JSON values of at most ${MAX_EVIDENCE_CHARACTERS} characters`,
    };
  }
  return {
    verdict: {
      outcome,
      reason: reason.slice(0, MAX_REASON_CHARACTERS),
      ...(place === undefined ? {} : { place }),
      ...(evidence === undefined ? {} : { evidence: frozenCopy(evidence) }),
    },
  };
}

function isEvidence(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value) && isPlainJson(value) && JSON.stringify(value).length <= MAX_EVIDENCE_CHARACTERS;
}

function abstain(validator: string, reason: string): Verdict {
  return { validator, outcome: 'abstain', reason };
}
