import type { JsonObject, JsonValue } from '../../../src/core/json.ts';
import { isWithin, leavesOf, valueAt } from '../json-leaves.ts';
import { lossesOfOutcome, runLossCase, type LossDialect } from './loss-case.ts';
import type { RequestMaker } from './request-maker.ts';

/** What is the client's own to fill as it likes: nothing in it is known or unknown. */
const FREE =
  /(parameters|parametersJsonSchema|[sS]chema|args|arguments|\.input|response|metadata|logit_bias|extra_content|prompt_cache_options|prediction)(?=$|[.[])/;

/** A request that would be sent, with one thing in it that is odd. */
interface OddRequest {
  readonly what: 'nothing' | 'unknown' | 'wrong';
  readonly path: string;
  readonly body: JsonObject;
}

/** Puts a member without a value, a member nobody knows, or a value of another kind somewhere into a request. */
export function oddRequest(make: RequestMaker, body: JsonObject): OddRequest {
  const changed = structuredClone(body);
  const what = make.pick(['nothing', 'unknown', 'wrong'] as const);
  const paths = [...leavesOf(changed).keys()].filter((path) => !FREE.test(path) && path !== 'model');
  const path = make.pick(paths);
  const holderPath = path.replace(/(\.?[^.[\]]+|\[\d+\])$/, '');
  const holder = (holderPath === '' ? changed : valueAt(changed, holderPath)) as Record<string, JsonValue>;
  const name = path.slice(holderPath.length).replace(/^\.|[[\]]/g, '');
  if (what === 'wrong') {
    const value = valueAt(changed, path);
    holder[name.replace(']', '')] = typeof value === 'string' ? 7 : 'odd';
    return { what, path, body: changed };
  }
  const target = Array.isArray(holder) ? (changed as Record<string, JsonValue>) : holder;
  const odd = make.name();
  target[odd] = what === 'unknown' ? make.word() : null;
  const at = target === changed || holderPath === '' ? odd : `${holderPath}.${odd}`;
  return { what, path: at, body: changed };
}

/** What is wrong with how the odd request fares where the sound one is sent; empty when nothing is. */
export function oddProblems(odd: OddRequest, dialect: LossDialect, kind: string, model: string): readonly string[] {
  const result = runLossCase(odd.body, dialect, kind, model);
  if (result.outcome === 'sent') return lossesOfOutcome(result);
  if (odd.what === 'nothing') return [`${odd.path}: refused, though it asks for nothing: ${result.message}`];
  const { param } = result;
  const isNamed = param !== null && (isWithin(param, odd.path) || isWithin(odd.path, param));
  return isNamed ? [] : [`${odd.path}: refused, naming ${param}: ${result.message}`];
}
