import { expect, test } from 'vitest';

import { GatewayError } from '../src/core/errors.ts';
import type { JsonObject } from '../src/core/json.ts';
import { ANTHROPIC_MESSAGES_FIELDS } from './support/fields/anthropic-messages.ts';
import { GEMINI_GENERATE_FIELDS } from './support/fields/gemini-generate.ts';
import { CHAT_FIELDS } from './support/fields/openai-chat.ts';
import { RESPONSES_FIELDS } from './support/fields/openai-responses.ts';
import { isSameJson, isWithin, leavesOf, valueAt } from './support/json-leaves.ts';
import { CHAT_WHOLES, GEMINI_BASE, MESSAGES_BASE, RESPONSES_BASE, type FieldBase } from './support/loss/field-bases.ts';
import { fieldCase, type FieldCase } from './support/loss/field-cases.ts';
import { fieldPattern } from './support/loss/field-coverage.ts';
import { LOSS_DIALECTS, runLossCase, sendLossBody, type LossDialect } from './support/loss/loss-case.ts';

/** A model of each vendor that takes the most. */
const MODELS: readonly (readonly [kind: string, model: string])[] = [
  ['anthropic', 'claude-opus-4-6'],
  ['google', 'gemini-3-pro'],
  ['deepseek', 'deepseek-chat'],
  ['openai', 'gpt-4o'],
];

function dialectOf(name: string): LossDialect {
  const dialect = LOSS_DIALECTS[name];
  if (dialect === undefined) throw new Error(name);
  return dialect;
}

/** The fields that no other protocol can be told, or that are refused as such. */
function ownFields(fields: Readonly<Record<string, string>>): readonly string[] {
  return Object.keys(fields).filter((field) => fields[field] === 'protocol' || fields[field] === 'refused');
}

/** Asks each vendor: its own gets the field as it stands, and every other refuses it, by its name. */
function expectOwn(dialect: LossDialect, { body, path }: FieldCase, own: string | null): void {
  const takers = new Set<string>();
  for (const [kind, model] of MODELS) {
    const result = runLossCase(body, dialect, kind, model);
    if (result.outcome === 'sent') {
      takers.add(kind);
      expect(result.losses, path).toEqual([]);
      expect(isSameJson(result.passage.sent.at(path), valueAt(body, path)), `${path} at ${kind}`).toBe(true);
    } else if (kind !== own) {
      const { param, problems, message } = result;
      expect(problems).toEqual([]);
      expect(param !== null && (isWithin(path, param) || isWithin(param, path)), `${path}: ${message}`).toBe(true);
    }
  }
  expect([...takers], path).toEqual(own === null ? [] : [own]);
}

test.each<[string, string | null, Readonly<Record<string, string>>, FieldBase]>([
  ['anthropic-messages', 'anthropic', ANTHROPIC_MESSAGES_FIELDS, MESSAGES_BASE],
  ['gemini-generate', 'google', GEMINI_GENERATE_FIELDS, GEMINI_BASE],
  ['openai-responses', null, RESPONSES_FIELDS, RESPONSES_BASE],
])('each field of %s that no other protocol has goes to its own vendor, or is refused by its name', (...given) => {
  const [name, own, fields, base] = given;
  const names = ownFields(fields);
  expect(names.length).toBeGreaterThan(10);
  // The base itself is taken everywhere, so that what is refused is the field.
  for (const [kind, model] of MODELS) {
    expect(runLossCase(base.body, dialectOf(name), kind, model)).toMatchObject({ outcome: 'sent' });
  }
  for (const field of names) {
    const made = fieldCase(base.body, field, base.overrides[field]);
    const holds = [...leavesOf(made.body).keys()].some((path) => fieldPattern(field).test(path));
    expect(holds, field).toBe(true);
    expectOwn(dialectOf(name), made, own);
  }
});

test('each field of openai-chat that no other protocol has goes to OpenAI alone, or is refused by its name', () => {
  const names = ownFields(CHAT_FIELDS);
  const covered = new Set<string>();
  for (const [member, whole] of Object.entries(CHAT_WHOLES)) {
    const body: JsonObject = { model: 'any', ...whole };
    const paths = [...leavesOf(body).keys()];
    for (const field of names) if (paths.some((path) => fieldPattern(field).test(path))) covered.add(field);
    const path = paths.find((leaf) => fieldPattern(member).test(leaf)) ?? '';
    const outer = path.slice(0, fieldPattern(member).exec(path)?.[0].length).replace(/[.[]$/, '');
    // No model of the catalogue speaks, or has its answers judged by another.
    expectOwn(
      dialectOf('openai-chat'),
      { body, path: outer },
      /^(audio|modalities|moderation)$/.test(member) ? null : 'openai',
    );
  }
  expect(names.filter((field) => !covered.has(field))).toEqual([]);
});

const BIG = '12345678901234567890';

/** Requests whose tool is declared, and has been called, with a number that does not outlive being read. */
function exactTexts(name: string): readonly string[] {
  const schema = `{"type":"object","properties":{"a":{"type":"integer","maximum":${BIG}}}}`;
  switch (name) {
    case 'openai-chat':
      return [
        `{"model":"any","messages":[{"role":"user","content":"a"},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"t","arguments":"{\\"a\\":${BIG}}"}}]},{"role":"tool","tool_call_id":"c","content":"b"}]}`,
        `{"model":"any","messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{"name":"t","parameters":${schema}}}]}`,
      ];
    case 'openai-responses':
      return [
        `{"model":"any","input":[{"role":"user","content":"a"},{"type":"function_call","call_id":"c","name":"t","arguments":"{\\"a\\":${BIG}}"},{"type":"function_call_output","call_id":"c","output":"b"}]}`,
        `{"model":"any","input":"a","tools":[{"type":"function","name":"t","parameters":${schema}}]}`,
      ];
    case 'anthropic-messages':
      return [
        `{"model":"any","max_tokens":9,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"tool_use","id":"c","name":"t","input":{"a":${BIG}}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c","content":"b"}]}]}`,
        `{"model":"any","max_tokens":9,"messages":[{"role":"user","content":"a"}],"tools":[{"name":"t","input_schema":${schema}}]}`,
      ];
    default:
      return [
        `{"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"functionCall":{"name":"t","args":{"a":${BIG}}}}]},{"role":"user","parts":[{"functionResponse":{"name":"t","response":{"output":"b"}}}]}]}`,
        `{"contents":[{"role":"user","parts":[{"text":"a"}]}],"tools":[{"functionDeclarations":[{"name":"t","parametersJsonSchema":${schema}}]}]}`,
      ];
  }
}

test.each(Object.entries(LOSS_DIALECTS))(
  'a number of %s that cannot be read exactly is sent in its digits, or refused',
  (name, dialect) => {
    const sent: string[] = [];
    for (const text of exactTexts(name)) {
      for (const [kind, model] of MODELS) {
        try {
          expect(sendLossBody(text, dialect, kind, model).text, `${kind} ${text}`).toContain(BIG);
          sent.push(kind);
        } catch (error) {
          if (!(error instanceof GatewayError)) throw error;
          expect([error.status, typeof error.param], error.message).toEqual([400, 'string']);
        }
      }
    }
    expect(sent).not.toEqual([]);
  },
);
