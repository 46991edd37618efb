import type { ASTNode } from '@marcbachmann/cel-js';

import { isNode } from './expression-nodes.ts';
import { linearPattern, type LinearPattern } from './linear-pattern.ts';

/** Why a pattern of an expression is refused: the characters that are meant, `end` excluded. */
interface PatternProblem {
  readonly message: string;
  readonly help: string | null;
  readonly start: number;
  readonly end: number;
}

/** Compiles the pattern of each `re2(text, "pattern")` among the nodes of a CEL expression, once; by its text. */
export function expressionPatterns(
  nodes: readonly ASTNode[],
): { readonly patterns: ReadonlyMap<string, LinearPattern> } | { readonly problem: PatternProblem } {
  const patterns = new Map<string, LinearPattern>();
  for (const node of nodes) {
    if (node.op !== 'call' || node.args[0] !== 're2') continue;
    const [, pattern] = node.args[1];
    // How many arguments there are is for the check of types to say.
    if (!isNode(pattern)) continue;
    const place = { start: pattern.range.start, end: pattern.range.end };
    if (pattern.op !== 'value' || typeof pattern.args !== 'string') {
      const message = 'the pattern of re2 must be written out as a text';
      return { problem: { message, help: 're2(prompt, "pattern")', ...place } };
    }
    try {
      patterns.set(pattern.args, linearPattern(pattern.args));
    } catch (error) {
      return { problem: { message: (error as Error).message, help: null, ...place } };
    }
  }
  return { patterns };
}
