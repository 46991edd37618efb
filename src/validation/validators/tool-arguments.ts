import type { Tool, ToolCall } from '../../core/chat.ts';
import { isJsonObject, type JsonValue, parseJson } from '../../core/json.ts';
import type { Verdict } from '../../core/record.ts';
import { PreparedOptions, type Prepared } from '../prepared-options.ts';
import type { SchemaChecker } from '../schema-checker.ts';
import { givenTexts, unsaidArgument } from '../said-arguments.ts';
import { abstain, fail, pass, type Subject, type Validator } from '../validator.ts';

const ID = 'tool_arguments';
const TAKES = '`tool_arguments` takes { echo: true, calls: { min: 1, max: 3 } }, either of them or neither';

interface Checks {
  /** The names of arguments that need not have been said; `null`: it is not looked at what was said. */
  readonly derived: ReadonlySet<string> | null;
  readonly min: number;
  readonly max: number;
}

/**
 * Fails a call of a tool that is not declared, ids that are not there or not unique, arguments that the tool's own schema does not
 * accept; as the options say, another number of calls than expected, and arguments that nobody had said.
 */
export function toolArguments(checker: SchemaChecker): Validator {
  const prepared = new PreparedOptions(prepare);
  return {
    id: ID,
    checkOptions: (options) => prepared.problemOf(options),
    check: (subject, options) => judge(subject, prepared.use(options), checker),
  };
}

function judge(subject: Subject, checks: Checks, checker: SchemaChecker): Verdict {
  const { answer, request } = subject;
  const { toolCalls } = answer;
  const counted = countVerdict(toolCalls.length, checks);
  if (counted !== null) return counted;
  const seen = new Set<string>();
  for (const [index, call] of toolCalls.entries()) {
    const place = `tool_calls[${index}]`;
    const tool = request.tools.find(({ name }) => name === call.name);
    if (tool === undefined)
      return fail(ID, 'a tool was called that the request does not declare', { place, evidence: [call.name] });
    if (call.id === '' || seen.has(call.id))
      return fail(ID, 'calls have no ids of their own', { place: `${place}.id` });
    seen.add(call.id);
    if (call.kind === 'custom') continue;
    const verdict = argumentsVerdict(call, tool, place, checker) ?? echoVerdict(call, tool, place, subject, checks);
    if (verdict !== null) return verdict;
  }
  return pass(ID);
}

function countVerdict(calls: number, { min, max }: Checks): Verdict | null {
  if (calls >= min && calls <= max) return null;
  const expected = min === max ? `${min}` : `${min} to ${max === Infinity ? 'any number' : max}`;
  return fail(ID, `the model called ${calls} tools; expected: ${expected}`);
}

function argumentsVerdict(call: ToolCall, tool: Tool, place: string, checker: SchemaChecker): Verdict | null {
  const text = textOf(call);
  const value = parseJson(text);
  if (value === undefined)
    return fail(ID, `the arguments of ${tool.name} are not JSON`, { place: `${place}.arguments` });
  const verdict = checker.check(text, tool.parameters ?? { type: 'object' }, value);
  if (verdict.outcome === 'pass') return null;
  const reason = `the arguments of ${tool.name}: ${verdict.reason ?? verdict.outcome}`;
  if (verdict.outcome === 'abstain') return abstain(ID, reason);
  return fail(ID, reason, { place: `${place}.arguments${verdict.place ?? ''}` });
}

function echoVerdict(
  call: ToolCall,
  tool: Tool,
  place: string,
  { context }: Subject,
  { derived }: Checks,
): Verdict | null {
  if (derived === null) return null;
  const unsaid = unsaidArgument(parseJson(textOf(call)) ?? null, givenTexts(context, tool), derived);
  if (unsaid === null) return null;
  const reason = `an argument of ${tool.name} is neither in the request nor in a tool's result`;
  return fail(ID, reason, { place: `${place}.arguments${unsaid.pointer}`, evidence: [unsaid.value] });
}

/** A model that gives no arguments at all may leave them empty. */
function textOf(call: ToolCall): string {
  return call.arguments.trim() === '' ? '{}' : call.arguments;
}

function prepare(options: JsonValue): Prepared<Checks> {
  const words = options === null || options === true ? {} : options;
  if (!isJsonObject(words)) return { problem: TAKES };
  const unknown = Object.keys(words).find((word) => word !== 'echo' && word !== 'calls');
  if (unknown !== undefined) return { problem: `there is no \`${unknown}\`: ${TAKES}` };
  const calls = callsOf(words['calls']);
  const derived = derivedOf(words['echo']);
  if (calls === null) return { problem: '`calls` takes { min: 1, max: 3 }: whole numbers, min not above max' };
  if (derived === undefined)
    return { problem: '`echo` takes true, or { derived: [names of arguments that may be new] }' };
  return { value: { derived, ...calls } };
}

function callsOf(value: JsonValue | undefined): { readonly min: number; readonly max: number } | null {
  if (value === undefined) return { min: 0, max: Infinity };
  if (!isJsonObject(value)) return null;
  const { min = 0, max = Infinity, ...others } = value;
  const isCount = (count: JsonValue): count is number =>
    typeof count === 'number' && (Number.isSafeInteger(count) || count === Infinity);
  const isFine = isCount(min) && isCount(max) && min >= 0 && min <= max && Object.keys(others).length === 0;
  return isFine ? { min, max } : null;
}

/** `undefined`: it is none of what may be said there. */
function derivedOf(value: JsonValue | undefined): ReadonlySet<string> | null | undefined {
  if (value === undefined || value === false) return null;
  if (value === true) return new Set();
  const names = isJsonObject(value) && Object.keys(value).length === 1 ? value['derived'] : undefined;
  const isList = Array.isArray(names) && (names as readonly JsonValue[]).every((name) => typeof name === 'string');
  return isList ? new Set(names as readonly string[]) : undefined;
}
