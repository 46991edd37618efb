import { RE2JS } from 're2js';

/** A pattern that is a right regular expression, but none that the linear engine can run. */
export class PatternBeyondEngine extends Error {
  constructor(pattern: string, why: string) {
    super(`the pattern \`${pattern}\` cannot be checked in linear time: ${why}`);
    this.name = 'PatternBeyondEngine';
  }
}

/** Says whether a text has a match anywhere. */
export interface LinearPattern {
  /** Instructions of the compiled pattern: looking at a text takes at most so many steps a character. */
  readonly size: number;
  test(text: string): boolean;
  /** The first match, in UTF-16 offsets, `end` excluded; `null`: there is none. */
  find(text: string): { readonly start: number; readonly end: number } | null;
}

/**
 * A regular expression that cannot run away: RE2's language, linear time.
 * @throws PatternBeyondEngine for look-around and references back; SyntaxError for a pattern that is none
 */
export function linearPattern(pattern: string): LinearPattern {
  const compiled = compile(pattern);
  return {
    size: compiled.programSize(),
    test: (text) => compiled.matcher(text).find(),
    find: (text) => {
      const matcher = compiled.matcher(text);
      return matcher.find() ? { start: matcher.start(), end: matcher.end() } : null;
    },
  };
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw isExpression(pattern) ? new PatternBeyondEngine(pattern, why) : new SyntaxError(why);
  }
}

/** Whether the pattern is a regular expression of ECMAScript, which is what JSON Schema means by one. It is never run. */
function isExpression(pattern: string): boolean {
  return ['u', ''].some((flags) => {
    try {
      return new RegExp(pattern, flags) instanceof RegExp;
    } catch {
      return false;
    }
  });
}
