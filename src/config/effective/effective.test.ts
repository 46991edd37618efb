import fc from 'fast-check';
import { expect, it } from 'vitest';

import { configArbitrary } from '../../../test/support/config-arbitrary.ts';
import { createRegistries } from '../../gateway.ts';
import { parseDocumentText } from '../document.ts';
import { effectiveText } from './effective-text.ts';
import { effectiveValues } from './effective.ts';
import { loadConfiguration, type LoadedConfiguration } from '../load.ts';

const registries = createRegistries();

function load(text: string): LoadedConfiguration {
  const result = loadConfiguration({
    mode: 'serve',
    file: 'candor.yaml',
    reader: { read: (name) => ({ text: name.endsWith('.md') ? 'Be brief.' : text }) },
    environment: {},
    secretReferencesOnly: true,
    allowSim: true,
    registries,
    cwd: '/',
  });
  if (!result.ok) throw new Error(`${JSON.stringify(result.diagnostics, null, 2)}\n${text}`);
  return result;
}

function effective(text: string): string {
  const { root } = parseDocumentText(text, 'candor.yaml');
  if (root === null) throw new Error(text);
  const { configuration } = load(text);
  const values = { configuration, root, kinds: registries.providers, options: new Map(), wallTime: Date.now() };
  return effectiveText(effectiveValues(values));
}

it('what is in force, written down, is the same configuration', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(configArbitrary, (config) => {
      const text = JSON.stringify(config);
      const asWritten = load(effective(text)).configuration;
      const { hash, server } = load(text).configuration;
      expect({ hash: asWritten.hash, server: asWritten.server }).toEqual({ hash, server });
    }),
    { numRuns: 100, seed: 20_261_122 },
  );
});

it('an objective for the first token is where its limit comes from', () => {
  const text = `providers: { openai: { sim: true } }
models: { gpt-4o: { at: openai } }
routes: { r: { try: [gpt-4o], slo: { ttft_p95: 2s } } }
rules: [{ when: stream, route: r }, { route: r }]
`;
  const shown = effective(text);
  expect(shown).toMatch(/first_token: 6s +# 3 × slo\.ttft_p95/);
  expect(shown).toMatch(/slo:\n +ttft_p95: 2s +# candor\.yaml:3/);
  expect(shown).toMatch(/^rules: \[\{ when: stream, route: r \}, \{ route: r \}\] +# candor\.yaml:4$/m);
});
