import type { Entry } from './document.ts';
import type { ReadContext } from './read.ts';

/** Names stand in headers, paths and `provider/model`, so they are made of letters, digits and `. _ : -`. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;

/** Names that mean something else in a request's `model`. */
const RESERVED: readonly string[] = ['auto'];

/** Checks the name an operator gave to a provider, a model or a route. */
export function checkName(context: ReadContext, entry: Entry, what: 'provider' | 'model' | 'route'): boolean {
  if (!NAME.test(entry.key)) {
    const help = 'use letters, digits and . _ : - only, at most 64';
    context.problems.error('invalid-name', entry.keySpan, `a ${what} cannot be named "${entry.key}"`, help);
    return false;
  }
  if (RESERVED.includes(entry.key)) {
    context.problems.error(
      'invalid-name',
      entry.keySpan,
      `a ${what} cannot be named "${entry.key}": the word has a meaning of its own`,
    );
    return false;
  }
  return true;
}
