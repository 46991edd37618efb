import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { writtenShare } from '../core/written-share.ts';

/** What a validator that asks a model was written with; or what is wrong with that, in one sentence. */
export function membersOf(
  options: JsonValue,
  known: readonly string[],
  form: string,
): { readonly members: JsonObject } | { readonly problem: string } {
  if (!isJsonObject(options)) return { problem: `it takes ${form}` };
  const other = Object.keys(options).find((name) => !known.includes(name));
  return other === undefined ? { members: options } : { problem: `there is no "${other}": it takes ${form}` };
}

/** A share in (0, 1], written `5%` or `0.05`; `null`: it is none. */
export function shareOf(value: JsonValue | undefined): number | null {
  const share = writtenShare(value);
  return share !== null && share > 0 && share <= 1 ? share : null;
}

/** Whether it can be the name of a model. */
export function isName(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
