import { expect } from 'vitest';

import type { MatrixVendor } from '../../../src/catalog/field-matrix.ts';
import type { Adjustment } from '../../../src/core/adjustment.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { PROVIDERS } from '../../../src/providers/registry.ts';
import type { TestGateway } from '../gateway.ts';
import { decodeLossBody, type LossDialect } from './loss-case.ts';
import { lossesOf } from './losses.ts';
import { RequestMaker } from './request-maker.ts';
import { SentBody } from './sent-body.ts';

/** The simulated models, each named so that nobody else may answer. */
const DEPLOYMENTS = [
  'openai/gpt-4o',
  'anthropic/claude-opus',
  'google/gemini-flash',
  'deepseek/deepseek-chat',
  'anthropic/claude-haiku',
  'google/gemini-pro',
  'deepseek/deepseek-reasoner',
] as const;

const PATHS: Readonly<Record<string, string>> = {
  'openai-chat': '/v1/chat/completions',
  'openai-responses': '/v1/responses',
  'anthropic-messages': '/v1/messages',
};

/** Sends so many requests of a seed, one after the other, as below. Gives how many of them were sent on at all. */
export async function checkAllThroughGateway(
  gateway: TestGateway,
  name: string,
  dialect: LossDialect,
  { seed, requests }: { readonly seed: number; readonly requests: number },
): Promise<number> {
  const maker = new RequestMaker(seed);
  let sent = 0;
  for (let index = 0; index < requests; index++) {
    if (await checkThroughGateway(gateway, name, dialect, { body: dialect.make(maker), index })) sent++;
  }
  return sent;
}

/**
 * Sends the request over a real socket and compares what the upstream received with what was asked and
 * with what the record says. Gives whether anything was sent at all.
 */
async function checkThroughGateway(
  gateway: TestGateway,
  name: string,
  dialect: LossDialect,
  made: { readonly body: JsonObject; readonly index: number },
): Promise<boolean> {
  const deployment = DEPLOYMENTS[made.index % DEPLOYMENTS.length] as string;
  const path = PATHS[name];
  const body = path === undefined ? made.body : { ...made.body, model: deployment };
  const target = path ?? `/v1beta/models/${encodeURIComponent(deployment)}:generateContent`;
  const { received: log } = gateway.simulator;
  const before = log.at(-1);
  const response = await gateway.post(target, body);
  const text = await response.text();
  // The log keeps the last requests only, so that its length says nothing.
  const received = before === undefined ? log[0] : log[log.lastIndexOf(before) + 1];
  if (received === undefined) {
    expect(response.status, text).toBe(400);
    return false;
  }
  const record = await gateway.record(response.headers.get('x-request-id') ?? '');
  const [attempt] = record['attempts'] as readonly {
    readonly deployment: string;
    readonly adjustments: readonly Adjustment[];
    readonly sent: { readonly body: string };
  }[];
  expect(attempt?.sent.body).toBe(received.body);
  const kind = received.provider;
  const provider = PROVIDERS.get(kind);
  const sent = JSON.parse(received.body) as JsonObject;
  const model = typeof sent['model'] === 'string' ? sent['model'] : (/models\/([^:]+):/.exec(received.path)?.[1] ?? '');
  const request = decodeLossBody(JSON.stringify(body), dialect);
  const losses = lossesOf(
    {
      body,
      request,
      sent: new SentBody(sent),
      adjustments: attempt?.adjustments ?? [],
      vendor: kind as MatrixVendor,
      capabilities: (provider as NonNullable<typeof provider>).capabilities(model),
      isSameProtocol: provider?.protocol === request.dialect,
    },
    dialect.rules,
  );
  expect(losses, `${deployment} ${JSON.stringify(body)}`).toEqual([]);
  return true;
}
