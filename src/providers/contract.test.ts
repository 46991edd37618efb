import { describe, expect, test } from 'vitest';

import { fixture, decodeChunks, fixtureText, ONE_CHAT } from '../../test/support/provider-fixtures.ts';
import { decodeClientBody, pinnedTarget, testDeployment } from '../../test/support/deployment.ts';
import type { Answer } from '../core/answer.ts';
import { isFailure, type Failure, type FailureKind } from '../core/failure.ts';
import { parseJson, type JsonObject, type JsonValue } from '../core/json.ts';
import { Secret } from '../core/secret.ts';
import { adapt } from '../prompts/adapt.ts';
import { findEligible, requireEligible } from '../routing/eligible.ts';
import { SchemaChecker } from '../validation/schema-checker.ts';
import { PROVIDERS } from './registry.ts';
import type { EncodedRequest, Provider, ResponseHeaders } from './provider.ts';

/**
 * The contract of every provider in the registry, over its own `fixtures/`. A new provider adds
 * files, no test code; one that is missing fails. What an answer means is in `<case>.answer.json`,
 * for the whole body and for the stream alike.
 */

interface About {
  readonly source: 'written' | 'recorded';
  readonly from: string;
  readonly date: string;
  /** The vendor's name of the model that the fixtures are about. */
  readonly model: string;
}

interface SentFixture {
  readonly path: string;
  readonly body: JsonObject;
  readonly adjustments: readonly { readonly param: string; readonly kind: string }[];
  /** What differs when the same request is streamed. */
  readonly stream?: { readonly path: string; readonly members: JsonObject };
}

interface ErrorFixture {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly body: JsonValue;
  readonly retryAfterMs: number | null;
}

const REQUESTS = ['text', 'tool-call', 'schema', 'length'] as const;
const ANSWERS = ['text', 'tool-call', 'schema', 'length', 'refusal'] as const;
const ERRORS: readonly (readonly [name: string, kind: FailureKind])[] = [
  ['rate-limited', 'rate_limited'],
  ['overloaded', 'overloaded'],
  ['bad-key', 'auth'],
  ['context-length', 'context_length_exceeded'],
];

describe.each([...PROVIDERS])('%s', (kind, provider) => {
  const about = fixture(kind, 'about.json') as unknown as About;

  test('says where its fixtures come from', () => {
    expect(['written', 'recorded']).toContain(about.source);
    expect(about.from).not.toBe('');
    expect(about.date).toMatch(/^\d{4}-\d\d$/);
    expect(provider.kind).toBe(kind);
  });

  test.each(REQUESTS)('encodes %s', (name) => {
    const sent = fixture(kind, `${name}.sent.json`) as unknown as SentFixture;
    const encoded = encode(provider, about.model, fixture(kind, `${name}.request.json`) as unknown as JsonObject);
    expect(parseJson(encoded.body.toString('utf8'))).toEqual(sent.body);
    expect(encoded.path).toBe(sent.path);
    expect(encoded.allAdjustments.map(({ param, kind }) => ({ param, kind }))).toEqual(sent.adjustments);
    expect(header(encoded.headers, 'content-type')).toBe('application/json');
  });

  test('encodes a streamed request', () => {
    const sent = fixture(kind, 'text.sent.json') as unknown as SentFixture;
    const encoded = encode(provider, about.model, {
      ...(fixture(kind, 'text.request.json') as unknown as JsonObject),
      stream: true,
    });
    expect(sent.stream).toBeDefined();
    expect(parseJson(encoded.body.toString('utf8'))).toEqual({ ...sent.body, ...sent.stream?.members });
    expect(encoded.path).toBe(sent.stream?.path);
  });

  test.each(ANSWERS)('decodes %s', (name) => {
    const body = fixture(kind, `${name}.response.json`) as unknown as JsonObject;
    const decoded = accepted(provider.decode(body, ONE_CHAT));
    expect(meaning(decoded)).toEqual(fixture(kind, `${name}.answer.json`));
    expect(decoded.native).toEqual(body);
  });

  test.each(ANSWERS)('decodes %s as a stream', (name) => {
    const { result } = decodeChunks(provider, [Buffer.from(fixtureText(kind, `${name}.stream.sse`))]);
    expect(meaning(accepted(result))).toEqual(fixture(kind, `${name}.answer.json`));
    const isOddity = (flag: string): boolean => !flag.startsWith('refusal_category:');
    expect(accepted(result).flags.filter(isOddity)).toEqual([]);
  });

  test('its fixtures show what they are there for', () => {
    const answers = Object.fromEntries(
      ANSWERS.map((name) => [name, fixture(kind, `${name}.answer.json`) as unknown as Answer]),
    );
    expect(answers['text']?.finishReason).toBe('stop');
    expect(answers['tool-call']?.finishReason).toBe('tool_calls');
    expect(answers['tool-call']?.toolCalls.length).toBeGreaterThan(1);
    expect(answers['length']?.finishReason).toBe('length');
    expect(answers['refusal']?.finishReason === 'content_filter' || answers['refusal']?.refusal !== null).toBe(true);
    const format = fixture(kind, 'schema.request.json') as unknown as {
      response_format: { json_schema: { schema: JsonObject } };
    };
    const verdict = new SchemaChecker().check(answers['schema']?.text ?? '', format.response_format.json_schema.schema);
    expect(verdict.outcome).toBe('pass');
  });

  test('takes an unknown finish reason for a failure', () => {
    expect(failed(provider.decode(fixture(kind, 'unknown-finish.response.json'), ONE_CHAT)).kind).toBe(
      'unknown_finish_reason',
    );
    const stream = decodeChunks(provider, [Buffer.from(fixtureText(kind, 'unknown-finish.stream.sse'))]);
    expect(failed(stream.result).kind).toBe('unknown_finish_reason');
    expect(stream.parts.some((part) => part.type === 'finish')).toBe(false);
  });

  test.each(ERRORS)('reads %s', (name, meant) => {
    const error = fixture(kind, `${name}.error.json`) as unknown as ErrorFixture;
    const decoded = provider.decodeFailure(error.status, error.headers, JSON.stringify(error.body));
    expect(decoded.kind).toBe(meant);
    expect(decoded.retryAfterMs).toBe(error.retryAfterMs);
    expect(decoded.upstream?.status).toBe(error.status);
    expect(decoded.upstream?.message).toBeTruthy();
    expect(decoded.message).toContain(decoded.upstream?.message);
  });

  test.each([
    ['an error page', '<html>Bad gateway</html>'],
    ['nothing', ''],
    ['JSON of another shape', '{"error":"no"}'],
    ['an array', '[]'],
  ])('reads a failure with %s by its status', (_name, body) => {
    expect(provider.decodeFailure(502, {}, body).kind).toBe('error');
    expect(provider.decodeFailure(429, {}, body).kind).toBe('rate_limited');
    expect(provider.decodeFailure(404, {}, body).kind).toBe('model_unavailable');
    expect(provider.decodeFailure(302, {}, body).kind).toBe('redirect_refused');
  });

  test.each([null, 'text', 7, [], {}, { choices: [] }, { candidates: [] }, { content: [] }, { content: 'x' }])(
    'gives a failure for an answer that is %j',
    (body) => {
      expect(isFailure(provider.decode(body as JsonValue, ONE_CHAT))).toBe(true);
    },
  );

  test('never takes a stream that was cut for a whole one', () => {
    for (const name of ANSWERS) {
      const text = fixtureText(kind, `${name}.stream.sse`);
      const events = text.split(/(?<=\r?\n\r?\n)/);
      const whole = decodeChunks(provider, [Buffer.from(text)]);
      for (let length = 0; length < events.length; length++) {
        const { parts, result } = decodeChunks(provider, [Buffer.from(events.slice(0, length).join(''))]);
        const isEnded = parts.some((part) => part.type === 'finish');
        // Once the finish has come all content has; what may still lack is the protocol's own end.
        const isHonest = isEnded
          ? isFailure(result) || result.text === accepted(whole.result).text
          : failed(result).kind === 'truncated';
        expect(isHonest, `${name} after ${length} events`).toBe(true);
      }
    }
  });

  test('puts the credential into one header and nowhere else', () => {
    const credential = new Secret('fixture-credential-0123456789');
    const encoded = encode(
      provider,
      about.model,
      fixture(kind, 'text.request.json') as unknown as JsonObject,
      credential,
    );
    const [name, value] = provider.credentialHeader(credential);
    expect(value).toContain(credential.reveal());
    expect(name).toBe(name.toLowerCase());
    expect(JSON.stringify([encoded.path, encoded.headers, encoded.body.toString('utf8')])).not.toContain(
      credential.reveal(),
    );
  });
});

function encode(
  provider: Provider,
  model: string,
  body: JsonObject,
  credential: Secret | null = null,
): EncodedRequest & { readonly allAdjustments: EncodedRequest['adjustments'] } {
  const deployment = testDeployment(provider, model, { credentials: credential === null ? [] : [credential] });
  const request = decodeClientBody(body);
  requireEligible(findEligible(request, pinnedTarget(deployment)));
  const adapted = adapt(request, deployment, null, null);
  const encoded = provider.encode(adapted, deployment);
  return { ...encoded, allAdjustments: [...adapted.adjustments, ...encoded.adjustments] };
}

function header(headers: readonly string[], name: string): string | undefined {
  return headers[headers.indexOf(name) + 1];
}

/** What an answer says, without the form it came in. */
function meaning(answer: Answer): Partial<Answer> {
  const { native: _native, flags: _flags, alternatives: _alternatives, embeddings: _none, ...said } = answer;
  const { extraContent, ...rest } = said;
  return extraContent === null ? rest : said;
}

function accepted(result: Answer | Failure): Answer {
  if (isFailure(result)) throw new Error(`a failure instead of an answer: ${result.kind}: ${result.message}`);
  return result;
}

function failed(result: Answer | Failure): Failure {
  if (!isFailure(result)) throw new Error(`an answer instead of a failure: ${JSON.stringify(result)}`);
  return result;
}
