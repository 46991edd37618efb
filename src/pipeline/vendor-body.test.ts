import { expect, test } from 'vitest';

import { answer } from '../../test/support/judging.ts';
import { isJsonObject, parseJson, type JsonObject } from '../core/json.ts';
import type { TextEdit } from '../validation/run.ts';
import { ReceivedBody } from './received-body.ts';
import { vendorBody } from './vendor-body.ts';

/** What becomes of a vendor's body when these texts of it were changed; `null`: it is written anew. */
function edited(text: string, edits: readonly TextEdit[]): string | null {
  const received = new ReceivedBody(null);
  received.append(Buffer.from(text));
  const native = parseJson(text) as JsonObject;
  const { body, answer: changed } = vendorBody(answer({ native }), { received, edits });
  expect(isJsonObject(changed.native)).toBe(body !== null);
  if (body !== null) expect(changed.native).toEqual(parseJson(body.toString('utf8')));
  return body?.toString('utf8') ?? null;
}

const EDIT = { from: '```{"a":1}```', to: '{"a":1}' };
const FROM = JSON.stringify(EDIT.from);
const TO = JSON.stringify(EDIT.to);

test('every byte stays but those of the text', () => {
  const body = (text: string): string =>
    `{ "big":12345678901234567890, "choices":[ {"content":${text} , "x":[1.0,"é"]} ] }`;
  expect(edited(body(FROM), [])).toBe(body(FROM));
  expect(edited(body(FROM), [EDIT])).toBe(body(TO));
});

test('the same text of several answers is changed in each of them', () => {
  const body = (text: string): string => `{"choices":[{"content":${text}},{"content":"other"},{"content":${text}}]}`;
  expect(edited(body(FROM), [EDIT, EDIT])).toBe(body(TO));
});

test.each([
  ['in several pieces', '{"content":[{"text":"```{\\"a\\""},{"text":":1}```"}]}', [EDIT]],
  ['elsewhere too', `{"content":${FROM},"reasoning":${FROM}}`, [EDIT]],
  ['beside a key that stands twice', `{"id":1,"content":${FROM},"id":2}`, [EDIT]],
])('a text that stands %s is written anew', (_name, body, edits) => {
  expect(edited(body, edits)).toBeNull();
});
