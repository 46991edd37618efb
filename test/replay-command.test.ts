import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { writeRunFile } from '../src/cli/run-file.ts';
import { Secret } from '../src/core/secret.ts';
import { thisProcess } from '../src/ledger/process-identity.ts';
import { runCandor, type CliOutcome } from './support/cli-run.ts';
import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { replaySchema } from './support/http-schemas.ts';
import { QUESTION, REPLAYED } from './support/replayed.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway(REPLAYED);
});
afterAll(() => gateway.close());

async function ask(body: object = {}): Promise<string> {
  const response = await gateway.post('/v1/chat/completions', { ...QUESTION, ...body });
  await response.text();
  return response.headers.get('x-request-id') ?? '';
}

async function run(args: readonly string[], key?: string): Promise<CliOutcome> {
  const state = join(gateway.directory, 'state');
  const { hostname, port } = new URL(gateway.url);
  const address = { host: hostname, port: Number(port), url: gateway.url, startedAt: '' };
  writeRunFile(state, { ...thisProcess(), ...address, adminToken: new Secret(gateway.adminToken) });
  const keyboard = {
    listen: (onKey: (key: string) => void) => {
      queueMicrotask(() => onKey(key ?? ''));
      return () => undefined;
    },
  };
  return runCandor([...args, '--state', state], {
    cwd: gateway.directory,
    ...(key === undefined ? {} : { keyboard }),
  });
}

async function replays(): Promise<number> {
  const response = await fetch(`${gateway.url}/v1/generations?limit=100&aside=replay`);
  return ((await response.json()) as { data: unknown[] }).data.length;
}

test('says the price, asks again, and shows both side by side', async () => {
  const id = await ask();
  const { exitCode, out, said } = await run(['replay', id, '--model', 'claude-opus']);
  expect({ exitCode, said }).toEqual({
    exitCode: 0,
    said: expect.stringMatching(/^ asks anthropic\/claude-opus for about \$0\.\d+, at most \$\d/) as string,
  });
  expect(out).toMatch(/original +gpt-4o {2}SIMULATED {2}/);
  expect(out).toMatch(/now +claude-opus {2}SIMULATED {2}/);
  expect(out).toContain('prompts/extract.claude-opus.md');
  expect(out).toMatch(/checks +✓ 1 → ✓ 1/);
  expect(out).toMatch(/conf +unknown → unknown/);
  expect(out).toMatch(new RegExp(`candor trace ${id} +candor trace gen_`));
  const json = await run(['replay', id, '--json']);
  expect(replaySchema.parse(JSON.parse(json.out))).toMatchObject({ replay_of: id, agreement: 1 });
});

test('spends more than a little only when it is told to', async () => {
  const id = await ask({ messages: [{ role: 'user', content: `Extract: ${'chairs '.repeat(40_000)}` }] });
  const before = await replays();
  const refusal = await run(['replay', id]);
  expect([refusal.exitCode, refusal.out]).toEqual([2, '']);
  expect(refusal.said).toContain('nothing was asked: add --yes to spend that');
  expect((await run(['replay', id], 'n')).exitCode).toBe(0);
  expect(await replays()).toBe(before);
  expect((await run(['replay', id], 'y')).exitCode).toBe(0);
  expect((await run(['replay', id, '--yes'])).exitCode).toBe(0);
  expect(await replays()).toBe(before + 2);
});

test('refuses what it cannot run before anything is asked', async () => {
  const id = await ask();
  const before = await replays();
  const unknown = await run(['replay', id, '--model', 'claude-opsu']);
  expect([unknown.exitCode, unknown.said]).toEqual([2, expect.stringContaining('did you mean `claude-opus`')]);
  expect((await run(['replay', 'gen_01M82000000000000000000001'])).exitCode).toBe(1);
  expect((await run(['replay', id, '--config', 'later'])).exitCode).toBe(2);
  expect(await replays()).toBe(before);
});

test('trace and the page tell of what it is a replay, tail shows it where it is asked for', async () => {
  const id = await ask();
  const replayed = await gateway.post(`/v1/generations/${id}/replay`, { model: 'claude-opus' });
  const { id: again } = (await replayed.json()) as { id: string };
  const told = `replay of ${id}, asked by Candor itself`;
  expect((await run(['trace', again])).out).toContain(told);
  const page = await (await fetch(`${gateway.url}/r/${again}`)).text();
  expect(page).toContain(told);
  expect(page).toContain('brief: ');
  expect(page).toContain('✓ truncation pass');
  const { out } = await run(['tail', '--no-follow', '--limit', '1000']);
  expect([out.includes(id), out.includes(again)]).toEqual([true, false]);
  const all = await run(['tail', '--no-follow', '--limit', '1000', '--asides']);
  expect(all.out).toContain(told);
  expect((await run(['usage', '--since', '1d'])).out).toMatch(/besides, Candor itself asked (?:once|\d+ times): \$/);
});

test('what a judge costs is counted once', async () => {
  const response = await gateway.post('/v1/chat/completions', { ...QUESTION, model: 'judged' });
  const { cost, asides } = (await gateway.record(response.headers.get('x-request-id') ?? '')) as {
    cost: number;
    asides: readonly { cost: number }[];
  };
  const { out } = await run(['usage', '--since', '1d', '--json']);
  const usage = JSON.parse(out) as {
    groups: readonly { name: string; cost: number }[];
    asides: { cost: number };
    within: { requests: number; cost: number };
  };
  expect(usage.groups.find(({ name }) => name === 'judged')).toMatchObject({ requests: 1, cost });
  expect(usage.within).toMatchObject({ requests: 1, cost: asides[0]?.cost });
  const replayed = await fetch(`${gateway.url}/v1/generations?limit=100&aside=replay`);
  const { data } = (await replayed.json()) as { data: readonly { cost: number }[] };
  expect(usage.asides.cost).toBeCloseTo(
    data.reduce((sum, each) => sum + each.cost, 0),
    9,
  );
  expect((await run(['usage', '--since', '1d'])).out).toContain('in these costs, Candor asked judges');
});

test('says where judges are asked too, whose cost nobody knows beforehand', async () => {
  const { exitCode, said } = await run(['replay', await ask({ model: 'judged' })]);
  expect(exitCode).toBe(2);
  expect(said).toMatch(/ asks openai\/gpt-4o for about .*, and others about the answer, nobody knows how much at most/);
});
