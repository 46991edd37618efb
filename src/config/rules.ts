import type { Route } from '../core/route.ts';
import type { Rule } from '../core/rule.ts';
import type { ConfigNode, Entry } from './document.ts';
import { ROUTE_RULE_WORDS } from './grammar.ts';
import { at, readFields, readList, readText, type ReadContext } from './read.ts';
import { compileRule, type RuleExpression } from './rule-expression.ts';
import { didYouMean } from './suggest.ts';

export interface RulesContext extends ReadContext {
  /** Those without errors. */
  readonly routes: ReadonlyMap<string, Route>;
  /** Every name under `routes`. */
  readonly routeNames: readonly string[];
}

/** Reads `rules`, in the order of the file; those with errors are left out. */
export function readRules(context: RulesContext, field: Entry | undefined): readonly Rule[] {
  const list = field === undefined ? null : readList(context, field.value, 'rules');
  if (field === undefined || list === null) return [];
  const rules: Rule[] = [];
  let catchAll: string | null = null;
  for (const [index, item] of list.items.entries()) {
    if (catchAll !== null) {
      const message = `no request reaches this rule: the one at ${catchAll} matches every one`;
      context.problems.warn('unreachable-rule', item.span, message, 'put it before that one, or leave it out');
    }
    const read = readRule(context, item, `rules[${index}]`);
    if (read === null) continue;
    rules.push(read.rule);
    if (read.isCatchAll) catchAll ??= read.rule.at;
  }
  if (catchAll === null && rules.length === list.items.length) {
    const message = 'no rule matches every request: one that none matches is answered 400';
    context.problems.warn(
      'no-catch-all',
      field.keySpan,
      message,
      'end with - { route: <name> }, or name routes in requests',
    );
  }
  return rules;
}

function readRule(
  context: RulesContext,
  item: ConfigNode,
  path: string,
): { readonly rule: Rule; readonly isCatchAll: boolean } | null {
  const fields = readFields(context, item, path, ROUTE_RULE_WORDS);
  if (fields === null) return null;
  const when = fields.get('when');
  const expression = when === undefined ? null : readExpression(context, when, `${path}.when`);
  const route = readRouteName(context, item, fields.get('route'), path);
  if (route === null || (when !== undefined && expression === null)) return null;
  const text = when?.value.type === 'scalar' ? String(when.value.value) : null;
  const rule = ruleOf(route, text, expression, at(context, item.span));
  return { rule, isCatchAll: expression === null || expression.isAlwaysTrue };
}

function ruleOf(route: string, when: string | null, expression: RuleExpression | null, place: string): Rule {
  return {
    when,
    route,
    at: place,
    readsLanguage: expression?.readsLanguage ?? false,
    evaluate(facts) {
      if (expression === null) return { matched: true, problem: null };
      try {
        return { matched: expression.matches(facts), problem: null };
      } catch (error) {
        const { message } = error as Error;
        return { matched: false, problem: `the rule at ${place} could not be evaluated: ${message}` };
      }
    },
  };
}

function readExpression(context: ReadContext, { value: node }: Entry, path: string): RuleExpression | null {
  // `when: true` is no text in YAML, and a right expression.
  const text =
    node.type === 'scalar' && typeof node.value === 'boolean' ? String(node.value) : readText(context, node, path);
  if (text === null) return null;
  const compiled = compileRule(text);
  if ('expression' in compiled) return compiled.expression;
  const { message, help, start, end } = compiled.problem;
  const span = (node.type === 'scalar' ? node.within?.(start, end) : undefined) ?? node.span;
  context.problems.error('invalid-rule', span, `${path}: ${message}`, help);
  return null;
}

function readRouteName(context: RulesContext, item: ConfigNode, field: Entry | undefined, path: string): string | null {
  if (field === undefined) {
    context.problems.error('missing-field', item.span, `${path} names no route`, 'write route: <name>');
    return null;
  }
  const name = readText(context, field.value, `${path}.route`);
  if (name === null || context.routes.has(name)) return name;
  // A route that has errors of its own is not reported a second time.
  if (!context.routeNames.includes(name)) {
    const message = `${path} names route "${name}", which is not defined`;
    context.problems.error('unknown-route', field.value.span, message, didYouMean(name, context.routeNames));
  }
  return null;
}
