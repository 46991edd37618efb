import type { ASTNode } from '@marcbachmann/cel-js';

import type { LinearPattern } from '../core/linear-pattern.ts';
import { childrenOf } from '../core/expression-nodes.ts';

/** The most a rule may read: a request that has more makes a rule that reads it fail. */
export const LARGEST_FACTS = { entries: 64, characters: 512, promptCharacters: 8192 } as const;

/** What a rule may take at most, in steps of some 50 ns. */
export const MAX_RULE_STEPS = 150_000;

/** A part of an expression: the steps it takes, and what its value can hold, at the most. */
interface Bound {
  readonly steps: number;
  /** Entries of the list or map it is; 0 for a single value. */
  readonly entries: number;
  /** Entries of any list or map inside it. */
  readonly inner: number;
  /** Single values in it, at whatever depth. */
  readonly values: number;
  /** Characters of each of these. */
  readonly characters: number;
}

type Scope = ReadonlyMap<string, Bound>;

const COMPREHENSIONS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);
/** A number, or true or false, as text. */
const SHORT_CHARACTERS = 32;
/** Characters that are copied or compared in one step, and places of a text that are looked at for another. */
const CHARACTERS_A_STEP = 256;
const PLACES_A_STEP = 64;
/** What a linear pattern takes for each of its instructions and characters. */
const INSTRUCTIONS_A_STEP = 2;

const SINGLE: Bound = { steps: 1, entries: 0, inner: 0, values: 1, characters: SHORT_CHARACTERS };
const LISTED: Bound = {
  ...SINGLE,
  entries: LARGEST_FACTS.entries,
  values: LARGEST_FACTS.entries,
  characters: LARGEST_FACTS.characters,
};
const FACTS: Scope = new Map([
  ['prompt', { ...SINGLE, characters: LARGEST_FACTS.promptCharacters }],
  ...['tags', 'metadata', 'tools', 'data'].map((name): [string, Bound] => [name, LISTED]),
]);

/** The steps an expression may take, whatever the request: the product of what it goes through. */
export function mostSteps(expression: ASTNode, patterns: ReadonlyMap<string, LinearPattern>): number {
  return boundOf(expression, FACTS, patterns).steps;
}

function boundOf(node: ASTNode, scope: Scope, patterns: ReadonlyMap<string, LinearPattern>): Bound {
  if (node.op === 'id') return scope.get(node.args) ?? SINGLE;
  if (node.op === 'value') {
    return typeof node.args === 'string' ? { ...SINGLE, characters: node.args.length } : SINGLE;
  }
  if (node.op === 'rcall' && COMPREHENSIONS.has(node.args[0])) return comprehension(node, scope, patterns);
  const parts = childrenOf(node).map((child) => boundOf(child, scope, patterns));
  const steps = 1 + sumOf(parts, 'steps') + ownSteps(node, parts, patterns);
  return { ...valueOf(node, parts), steps };
}

/** What the value of an operation can hold, by what its parts can. */
function valueOf({ op }: ASTNode, parts: readonly Bound[]): Bound {
  const [first = SINGLE] = parts;
  const inner = Math.max(mostOf(parts, 'entries'), mostOf(parts, 'inner'));
  const characters = Math.max(SHORT_CHARACTERS, mostOf(parts, 'characters'));
  const all = { steps: 1, entries: mostOf(parts, 'entries'), inner: mostOf(parts, 'inner'), characters };
  switch (op) {
    case 'list':
    case 'map':
      return { ...all, entries: parts.length, inner, values: sumOf(parts, 'values') };
    case '+':
      return {
        ...all,
        entries: sumOf(parts, 'entries'),
        values: sumOf(parts, 'values'),
        characters: sumOf(parts, 'characters'),
      };
    case '?:':
      return { ...all, values: mostOf(parts, 'values') };
    case '[]':
    case '.':
      return { ...all, entries: first.inner, values: first.values };
    default:
      return { ...SINGLE, characters };
  }
}

/** The body runs once for each entry; what it makes of them may be longer than they were. */
function comprehension(node: ASTNode, scope: Scope, patterns: ReadonlyMap<string, LinearPattern>): Bound {
  const [receiver, variable, ...bodies] = childrenOf(node);
  if (receiver === undefined || variable?.op !== 'id') return SINGLE;
  const list = boundOf(receiver, scope, patterns);
  const entry = { ...list, steps: 1, entries: list.inner, values: list.inner === 0 ? 1 : list.values };
  const parts = bodies.map((body) => boundOf(body, new Map(scope).set(variable.args, entry), patterns));
  const result = parts.at(-1) ?? SINGLE;
  const steps = 1 + list.steps + list.entries * (1 + sumOf(parts, 'steps'));
  const kind = node.op === 'rcall' ? node.args[0] : '';
  if (kind === 'filter') return { ...list, steps };
  if (kind !== 'map') return { ...SINGLE, steps };
  return {
    steps,
    entries: list.entries,
    inner: Math.max(result.entries, result.inner),
    values: list.entries * result.values,
    characters: result.characters,
  };
}

/** What an operation takes beside its parts: it may have to look at all of them. */
function ownSteps(
  { op, args }: ASTNode,
  parts: readonly Bound[],
  patterns: ReadonlyMap<string, LinearPattern>,
): number {
  const [first = SINGLE, second = SINGLE] = parts;
  const word = op === 'call' || op === 'rcall' ? args[0] : op;
  if (word === 're2') {
    const pattern = op === 'call' ? args[1][1] : undefined;
    const size = pattern?.op === 'value' && typeof pattern.args === 'string' ? patterns.get(pattern.args)?.size : 0;
    return Math.ceil((first.characters * (size ?? 0)) / INSTRUCTIONS_A_STEP);
  }
  // Texts of one letter make the search compare every place with the whole of what is looked for.
  if (word === 'contains') return Math.ceil((first.characters / PLACES_A_STEP) * second.characters);
  const isPassedOn = ['list', 'map', '?:', '[]', '.', '&&', '||', 'has'].includes(word);
  if (isPassedOn) return 0;
  return parts.reduce((total, part) => total + Math.ceil(part.values * (part.characters / CHARACTERS_A_STEP)), 0);
}

function sumOf(parts: readonly Bound[], figure: keyof Bound): number {
  return parts.reduce((total, part) => total + part[figure], 0);
}

function mostOf(parts: readonly Bound[], figure: keyof Bound): number {
  return parts.reduce((most, part) => Math.max(most, part[figure]), 0);
}
