import { Liquid, LiquidError } from 'liquidjs';

import { ClientWord, neutraliserFor, SuppliedDocument, type Neutralise } from './supplied-text.ts';

/** What a template knows of one request, by the names it has for it. */
export type TemplateFacts = Readonly<Record<string, unknown>>;

/** A text filled in. */
export interface FilledText {
  readonly text: string;
  /** The values that were written, without white space around them: of a document its text. */
  readonly written: ReadonlySet<string>;
}

/** A template that is parsed, once for its configuration. */
export interface TextTemplate {
  /** The names of the facts it reads, in any of its branches. */
  readonly variables: ReadonlySet<string>;
  /** @throws Error of the template engine where the facts make it fail, or take too much of time or memory */
  readonly fill: (facts: TemplateFacts) => FilledText;
}

/** What is wrong with a template, and in which of its lines, from 1. */
export interface TemplateProblem {
  readonly message: string;
  readonly line: number;
}

const TAGS: ReadonlySet<string> = new Set([
  'assign',
  'capture',
  'case',
  'comment',
  'for',
  'break',
  'continue',
  'if',
  'unless',
  'raw',
  '#',
]);
/** Filters that would tell the same facts otherwise the next time, read texts of others as code, or write them as they are. */
const FORBIDDEN_FILTERS = /^(?:raw|sample|inspect|date.*|.*_exp)$/;
/** Where an engine keeps, among the facts of one filling, what it has written. */
const WRITTEN = Symbol('written');
const LIMITS = { renderLimit: 1000, memoryLimit: 1e8 } as const;

/**
 * Parses a Liquid template. It reads no file, knows no clock and no chance, and what it writes of the facts stays data.
 * @param known the facts there are: any other is a problem
 * @param neutralise what makes texts of others safe to be written in it
 */
export function compileText(
  source: string,
  known: ReadonlySet<string>,
  neutralise: Neutralise,
): TextTemplate | TemplateProblem {
  const engine = engineFor(neutralise);
  try {
    const parsed = engine.parse(source);
    const globals = Object.entries(engine.analyzeSync(parsed, { partials: false }).globals);
    for (const [name, [place]] of globals) {
      if (known.has(name)) continue;
      return { message: `there is no \`${name}\``, line: place?.location.row ?? 1 };
    }
    return {
      variables: new Set(globals.map(([name]) => name)),
      fill: (facts) => {
        const written = new Set<string>();
        // Copied with its getters: what is costly to know is found out only where the template asks.
        const scope = Object.defineProperties({ [WRITTEN]: written }, Object.getOwnPropertyDescriptors(facts));
        return { text: String(engine.renderSync(parsed, scope)), written };
      },
    };
  } catch (error) {
    return templateProblem(error);
  }
}

/**
 * Fills in a template that is asked for so rarely that nobody has parsed it before.
 * @throws Error of the template engine when it is faulty or speaks of an unknown fact
 */
export function fillText(source: string, facts: TemplateFacts): string {
  return String(ENGINE.parseAndRenderSync(source, { ...facts, [WRITTEN]: new Set<string>() }));
}

/** What an error of the engine says. */
export function templateProblem(error: unknown): TemplateProblem {
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  const place = /, line:(\d+), col:\d+$/.exec(message);
  if (!LiquidError.is(error) || place === null) return { message, line: 1 };
  return { message: message.slice(0, place.index), line: Number(place[1]) };
}

function engineFor(neutralise: Neutralise): Liquid {
  const write = (value: unknown, written: Set<string>): string => {
    if (value instanceof SuppliedDocument) {
      written.add(value.text.trim());
      return value.fenced;
    }
    if (value instanceof ClientWord) return neutralise(value.said);
    if (Array.isArray(value)) return value.map((each: unknown) => write(each, written)).join('\n\n');
    if (value === null || value === undefined) return '';
    if (typeof value === 'object') throw new TypeError('what has parts cannot be written: name one of them');
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    written.add(text.trim());
    return neutralise(text);
  };
  const engine = new Liquid({
    strictVariables: true,
    strictFilters: true,
    ownPropertyOnly: true,
    // Without this, tags that name a file would look for it.
    templates: {},
    ...LIMITS,
    outputEscape(this: unknown, value: unknown) {
      const { context } = this as { readonly context: { readonly environments: { readonly [WRITTEN]: Set<string> } } };
      return write(value, context.environments[WRITTEN]);
    },
  });
  for (const name of Object.keys(engine.tags)) if (!TAGS.has(name)) delete engine.tags[name];
  for (const name of Object.keys(engine.filters)) if (FORBIDDEN_FILTERS.test(name)) delete engine.filters[name];
  return engine;
}

/** For templates that no tags part. */
const ENGINE = engineFor(neutraliserFor(''));
