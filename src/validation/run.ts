import type { Answer } from '../core/answer.ts';
import type { ChatRequest } from '../core/chat.ts';
import { GatewayError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { NOT_VALIDATED, type Validation, type Verdict } from '../core/record.ts';
import type { Route, ValidatorChoice } from '../core/route.ts';
import type { SchemaChecker } from './schema-checker.ts';
import { abstain, fail, type Validator } from './validator.ts';

export interface ValidationSteps {
  readonly validators: ReadonlyMap<string, Validator>;
  readonly schemas: SchemaChecker;
}

/** What came of checking one answer. */
export interface Judgement {
  readonly validation: Validation;
  /** Whether the answer may be handed over as it is. */
  readonly accepted: boolean;
  /** The reason to give when it may not; `null` when it may. */
  readonly reason: string | null;
}

const NOT_CHECKED: Judgement = { validation: NOT_VALIDATED, accepted: true, reason: null };

/** Refuses a request whose own schema is wrong. One that is right and beyond what can be checked leaves the answer unverified. @throws GatewayError `invalid_schema` */
export function checkRequestSchema(request: ChatRequest, steps: ValidationSteps): void {
  const schema = requestSchema(request);
  const fault = schema === null ? null : steps.schemas.faultOf(schema);
  if (fault !== null) {
    throw new GatewayError('invalid_schema', `the schema of \`response_format\` cannot be used: ${fault}`, {
      param: 'response_format.json_schema.schema',
    });
  }
}

/**
 * Judges an answer by the client's own response format and the route's validators. Abstaining
 * counts as failing for the route's validators; for the client's format it leaves the answer unverified.
 */
export function judge(answer: Answer, request: ChatRequest, route: Route | null, steps: ValidationSteps): Judgement {
  const format = formatVerdict(answer, request, steps);
  const chosen = (route?.validators ?? []).map((choice) => runOne(answer, choice, steps));
  const verdicts = format === null ? chosen : [format, ...chosen];
  if (verdicts.length === 0) return NOT_CHECKED;
  const routeFailure = chosen.find((verdict) => verdict.outcome !== 'pass') ?? null;
  // The client's own cap or a vendor's refusal explains a broken format: such an answer is delivered, and marked.
  const explained = answer.finishReason === 'length' || answer.finishReason === 'content_filter';
  const formatFailure = format?.outcome === 'fail' && !explained ? format : null;
  const rejected = routeFailure ?? formatFailure;
  return {
    validation: { status: statusOf(verdicts), verdicts },
    accepted: rejected === null,
    reason: rejected === null ? null : `${rejected.validator}: ${rejected.reason ?? rejected.outcome}`,
  };
}

function requestSchema(request: ChatRequest): JsonObject | null {
  return request.responseFormat?.type === 'json_schema' ? request.responseFormat.schema : null;
}

/** `null`: the client asked for no format, or the answer is one to which none applies. */
function formatVerdict(answer: Answer, request: ChatRequest, steps: ValidationSteps): Verdict | null {
  const format = request.responseFormat;
  if (format === null || format.type === 'text') return null;
  if (answer.text === null && answer.toolCalls.length > 0) return null;
  const schema = requestSchema(request) ?? { type: 'object' };
  return runOne(answer, { id: 'json_schema', options: schema, at: 'response_format' }, steps);
}

function runOne(answer: Answer, choice: ValidatorChoice, steps: ValidationSteps): Verdict {
  const validator = steps.validators.get(choice.id);
  if (validator === undefined) return fail(choice.id, 'there is no such validator');
  try {
    return validator.check(answer, choice.options);
  } catch (error) {
    return abstain(choice.id, `the check itself failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function statusOf(verdicts: readonly Verdict[]): Validation['status'] {
  if (verdicts.some((verdict) => verdict.outcome === 'fail')) return 'failed';
  return verdicts.some((verdict) => verdict.outcome === 'abstain') ? 'unverified' : 'passed';
}
