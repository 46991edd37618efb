import { Environment, type ASTNode } from '@marcbachmann/cel-js';

import type { Parameters } from '../../core/chat.ts';
import { nodesOf } from '../../core/expression-nodes.ts';
import { expressionPatterns } from '../../core/expression-patterns.ts';
import type { LinearPattern } from '../../core/linear-pattern.ts';
import type { JsonReading, UnreadableJson } from '../recovery/read-json.ts';

/** What an expression may speak of. */
export interface AssertedFacts {
  /** `output`, where the expression takes it as a text. */
  readonly text: string;
  /** `output`, where the expression goes into it. */
  readonly json: () => JsonReading | UnreadableJson;
  /** What the user wrote last. */
  readonly input: string;
  /** All the request's texts but the model's own. */
  readonly context: string;
  /** The parameters the client sent, under OpenAI's names. */
  readonly request: Parameters;
}

/** @throws Error where there is no answer, such as for a member that is missing; its message quotes the expression, never the facts */
export type AnswerAssertion = (facts: AssertedFacts) => boolean;

const MAX_CHARACTERS = 2000;
const LIMITS = { maxAstNodes: 400, maxDepth: 24 };
const MEMBER_OPERATORS: ReadonlySet<string> = new Set(['.', '.?', '[]', '[?]']);
const COMPREHENSIONS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);
/** Decimals that are summed as doubles are wrong from here on. */
const SIGNIFICANT_DIGITS = 15;

/** Compiles a CEL expression over an answer, or says why it cannot be used. */
export function answerAssertion(text: string): { readonly holds: AnswerAssertion } | { readonly problem: string } {
  if (text.length > MAX_CHARACTERS) return { problem: `it has more than ${MAX_CHARACTERS} characters` };
  let patterns: ReadonlyMap<string, LinearPattern> = new Map();
  const environment = environmentWith((subject, pattern) => patterns.get(pattern)?.test(subject) === true);
  try {
    const parsed = environment.parse(text);
    const nodes = nodesOf(parsed.ast);
    if (nodes.some((node) => (node.op === 'rcall' || node.op === 'call') && node.args[0] === 'matches')) {
      return { problem: '`matches` can take for ever: write re2(output, "pattern"), whose time is bounded' };
    }
    const compiled = expressionPatterns(nodes);
    if ('problem' in compiled) return { problem: compiled.problem.message };
    patterns = compiled.patterns;
    const { valid, type, error } = parsed.check();
    if (!valid) return { problem: saidBy(error) };
    if (type !== 'bool' && type !== 'dyn') return { problem: `it is to be true or false, and is of type ${type}` };
    const takesJson = nodes.some(goesIntoOutput);
    return { holds: (facts) => evaluate(text, (values) => parsed(values) as unknown, takesJson, facts) };
  } catch (error) {
    return { problem: saidBy(error) };
  }
}

function evaluate(
  text: string,
  run: (values: Readonly<Record<string, unknown>>) => unknown,
  takesJson: boolean,
  { text: answer, json, input, context, request }: AssertedFacts,
): boolean {
  const reading = takesJson ? json() : null;
  if (reading !== null && 'problem' in reading) throw new Error(`the answer is not JSON: ${reading.problem}`);
  const value = valueOf(text, () =>
    run({ output: reading === null ? answer : reading.value, input, context, request }),
  );
  if (typeof value !== 'boolean') throw new Error(`\`${text}\` is neither true nor false`);
  return value;
}

/** What the engine says may quote people and models: only its code and the part of the expression are told. */
function valueOf(text: string, run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    const { code, range } = Object(error) as { code?: string; range?: { start: number; end: number } };
    // What stops the work from outside is none of the engine's.
    if (code === undefined || range === undefined) throw error;
    throw new Error(`${code.replaceAll('_', ' ')} at \`${text.slice(range.start, range.end)}\``, { cause: error });
  }
}

/** Whether a node takes a member or an item of `output`, or goes through it. */
function goesIntoOutput(node: ASTNode): boolean {
  const isComprehension = node.op === 'rcall' && COMPREHENSIONS.has(node.args[0]);
  const receiver = isComprehension ? node.args[1] : MEMBER_OPERATORS.has(node.op) ? (node.args as [ASTNode])[0] : null;
  return receiver?.op === 'id' && receiver.args === 'output';
}

function environmentWith(re2: (subject: string, pattern: string) => boolean): Environment {
  const environment = new Environment({
    limits: LIMITS,
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
  });
  environment.registerVariable('output', 'dyn');
  environment.registerVariable('input', 'string');
  environment.registerVariable('context', 'string');
  environment.registerVariable('request', 'map<string, dyn>');
  environment.registerFunction('re2(string, string): bool', re2);
  environment.registerFunction('sum(list): dyn', sumOf);
  environment.registerFunction('near(dyn, dyn, dyn): bool', isNear);
  // JSON has one kind of number, which CEL takes for doubles; whole ones in an expression are of another kind.
  const operations: Readonly<Record<string, (a: number, b: number) => number>> = {
    '+': (a, b) => a + b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '/': (a, b) => a / b,
  };
  for (const [operator, operation] of Object.entries(operations)) {
    environment.registerOperator(`double ${operator} int: double`, (a: number, b: bigint) => operation(a, Number(b)));
    environment.registerOperator(`int ${operator} double: double`, (a: bigint, b: number) => operation(Number(a), b));
  }
  return environment;
}

/** Rounded to what doubles keep of decimals, so that 0.1 and 0.2 are 0.3. */
function sumOf(list: readonly unknown[]): number {
  return Number(list.reduce((sum: number, item) => sum + numberOf(item), 0).toPrecision(SIGNIFICANT_DIGITS));
}

/** Whether two numbers differ by no more than the third. */
function isNear(a: unknown, b: unknown, by: unknown): boolean {
  const [one, other] = [numberOf(a), numberOf(b)];
  const noise = 10 ** -SIGNIFICANT_DIGITS * Math.max(Math.abs(one), Math.abs(other));
  return Math.abs(one - other) <= numberOf(by) + noise;
}

/** CEL has whole numbers as bigints. @throws TypeError for what is no number */
function numberOf(value: unknown): number {
  if (typeof value === 'bigint' || typeof value === 'number') return Number(value);
  throw new TypeError('what is to be reckoned with is no number');
}

function saidBy(error: unknown): string {
  const { summary, message } = Object(error) as { summary?: string; message?: string };
  const said = summary ?? message ?? 'it cannot be read';
  return said.charAt(0).toLowerCase() + said.slice(1);
}
