import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { writeRunFile } from '../src/cli/run-file.ts';
import type { Terminal } from '../src/cli/terminal.ts';
import type { JsonObject } from '../src/core/json.ts';
import { Secret } from '../src/core/secret.ts';
import { thisProcess } from '../src/ledger/process-identity.ts';
import { runCandor, type CliOutcome } from './support/cli-run.ts';
import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { LEGAL_CONFIG, legalSet } from './support/legal-set.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ config: LEGAL_CONFIG });
  const { hostname: host, port } = new URL(gateway.url);
  const run = { ...thisProcess(), host, port: Number(port), url: gateway.url, startedAt: '' };
  writeRunFile(join(gateway.directory, 'state'), { ...run, adminToken: new Secret(gateway.adminToken) });
  writeFileSync(
    join(gateway.directory, 'set.jsonl'),
    `${legalSet(6)
      .map((item) => JSON.stringify(item))
      .join('\n')}\n\n`,
  );
  writeFileSync(join(gateway.directory, 'bad.jsonl'), '{"messages": []}\n[1]\n');
});
afterAll(() => gateway.close());

function candor(words: readonly string[], terminal: Partial<Terminal> = {}): Promise<CliOutcome> {
  const state = join(gateway.directory, 'state');
  return runCandor(['compare', ...words, '--state', state], { cwd: gateway.directory, ...terminal });
}

async function recorded(): Promise<number> {
  const page = (await (await fetch(`${gateway.url}/v1/generations?limit=100&aside=any`)).json()) as {
    data: readonly unknown[];
  };
  return page.data.length;
}

/** A terminal at which somebody presses that key. */
function pressing(key: string): Partial<Terminal> {
  return {
    interactive: true,
    keyboard: {
      listen(onKey) {
        queueMicrotask(() => onKey(key));
        return () => undefined;
      },
    },
  };
}

const SET = ['legal', '--set', 'set.jsonl', '--models', 'gpt-4o,claude-opus'];
const ESTIMATE = `  6 requests of the set × 2 models, each asked anew; reference gpt-4o
  est. $`;

describe('the price comes first', () => {
  test('and without a yes nothing is asked', async () => {
    const { exitCode, out, said } = await candor(SET);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(said).toContain(ESTIMATE);
    expect(said).toMatch(
      /est\. \$0\.0\d+ \(likely \$0\.\d+ to \$\d.*\); answers of gpt-4o, claude-opus taken to have 400 tokens\n/,
    );
    expect(said).toContain('candor: nothing was asked: add --yes to spend that\n');
    expect(await recorded()).toBe(0);
  });

  test('a person is asked', async () => {
    const { exitCode, out, said } = await candor(SET, pressing('n'));
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: '' });
    expect(said.endsWith('continue? [y/N] no\n')).toBe(true);
    expect(await recorded()).toBe(0);
  });

  test('and a higher one than --max-cost is refused', async () => {
    const { exitCode, said } = await candor([...SET, '--yes', '--max-cost', '$0.001']);
    expect(exitCode).toBe(1);
    expect(said).toContain('--max-cost allows $0.001: nothing was asked');
    expect(await recorded()).toBe(0);
  });

  test('nothing recorded is nothing to compare', async () => {
    expect(await candor(['legal', '--yes'])).toMatchObject({
      exitCode: 1,
      said: expect.stringContaining('there are no recorded requests of the route legal whose text is kept') as string,
    });
  });
});

test('a table, and what it is evidence for; the bar is for people', async () => {
  const { exitCode, out, said } = await candor(SET, pressing('y'));
  expect(exitCode).toBe(0);
  const [titles, gpt, claude, spent, standing] = out.split('\n');
  expect(titles).toMatch(/^ +valid  agree \(95% CI\)  refused +TTFT p50\/p95  tok\/s  \$\/1k req$/);
  expect(gpt).toMatch(/^ {2}gpt-4o +6\/6  – +0  0\.\d\d s\/0\.\d\d s +(?:\d+|–) +\d+\.\d\d$/);
  expect(claude).toMatch(/^ {2}claude-opus +6\/6 /);
  expect(spent).toMatch(/^ {2}6 requests asked, \$0\.0\d+ spent$/);
  expect(standing).toMatch(
    /^ {2}✗ claude-opus may not stand in for gpt-4o on legal \(collecting: 6 pairs; .*\); pairs without a difference needed yet: refusal 210, valid 210, grounded 210$/,
  );
  expect(said).toContain('\r\u001b[K  ████████████████████████ 6/6  $');
  expect((await candor([...SET, '--yes'])).said).not.toContain('\r');
});

test('ends with 1 where a model is worse than it may be, or agrees less than is wanted, and shows the worst answers', async () => {
  gateway.simulator.control.addFault({ target: 'google', fault: 'invent_citations' });
  const worse = await candor(['legal', '--set', 'set.jsonl', '--models', 'gpt-4o,gemini-flash', '--yes']);
  gateway.simulator.control.reset();
  expect(worse.exitCode).toBe(1);
  expect(worse.said).toContain('candor: gemini-flash is worse by more than the margin: valid, grounded\n');
  const [from, to] = /(gen_\w+) → (gen_\w+)/.exec(worse.out)?.slice(1) ?? [];
  expect(await gateway.record(from ?? '')).toMatchObject({ served_by: 'openai/gpt-4o', aside: { purpose: 'compare' } });
  expect(await gateway.record(to ?? '')).toMatchObject({
    error: { code: 'validation_failed' },
    aside: { purpose: 'compare' },
  });
  const unsure = await candor([...SET, '--yes', '--fail-under', '0.9']);
  expect(unsure).toMatchObject({
    exitCode: 1,
    said: expect.stringMatching(/claude-opus agrees as far as nobody can tell, and 0\.9 is wanted/) as string,
  });
});

test('ends with 1 where nobody answered, as that is no evidence', async () => {
  gateway.simulator.control.addFault({ target: 'anthropic', fault: 'outage', status: 503 });
  const { exitCode, out, said } = await candor([...SET, '--yes']);
  gateway.simulator.control.reset();
  expect(exitCode).toBe(1);
  expect(out).toMatch(/claude-opus +– .* no answer: 6 upstream_overloaded\n/);
  expect(said).toContain('candor: nothing can be said of claude-opus: no request was answered twice\n');
});

test('--json prints the result alone', async () => {
  const { exitCode, out } = await candor([...SET, '--yes', '--json', '--concurrency', '4']);
  expect(exitCode).toBe(0);
  expect(JSON.parse(out) as JsonObject).toMatchObject({
    object: 'comparison',
    route: 'legal',
    items: 6,
    stopped: null,
    models: [{}, { pairs: 6 }],
  });
});

test('what it cannot do is said, with exit code 2; 3 without a gateway', async () => {
  const words = [
    [['leagl'], /there is no route `leagl`: did you mean `legal`\?/],
    [
      ['legal', '--models', 'gpt-4o,claude-ops'],
      /the route `legal` has no model `claude-ops`: did you mean `claude-opus`/,
    ],
    [['legal', '--set', 'bad.jsonl'], /bad\.jsonl:2 is no JSON object/],
    [['legal', '--set', 'none.jsonl'], /none\.jsonl cannot be read \(ENOENT\)/],
    [['legal', '--set', 'set.jsonl', '--last', '5'], /use one of --last and --set/],
    [['legal', '--fail-under', '2'], /write a share from 0 to 1/],
  ] as const;
  for (const [given, message] of words) {
    const { exitCode, said } = await candor(given);
    expect([exitCode, said]).toEqual([2, expect.stringMatching(message)]);
  }
  expect((await runCandor(['compare', 'legal'], { cwd: gateway.directory })).exitCode).toBe(3);
});
