import type { AcceptTerms } from '../core/route.ts';
import type { Entry } from './document.ts';
import { ACCEPT_WORDS } from './grammar.ts';
import { readShare } from './objectives.ts';
import { at, readFields, type ReadContext } from './read.ts';

/** How unsure the bound may be where the config does not say. */
const DEFAULT_DELTA = 0.1;

/** Reads `accept: { risk: 5%, delta: 10% }`; `null`: confidence decides nothing. */
export function readAcceptTerms(context: ReadContext, field: Entry | undefined, path: string): AcceptTerms | null {
  if (field === undefined) return null;
  const fields = readFields(context, field.value, path, ACCEPT_WORDS);
  if (fields === null) return null;
  const written = fields.get('risk');
  if (written === undefined) {
    const help = 'write accept: { risk: 5%, delta: 10% }';
    context.problems.error('missing-field', field.value.span, `${path} names no risk`, help);
    return null;
  }
  const sure = fields.get('delta');
  const risk = readShare(context, written.value, `${path}.risk`);
  const delta = sure === undefined ? DEFAULT_DELTA : readShare(context, sure.value, `${path}.delta`);
  return risk === null || delta === null ? null : { risk, delta, at: at(context, field.keySpan) };
}
