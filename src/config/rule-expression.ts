import { Environment, type ASTNode } from '@marcbachmann/cel-js';

import { nodesOf } from '../core/expression-nodes.ts';
import { expressionPatterns } from '../core/expression-patterns.ts';
import type { LinearPattern } from '../core/linear-pattern.ts';
import type { RuleFacts } from '../core/rule.ts';
import { LARGEST_FACTS, MAX_RULE_STEPS, mostSteps } from './rule-cost.ts';
import { didYouMean } from './suggest.ts';

/** Why an expression is refused: the characters of it that are meant, `end` excluded. */
export interface RuleProblem {
  readonly message: string;
  readonly help: string | null;
  readonly start: number;
  readonly end: number;
}

/** An expression that may be evaluated. */
export interface RuleExpression {
  /** Whether its value depends on nothing, and is true. */
  readonly isAlwaysTrue: boolean;
  readonly readsLanguage: boolean;
  /** @throws Error when these facts have no answer to it, such as a key that is not there; its message quotes the rule, never the request */
  matches(facts: RuleFacts): boolean;
}

const MAX_CHARACTERS = 2000;
const LIMITS = { maxAstNodes: 200, maxDepth: 24 };

const FACT_TYPES: Readonly<Record<keyof RuleFacts, string>> = {
  tags: 'map<string, string>',
  metadata: 'map<string, string>',
  tokens: 'int',
  tools: 'list<string>',
  schema: 'bool',
  stream: 'bool',
  dialect: 'string',
  data: 'list<string>',
  prompt: 'string',
  language: 'string',
};

/** What may be called. Everything else of CEL could take long, or has no business in a rule. */
const FUNCTIONS: ReadonlySet<string> = new Set(
  'all bool contains double endsWith exists exists_one filter has int lowerAscii map re2 size startsWith string trim upperAscii'.split(
    ' ',
  ),
);

/** Compiles a CEL expression over the facts of a request, or says why it is refused. What it takes is bounded. */
export function compileRule(text: string): { readonly problem: RuleProblem } | { readonly expression: RuleExpression } {
  if (text.length > MAX_CHARACTERS) {
    return refused(`a rule has at most ${MAX_CHARACTERS} characters, not ${text.length}`, null, [0, text.length]);
  }
  let patterns: ReadonlyMap<string, LinearPattern> = new Map();
  const environment = new Environment({ limits: LIMITS });
  for (const [name, type] of Object.entries(FACT_TYPES)) environment.registerVariable(name, type);
  environment.registerFunction('re2(string, string): bool', (subject: string, pattern: string) => {
    return patterns.get(pattern)?.test(subject) === true;
  });
  try {
    const parsed = environment.parse(text);
    const nodes = nodesOf(parsed.ast);
    const forbidden = problemOfCalls(nodes);
    if (forbidden !== null) return { problem: forbidden };
    const compiled = expressionPatterns(nodes);
    if ('problem' in compiled) return compiled;
    patterns = compiled.patterns;
    const { valid, type, error } = parsed.check();
    if (!valid) throw error ?? new Error('its types do not fit');
    if (type !== 'bool') return refused(`a rule is true or false; this one is of type ${type}`, null, [0, text.length]);
    const steps = mostSteps(parsed.ast, patterns);
    if (steps > MAX_RULE_STEPS) {
      const message = `the rule could take ${steps} steps, of which ${MAX_RULE_STEPS} are allowed`;
      return refused(message, 'go through fewer lists within lists; find plain words with contains instead of re2', [
        0,
        text.length,
      ]);
    }
    return { expression: expressionOf(text, (facts) => parsed(facts) as unknown, parsed.ast) };
  } catch (error) {
    return { problem: syntaxProblem(error, text) };
  }
}

function expressionOf(
  text: string,
  evaluate: (facts: Readonly<Record<string, unknown>>) => unknown,
  syntax: ASTNode,
): RuleExpression {
  const names = new Set(nodesOf(syntax).flatMap((node) => (node.op === 'id' ? [node.args] : [])));
  return {
    isAlwaysTrue: syntax.op === 'value' && syntax.args === true,
    readsLanguage: names.has('language'),
    matches(facts) {
      requireReadable(facts, names);
      const prompt = facts.prompt.slice(0, LARGEST_FACTS.promptCharacters);
      try {
        return evaluate({ ...facts, prompt, tokens: BigInt(facts.tokens) }) === true;
      } catch (error) {
        throw new Error(withoutFacts(error, text), { cause: error });
      }
    },
  };
}

/** What the engine says may quote what people wrote, and goes into records: only its code and the part of the rule are told. */
function withoutFacts(error: unknown, text: string): string {
  const { code = 'no answer', range } = error as { code?: string; range?: { start: number; end: number } };
  return `${code.replaceAll('_', ' ')} at \`${text.slice(range?.start, range?.end)}\``;
}

/** A list that a rule reads in part could make it say what is not so. */
function requireReadable(facts: RuleFacts, names: ReadonlySet<string>): void {
  for (const name of ['tags', 'metadata', 'tools', 'data'] as const) {
    if (!names.has(name)) continue;
    const texts = Object.entries(facts[name]).flat();
    const { entries, characters } = LARGEST_FACTS;
    if (texts.length > 2 * entries) throw new Error(`\`${name}\` has more than ${entries} entries`);
    if (texts.some((text) => text.length > characters)) {
      throw new Error(`\`${name}\` has a text of more than ${characters} characters`);
    }
  }
}

function problemOfCalls(nodes: readonly ASTNode[]): RuleProblem | null {
  for (const node of nodes) {
    if (node.op !== 'call' && node.op !== 'rcall') continue;
    const name = node.args[0];
    if (FUNCTIONS.has(name)) continue;
    const place = { start: node.range.start, end: node.range.end };
    if (name === 'matches') {
      const help = 'write re2(prompt, "pattern"), whose time is bounded';
      return { message: '`matches` can take for ever', help, ...place };
    }
    const help = didYouMean(name, FUNCTIONS) ?? `there are ${[...FUNCTIONS].join(', ')}`;
    return { message: `there is no function \`${name}\` for rules`, help, ...place };
  }
  return null;
}

function refused(
  message: string,
  help: string | null,
  [start, end]: readonly [number, number],
): { problem: RuleProblem } {
  return { problem: { message, help, start, end } };
}

/** What the parser and the check of types say, in the form of our findings. */
function syntaxProblem(error: unknown, text: string): RuleProblem {
  const { summary, range } = error as { summary?: string; range?: { start: number; end: number } };
  const said = summary ?? (error as Error).message;
  const unknown = /^Unknown variable: (.+)$/.exec(said)?.[1];
  const message =
    unknown === undefined ? said.charAt(0).toLowerCase() + said.slice(1) : `there is no fact \`${unknown}\``;
  const known = Object.keys(FACT_TYPES);
  const help = unknown === undefined ? null : (didYouMean(unknown, known) ?? `there are ${known.join(', ')}`);
  const start = Math.min(range?.start ?? 0, Math.max(0, text.length - 1));
  return { message, help, start, end: Math.max(start + 1, Math.min(range?.end ?? text.length, text.length)) };
}
