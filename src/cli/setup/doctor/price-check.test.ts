import { describe, expect, test } from 'vitest';

import { loadConfiguration } from '../../../config/load.ts';
import type { Configuration } from '../../../core/route.ts';
import { createRegistries } from '../../../gateway.ts';
import { checkPrices, oldPricesLine } from './price-check.ts';

const READ_MS = Date.parse('2026-09-23');
const DAY_MS = 86_400_000;

function configuration(text: string): Configuration {
  const loaded = loadConfiguration({
    mode: 'serve',
    file: 'candor.yaml',
    reader: { read: () => ({ text }) },
    environment: {},
    secretReferencesOnly: true,
    allowSim: true,
    registries: createRegistries(),
    cwd: '/',
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics));
  return loaded.configuration;
}

const models = (provider: string, price = ''): Configuration =>
  configuration(`providers: { openai: { ${provider} } }
models: { gpt-4o: { at: openai${price} }, gpt-5: { at: openai${price} } }
`);

describe('list prices that were not looked up for long', () => {
  const real = models('key: env:KEY');

  test('are told of in one line, with what to do', () => {
    const line = oldPricesLine(real, READ_MS + 31 * DAY_MS);
    expect(line).toMatch(/^the list prices are 31 days old \(2026-09-23\).*: install the newest Candor/);
    expect(line).not.toContain('\n');
    expect(checkPrices(real, READ_MS + 31 * DAY_MS)).toMatchObject({
      outcome: 'warning',
      cause: 'What answers of gpt-4o, gpt-5 cost may be wrong by now.',
    });
  });

  test.each([
    ['for a month', real, 30],
    ['where all is simulated', models('sim: true'), 400],
    ['where the config says the price', models('key: env:KEY', ', price: { in: 1, out: 2, as_of: 2026-09-01 }'), 400],
  ])('are nothing to tell of %s', (_name, own, days) => {
    expect(oldPricesLine(own, READ_MS + days * DAY_MS)).toBeNull();
    expect(checkPrices(own, READ_MS + days * DAY_MS).outcome).toBe('ok');
  });
});
