import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { writeRunFile } from '../src/cli/run-file.ts';
import type { JsonObject } from '../src/core/json.ts';
import { Secret } from '../src/core/secret.ts';
import { thisProcess } from '../src/ledger/process-identity.ts';
import { runCandor } from './support/cli-run.ts';
import { compare } from './support/comparing.ts';
import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { LEGAL_CONFIG, legalQuestion, legalSet } from './support/legal-set.ts';

/*
 * A law firm's route: gpt-4o answers, claude-opus may stand in for it because a comparison has shown that it can,
 * gemini-flash may not. What they cite must be in what they were given.
 */

const PROMPTS = {
  'gpt-4o': 'You are counsel. Answer by the sources alone.',
  'claude-opus':
    'You are counsel to claude-opus clients. Name the decision in full, and nothing that is not in the sources.',
  'gemini-flash': 'You are counsel. Cite the sources.',
};
const CONFIG = LEGAL_CONFIG.replace('    validate:', '    prompts: ./prompts/legal.{model}.md\n    validate:');
const DEGRADED = CONFIG.replace('fallback: certified', 'fallback: degraded');

let directory: string;
let gateway: TestGateway;
let certificate: string;

async function start(config: string): Promise<void> {
  gateway = await startTestGateway({ config, directory });
  const { hostname: host, port } = new URL(gateway.url);
  const run = { ...thisProcess(), host, port: Number(port), url: gateway.url, startedAt: '' };
  writeRunFile(join(directory, 'state'), { ...run, adminToken: new Secret(gateway.adminToken) });
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'candor-legal-'));
  mkdirSync(join(directory, 'prompts'));
  for (const [model, text] of Object.entries(PROMPTS))
    writeFileSync(join(directory, `prompts/legal.${model}.md`), text);
  await start(CONFIG);
});
afterAll(async () => {
  await gateway.close();
  rmSync(directory, { recursive: true });
});

interface Asked {
  readonly status: number;
  readonly headers: Headers;
  readonly body: JsonObject;
  readonly record: JsonObject;
  /** What `candor trace` prints of it. */
  readonly trace: string;
}

async function ask(index: number): Promise<Asked> {
  const response = await gateway.post('/v1/chat/completions', { model: 'legal', messages: [...legalQuestion(index)] });
  const body = (await response.json()) as JsonObject;
  const id = response.headers.get('x-request-id') ?? '';
  const { out } = await runCandor(['trace', id, '--state', join(directory, 'state')], { cwd: directory });
  return {
    status: response.status,
    headers: response.headers,
    body,
    record: (await gateway.record(id)) as JsonObject,
    trace: out,
  };
}

function errorOf({
  body,
}: Asked): JsonObject & { readonly message: string; readonly candor: { readonly refused: readonly JsonObject[] } } {
  return body['error'] as ReturnType<typeof errorOf>;
}

/** What a comparison has shown of the first model that might stand in. */
function standIn(lines: readonly JsonObject[]): { readonly standing: { readonly certificate: string } } {
  const { models } = lines.at(-1) as { readonly models: readonly [unknown, ReturnType<typeof standIn>] };
  return models[1];
}

const break_ = (target: string): unknown =>
  gateway.simulator.control.addFault({ target, fault: 'outage', status: 503 });

test('a comparison certifies claude, and not gemini, which invents decisions', async () => {
  gateway.simulator.control.addFault({ target: 'google', fault: 'invent_citations' });
  const terms = { route: 'legal', confirm: true, concurrency: 8 };
  const lines = await compare(gateway, { ...terms, set: [...legalSet(220)], models: ['gpt-4o', 'claude-opus'] });
  const claude = standIn(lines);
  expect(claude.standing).toMatchObject({ state: 'granted' });
  certificate = claude.standing.certificate;
  const worse = await compare(gateway, { ...terms, set: [...legalSet(12)], models: ['gpt-4o', 'gemini-flash'] });
  expect(standIn(worse)).toMatchObject({
    valid: { passed: 0, failed: 12 },
    metrics: [
      { name: 'refusal', worse: false },
      { name: 'valid', worse: true },
      { name: 'grounded', diff: -1, worse: true },
    ],
    standing: { state: 'collecting', certificate: null },
  });
  gateway.simulator.control.reset();
}, 60_000);

test('while OpenAI is down, claude answers with its own prompt, by its certificate, and is not degraded', async () => {
  break_('openai');
  const asked = await ask(300);
  const { status, headers, body, record, trace } = asked;
  expect(status).toBe(200);
  expect(headers.get('x-candor-served-by')).toBe('anthropic/claude-opus');
  expect(headers.get('x-candor-fallback')).toBe(`?1;reason=upstream_overloaded;certificate=${certificate}`);
  expect([headers.get('x-candor-degraded'), headers.get('x-candor-validation')]).toEqual([null, 'passed']);
  const fallback = { reason: 'upstream_overloaded', certificate };
  expect(body['candor']).toMatchObject({ served_by: 'anthropic/claude-opus', fallback, degraded: null });
  expect(record).toMatchObject({
    fallback,
    degraded: null,
    validation: { verdicts: [{ validator: 'citations', outcome: 'pass' }] },
  });
  const [first, second] = record['attempts'] as readonly (JsonObject & { readonly sent: { readonly body: string } })[];
  expect([first?.['status'], second?.['status']]).toEqual([503, 200]);
  expect(first?.sent.body).toContain(PROMPTS['gpt-4o']);
  expect(second?.sent.body).toContain(PROMPTS['claude-opus']);
  const usually = 'Another model';
  expect(String(first?.sent.body).includes(usually)).toBe(false);
  expect((record['adjustments'] as readonly JsonObject[]).map(({ kind }) => kind)).toContain('brief');
  expect(trace).toContain('FALLBACK upstream_overloaded');
  expect(trace).toContain(certificate);
  expect(trace).toContain('✓ citations pass');
  expect(trace).not.toContain('DEGRADED');
});

test('a dry run calls nobody degraded who has earned it', async () => {
  const response = await gateway.post('/v1/candor/explain', { model: 'legal', messages: [...legalQuestion(300)] });
  const { notes, plan } = (await response.json()) as { notes: readonly string[]; plan: readonly JsonObject[] };
  expect(plan.map(({ deployment }) => deployment)).toContain('anthropic/claude-opus');
  expect(notes.join()).not.toContain('marked degraded');
});

test('with claude down too nobody is left who has earned it: 424, and the missing certificate is named', async () => {
  break_('anthropic');
  const asked = await ask(301);
  expect(asked.status).toBe(424);
  const { code, message, candor } = errorOf(asked);
  expect(code).toBe('no_certified_fallback');
  expect(message).toContain('gpt-4o → gemini-flash (collecting: 12 pairs');
  expect(candor.refused).toMatchObject([
    { deployment: 'google/gemini-flash', rule: 'certificate', need: 'gpt-4o → gemini-flash' },
  ]);
  expect(asked.record).toMatchObject({
    status: 'failed',
    http: 424,
    error: { code: 'no_certified_fallback' },
    served_by: null,
  });
  expect(asked.trace).toMatch(
    /google\/gemini-flash +certificate: needs "gpt-4o → gemini-flash", has "collecting: 12 pairs/,
  );
  expect(asked.trace).toContain('no_certified_fallback');
});

test('a certificate outlives a restart, and what it stands for: another prompt voids it', async () => {
  await gateway.close();
  const prompt = join(directory, 'prompts/legal.claude-opus.md');
  writeFileSync(prompt, `${PROMPTS['claude-opus']} Be brief.`);
  await start(CONFIG);
  break_('openai');
  const voided = await ask(302);
  expect(voided.status).toBe(424);
  expect(errorOf(voided).message).toContain(
    `void: since ${certificate} was granted, something has changed: the template of claude-opus`,
  );
  await gateway.close();
  writeFileSync(prompt, PROMPTS['claude-opus']);
  await start(CONFIG);
  break_('openai');
  expect((await ask(302)).headers.get('x-candor-fallback')).toContain(`certificate=${certificate}`);
});

test('where a degraded fallback is allowed, an invented decision is caught all the same, and named with its place', async () => {
  await gateway.close();
  await start(DEGRADED);
  break_('openai');
  break_('anthropic');
  const marked = await ask(303);
  expect([marked.status, marked.headers.get('x-candor-degraded')]).toEqual([200, '?1;reason=uncertified']);
  gateway.simulator.control.addFault({ target: 'google', fault: 'invent_citations' });
  const asked = await ask(304);
  expect(asked.status).toBe(424);
  const { code, message } = errorOf(asked);
  expect(code).toBe('validation_failed');
  expect(message).toMatch(/citations: \d of \d citations are not in the supplied context \(legal\) \(text:\d+-\d+\)/);
  expect(message).toMatch(/\w+ v\. \w+ Shipping Co/);
  expect(JSON.stringify(asked.record['error'])).not.toContain('Shipping');
  const { verdicts } = (
    asked.record['attempts'] as readonly { readonly validation: { readonly verdicts: readonly JsonObject[] } }[]
  ).at(-1)?.validation ?? { verdicts: [] };
  expect(verdicts).toMatchObject([
    { validator: 'citations', outcome: 'fail', place: expect.stringMatching(/^text:/) as string },
  ]);
  expect(asked.trace).toMatch(/✗ citations fail .*text:\d+-\d+/);
});
