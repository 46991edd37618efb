import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Verdict } from '../../core/record.ts';
import { hasRepeatedNames } from '../repeated-names.ts';
import type { SchemaChecker } from '../schema-checker.ts';
import { abstain, fail, type Subject, type Validator } from '../validator.ts';

const ID = 'json_schema';

/** Checks the answer's text against a schema; tool calls and refusals hold no such text, so it abstains on them. */
export function jsonSchema(checker: SchemaChecker): Validator {
  return {
    id: ID,
    checkOptions: (options: JsonValue) =>
      isJsonObject(options) ? checker.problemOf(options) : '`json_schema` takes a schema: a file or an inline object',
    check: (subject, options) => checkAnswer(checker, subject, isJsonObject(options) ? options : {}),
  };
}

function checkAnswer(checker: SchemaChecker, { answer, json }: Subject, schema: JsonObject): Verdict {
  if (answer.refusal !== null || answer.finishReason === 'content_filter')
    return abstain(ID, 'the model refused to answer');
  if (answer.text === null) {
    return answer.toolCalls.length > 0
      ? abstain(ID, 'the model called tools instead')
      : fail(ID, 'the answer is empty');
  }
  if (answer.finishReason === 'length') return fail(ID, 'the answer was cut at its output cap');
  const reading = json();
  if ('problem' in reading) return fail(ID, `the answer is not JSON: ${reading.problem}`);
  if (hasRepeatedNames(reading.text, reading.value)) return fail(ID, 'a member is named twice in one object');
  const verdict = checker.check(reading.text, schema, reading.value);
  // What nothing confirms must not be a guess.
  const isGuess = reading.level === 3 && verdict.outcome === 'abstain';
  return isGuess ? fail(ID, `the answer is no JSON as it stands, and what is not checked is not repaired`) : verdict;
}
