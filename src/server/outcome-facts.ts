import {
  arrayMember,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  objectMember,
  stringMember,
} from '../core/json.ts';
import { servedAttempt } from '../core/served-attempt.ts';

/**
 * What of a finished generation's record belongs with an outcome, so that a calibration needs nothing
 * else later, not even the record: figures, names and hashes, and nothing that people or models wrote.
 * What the record does not say is `null`.
 */
export function outcomeFacts(record: JsonObject): JsonObject {
  const served = servedAttempt(record) ?? {};
  const deployment = stringMember(served, 'deployment');
  const confidence = objectMember(record, 'confidence') ?? {};
  const aside = objectMember(record, 'aside');
  return {
    generation: stringMember(record, 'id'),
    route: stringMember(record, 'route'),
    deployment,
    model: deployment === null ? null : deployment.slice(deployment.indexOf('/') + 1),
    snapshot: stringMember(served, 'model_asked'),
    model_reported: stringMember(served, 'model_reported'),
    template: stringMember(served, 'template'),
    simulated: record['simulated'] === true,
    aside: aside === null ? null : stringMember(aside, 'purpose'),
    signals: objectMember(confidence, 'signals') ?? {},
    validation: validationOutcomes(objectMember(record, 'validation') ?? {}),
  };
}

const WORST_FIRST: readonly JsonValue[] = ['fail', 'abstain', 'pass'];

/** The outcome by the id of the validator; the worst, where one has judged several times. */
function validationOutcomes(validation: JsonObject): JsonObject {
  const outcomes = new Map<string, JsonValue>();
  for (const verdict of arrayMember(validation, 'verdicts').filter(isJsonObject)) {
    const validator = stringMember(verdict, 'validator');
    const outcome = stringMember(verdict, 'outcome');
    if (validator === null || outcome === null) continue;
    const known = outcomes.get(validator);
    const isWorse = known === undefined || WORST_FIRST.indexOf(outcome) < WORST_FIRST.indexOf(known);
    if (isWorse) outcomes.set(validator, outcome);
  }
  return Object.fromEntries(outcomes);
}
