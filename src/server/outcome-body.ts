import { GatewayError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { parseJsonBody } from '../dialects/json-body.ts';
import { optionalBoolean, optionalString, requireNumber, requireString } from '../dialects/member-checks.ts';
import { refuseOtherMembers } from './known-members.ts';

/** What somebody says of an answer: exactly one of `accepted` and `score` is not `null`. */
export interface Outcome {
  readonly accepted: boolean | null;
  /** 0 is worst, 1 best. */
  readonly score: number | null;
  /** Who says it. */
  readonly source: string;
  /** The part of the answer's JSON that it is about, as a JSON pointer (RFC 6901) or a path, as it was sent; `null`: all of it. */
  readonly field: string | null;
}

const MEMBERS = ['accepted', 'score', 'source', 'field'];
/** Words and paths only: what people write as text does not belong into what is never erased. */
const SOURCE = /^[\p{L}\p{N}][\p{L}\p{N}_.:-]{0,63}$/u;
const POINTER = /^(?:\/(?:[\p{L}\p{N}_$.-]|~[01])+)+$/u;
const PATH = /^[\p{L}\p{N}_$-]+(?:\.[\p{L}\p{N}_$-]+|\[\d{1,9}\])*$/u;
const MAX_FIELD_CHARACTERS = 256;

/** Reads the body of an outcome. @throws GatewayError for what it must not have, or lacks */
export function decodeOutcome(body: Buffer): Outcome {
  const { json } = parseJsonBody(body);
  refuseOtherMembers(json, MEMBERS, 'an outcome');
  const accepted = optionalBoolean(json['accepted'], 'accepted');
  const score = optionalScore(json);
  if ((accepted === null) === (score === null)) {
    throw new GatewayError('invalid_request', 'an outcome has either `accepted` (true or false) or `score` (0 to 1)', {
      param: accepted === null ? 'accepted' : 'score',
    });
  }
  return { accepted, score, source: sourceOf(json), field: fieldOf(json) };
}

function optionalScore(json: JsonObject): number | null {
  const value = json['score'];
  return value === undefined || value === null
    ? null
    : requireNumber(value, 'score', { min: 0, max: 1, integer: false });
}

function sourceOf(json: JsonObject): string {
  const source = requireString(json['source'], 'source');
  if (SOURCE.test(source)) return source;
  throw badForm('source', 'one word of at most 64 letters, digits, `_`, `.`, `:` and `-`, such as `user`');
}

function fieldOf(json: JsonObject): string | null {
  const field = optionalString(json['field'], 'field');
  if (field === null) return null;
  if (field.length <= MAX_FIELD_CHARACTERS && (POINTER.test(field) || PATH.test(field))) return field;
  const wanted = `the place in the answer of at most ${MAX_FIELD_CHARACTERS} characters`;
  throw badForm('field', `${wanted}, such as \`/lines/0/total\` or \`lines[0].total\``);
}

function badForm(param: string, wanted: string): GatewayError {
  return new GatewayError('param_out_of_range', `\`${param}\` must be ${wanted}`, { param });
}
