import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { writeRunFile } from '../src/cli/run-file.ts';
import { Secret } from '../src/core/secret.ts';
import { thisProcess } from '../src/ledger/process-identity.ts';
import { runCandor, type CliOutcome } from './support/cli-run.ts';
import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { explanationSchema } from './support/http-schemas.ts';
import { simulatedConfig } from './support/simulated-config.ts';

const CONFIG = `${simulatedConfig(['pair: { try: [gpt-4o, claude-haiku], fallback: degraded }'])}rules:
  - { when: 'tags.team == "legal"', route: pair }
`;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ config: CONFIG });
  const { hostname: host, port } = new URL(gateway.url);
  const run = { ...thisProcess(), host, port: Number(port), url: gateway.url, startedAt: '' };
  writeRunFile(join(gateway.directory, 'state'), { ...run, adminToken: new Secret(gateway.adminToken) });
});
afterAll(() => gateway.close());

const explain = (...words: readonly string[]): Promise<CliOutcome> =>
  runCandor(['explain', ...words, '--state', join(gateway.directory, 'state')], { cwd: gateway.directory });

test('a plan, and exit code 4 where it leaves nobody', async () => {
  const plain = await explain('pair', '--tokens', '1800');
  expect(plain).toMatchObject({ exitCode: 0, said: '' });
  expect(plain.out).toMatch(/plan +1 openai\/gpt-4o\n/);
  expect(plain.out).toContain('the prompt at openai/gpt-4o: 1800 tokens (exactly)');
  const out = await explain('pair', '--if', 'outage=openai,outage=anthropic');
  expect(out.exitCode).toBe(4);
  expect(out.out).toContain('nobody: 503 no_available_deployment');
  const unruled = await explain('auto');
  expect(unruled.exitCode).toBe(4);
  expect(unruled.out).toMatch(/asked +auto \(no rule matches\)\n rules +✗ candor\.yaml:16 .* failed: /);
});

test('what it prints as JSON is the explanation itself', async () => {
  const { out, exitCode } = await explain('pair', '--json', '--if', 'clock=14:00@Asia/Shanghai,price.openai.in=0.5');
  expect(exitCode).toBe(0);
  expect(explanationSchema.parse(JSON.parse(out)).candidates[0]?.price?.in).toBe(0.5);
});

test('a recorded request, and where it would go now', async () => {
  const messages = [{ role: 'user', content: 'Hello' }];
  const answer = await gateway.post(
    '/v1/chat/completions',
    { model: 'pair', messages },
    { 'x-candor-sim': 'openai=503' },
  );
  const id = answer.headers.get('x-request-id') ?? '';
  const { out, exitCode } = await explain(id);
  expect(exitCode).toBe(0);
  expect(out).toContain(`${id} as its record tells it.`);
  expect(out).toMatch(/it ended with 200\n/);
  expect(out).toMatch(/now +1 openai\/gpt-4o {2}2 anthropic\/claude-haiku +\(as then\)/);
  const refused = await gateway.post('/v1/chat/completions', { model: 'nobody', messages });
  expect((await explain(refused.headers.get('x-request-id') ?? '')).exitCode).toBe(0);
});

test.each([
  ['a what-if beside a recorded request', ['gen_01M82000000000000000000002', '--if', 'outage=openai'], 2, 'leave out'],
  ['a word that does not exist', ['pair', '--if', 'outge=openai'], 1, 'did you mean `outage`'],
  ['an unknown route', ['pare'], 1, 'did you mean `pair`'],
])('refuses %s', async (_name, words, exitCode, said) => {
  const outcome = await explain(...words);
  expect(outcome.exitCode).toBe(exitCode);
  expect(outcome.said).toContain(said);
});
