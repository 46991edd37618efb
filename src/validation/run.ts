import type { Answer, AnswerChoice } from '../core/answer.ts';
import { clientPath, type ChatRequest } from '../core/chat.ts';
import { GatewayError } from '../core/errors.ts';
import type { HookAccess } from '../core/hooks.ts';
import type { JsonObject } from '../core/json.ts';
import type { JudgeAccess } from '../core/judging.ts';
import { NOT_VALIDATED, type Validation, type Verdict } from '../core/record.ts';
import { DEFAULT_INVALID_STEPS, type Route, type ValidatorChoice } from '../core/route.ts';
import { ReadAnswer, type ReadingTerms } from './read-answer.ts';
import { outputHabits } from './recovery/output-habits.ts';
import type { JsonReader, ParseLevel } from './recovery/read-json.ts';
import type { SchemaChecker } from './schema-checker.ts';
import { parallelCallsVerdict, toolArgumentsVerdict } from './tool-calls.ts';
import type { SuppliedContexts } from './supplied-context.ts';
import { abstain, fail, type Subject, type Validator } from './validator.ts';

export interface ValidationSteps {
  readonly validators: ReadonlyMap<string, Validator>;
  readonly contexts: SuppliedContexts;
  readonly schemas: SchemaChecker;
  readonly json: JsonReader;
}

/** What else decides how an answer is judged. */
export interface JudgingTerms {
  /** The vendor's name of the model, whose habits of writing count. */
  readonly modelId: string;
  /** Whether the answer's text can still be changed: nothing of it has gone to the client. */
  readonly mayRewrite: boolean;
  /** How many tokens the answer may have had by what the vendor was sent; `null`: not known. */
  readonly outputCapTokens: number | null;
  /** The checks that are functions of the config. */
  readonly hooks: HookAccess;
  /** The models that judge answers. */
  readonly judges: JudgeAccess;
}

/** A text that recovered JSON has taken the place of. */
export interface TextEdit {
  readonly from: string;
  readonly to: string;
}

/** What came of checking one answer, or several answers to one question. */
export interface Judgement {
  /** The answer as it may be handed over: with the JSON that was recovered in place of its text. */
  readonly answer: Answer;
  readonly edits: readonly TextEdit[];
  readonly validation: Validation;
  /** Whether the answer may be handed over. */
  readonly accepted: boolean;
  /** The verdict that says why it may not; `null` when it may. */
  readonly rejected: Verdict | null;
  /** How far its text was from JSON, of several answers the farthest; `null`: it cannot be read so. `undefined`: nobody asked for JSON. */
  readonly parseLevel: ParseLevel | null | undefined;
}

/** The same of one of several answers. */
interface ChoiceJudgement {
  readonly verdicts: readonly Verdict[];
  readonly rejected: Verdict | null;
  readonly recovered: string | null;
  readonly parseLevel: ParseLevel | null | undefined;
}

/** Refuses a request whose own schema is wrong. One that is right and beyond what can be checked leaves the answer unverified. @throws GatewayError `invalid_schema` */
export function checkRequestSchema(request: ChatRequest, steps: ValidationSteps): void {
  const schema = requestSchema(request);
  const fault = schema === null ? null : steps.schemas.faultOf(schema);
  if (fault !== null) {
    const param = clientPath(request, 'response_format.json_schema.schema');
    throw new GatewayError('invalid_schema', `the schema \`${param}\` cannot be used: ${fault}`, { param });
  }
}

/**
 * Judges an answer by the client's own response format and the route's validators. Abstaining counts as failing for the
 * route's validators, unless its `on_abstain` is `flag`; for the client's format it leaves the answer unverified. Where
 * JSON was asked for and the route's `invalid` begins with `repair`, what was recovered of the text is judged.
 */
export async function judge(
  answer: Answer,
  request: ChatRequest,
  route: Route | null,
  steps: ValidationSteps,
  terms: JudgingTerms,
): Promise<Judgement> {
  const choices: readonly AnswerChoice[] = [answer, ...answer.alternatives];
  if (!hasChecks(choices, request, route)) {
    return { answer, edits: [], validation: NOT_VALIDATED, accepted: true, rejected: null, parseLevel: undefined };
  }
  const repairs = terms.mayRewrite && (route?.invalid ?? DEFAULT_INVALID_STEPS).includes('repair');
  const outputShare = outputShareOf(answer, terms.outputCapTokens);
  const { hooks, judges } = terms;
  const reading = { reader: steps.json, habits: outputHabits(terms.modelId), repairs, outputShare, hooks, judges };
  const judged: ChoiceJudgement[] = [];
  for (const choice of choices) judged.push(await judgeChoice(choice, request, route, steps, reading));
  const verdicts = judged.flatMap((one, index) => one.verdicts.map((verdict) => ofChoice(verdict, index)));
  const rejections = judged.map((one, index) => (one.rejected === null ? null : ofChoice(one.rejected, index)));
  const rejected = rejections.find((one) => one !== null) ?? null;
  const edited = choices.map((choice, index) => withText(choice, judged[index]?.recovered ?? null));
  const edits = choices.flatMap((choice, index) =>
    edited[index] === choice ? [] : [{ from: choice.text ?? '', to: edited[index]?.text ?? '' }],
  );
  const [first, ...alternatives] = edited;
  return {
    answer: edits.length === 0 || first === undefined ? answer : { ...answer, text: first.text, alternatives },
    edits,
    validation: verdicts.length === 0 ? NOT_VALIDATED : { status: statusOf(verdicts, edits.length > 0), verdicts },
    accepted: rejected === null,
    rejected,
    parseLevel: farthest(judged.map((one) => one.parseLevel)),
  };
}

/** Of several answers the vendor counts the tokens together. */
function outputShareOf({ usage, alternatives }: Answer, capTokens: number | null): number | null {
  if (usage?.source !== 'reported' || alternatives.length > 0 || capTokens === null || capTokens <= 0) return null;
  return usage.completionTokens / capTokens;
}

/** Whether there is anything to check: with most answers there is not. */
function hasChecks(choices: readonly AnswerChoice[], request: ChatRequest, route: Route | null): boolean {
  if (request.embedding !== null) return false;
  const hasFormat = request.responseFormat !== null && request.responseFormat.type !== 'text';
  const hasValidators = route !== null && route.validators.length > 0;
  return hasFormat || hasValidators || choices.some((choice) => choice.toolCalls.length > 0);
}

async function judgeChoice(
  answer: AnswerChoice,
  request: ChatRequest,
  route: Route | null,
  steps: ValidationSteps,
  reading: ReadingTerms,
): Promise<ChoiceJudgement> {
  const subject = new ReadAnswer(answer, request, steps.contexts.of(request), reading);
  const format = await formatVerdict(subject, request, steps);
  const tooMany = parallelCallsVerdict(answer, request);
  // The client's own cap or a vendor's refusal explains a broken format: such an answer is delivered, and marked.
  const explained = answer.finishReason === 'length' || answer.finishReason === 'content_filter';
  const formatFailure = format?.outcome === 'fail' && !explained ? format : null;
  const chosen = await routeVerdicts(subject, route, formatFailure ?? tooMany, steps);
  const verdicts = [format, ...chosen.verdicts, toolArgumentsVerdict(answer), tooMany];
  return {
    verdicts: verdicts.filter((verdict) => verdict !== null),
    rejected: chosen.rejected ?? formatFailure ?? tooMany,
    recovered: subject.recovered,
    parseLevel: subject.parseLevel,
  };
}

/**
 * The verdicts of the route's validators, and the first that says that the answer may not be handed over.
 * @param lost why it may not be already; `null`: it may so far
 */
async function routeVerdicts(
  subject: Subject,
  route: Route | null,
  lost: Verdict | null,
  steps: ValidationSteps,
): Promise<{ readonly verdicts: readonly Verdict[]; readonly rejected: Verdict | null }> {
  const verdicts: Verdict[] = [];
  let rejected: Verdict | null = null;
  const choices = (route?.validators ?? []).filter(({ id }) => steps.validators.get(id)?.isDecidedLater !== true);
  const waits = ({ id }: ValidatorChoice): boolean => steps.validators.get(id)?.waits === true;
  for (const choice of [...choices.filter((each) => !waits(each)), ...choices.filter(waits)]) {
    // Whoever waits for somebody else is not asked about an answer that is lost already.
    const against = rejected ?? lost;
    if (against !== null && waits(choice)) {
      verdicts.push(abstain(choice.id, `it was not asked, as ${against.validator} had failed`));
      continue;
    }
    const verdict = await runOne(subject, choice, steps);
    if (verdict === null) continue;
    verdicts.push(verdict);
    if (rejected === null && rejects(verdict, choice, route, steps)) rejected = verdict;
  }
  return { verdicts, rejected };
}

function rejects(verdict: Verdict, choice: ValidatorChoice, route: Route | null, steps: ValidationSteps): boolean {
  if (verdict.outcome === 'pass') return false;
  if (verdict.outcome === 'abstain' && route?.onAbstain === 'flag') return false;
  return steps.validators.get(choice.id)?.rejects?.(choice.options) ?? true;
}

function withText(choice: AnswerChoice, text: string | null): AnswerChoice {
  return text === null ? choice : { ...choice, text };
}

/** Whose verdict it is, where it is not the first answer's. */
function ofChoice(verdict: Verdict, index: number): Verdict {
  return index === 0 || verdict.reason === null
    ? verdict
    : { ...verdict, reason: `choices[${index}]: ${verdict.reason}` };
}

function farthest(levels: readonly (ParseLevel | null | undefined)[]): ParseLevel | null | undefined {
  const known = levels.filter((level) => level !== undefined);
  if (known.length === 0) return undefined;
  return known.reduce((one, other) => (one === null || other === null || one > other ? one : other));
}

function requestSchema(request: ChatRequest): JsonObject | null {
  return request.responseFormat?.type === 'json_schema' ? request.responseFormat.schema : null;
}

/** `null`: the client asked for no format, or the answer is one to which none applies. */
async function formatVerdict(subject: Subject, request: ChatRequest, steps: ValidationSteps): Promise<Verdict | null> {
  const format = request.responseFormat;
  if (format === null || format.type === 'text') return null;
  // What a model says before it calls a tool is not its answer yet.
  if (subject.answer.toolCalls.length > 0) return null;
  const schema = requestSchema(request) ?? { type: 'object' };
  return runOne(subject, { id: 'json_schema', options: schema, at: 'response_format' }, steps);
}

async function runOne(subject: Subject, choice: ValidatorChoice, steps: ValidationSteps): Promise<Verdict | null> {
  const validator = steps.validators.get(choice.id);
  if (validator === undefined) return fail(choice.id, 'there is no such validator');
  try {
    return await validator.check(subject, choice.options);
  } catch (error) {
    return abstain(choice.id, `the check itself failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function statusOf(verdicts: readonly Verdict[], isRepaired: boolean): Validation['status'] {
  if (verdicts.some((verdict) => verdict.outcome === 'fail')) return 'failed';
  if (verdicts.some((verdict) => verdict.outcome === 'abstain')) return 'unverified';
  return isRepaired ? 'repaired' : 'passed';
}
