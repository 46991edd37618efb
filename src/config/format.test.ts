import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { configArbitrary } from '../../test/support/config-arbitrary.ts';
import { hand, messyYaml } from '../../test/support/messy-yaml.ts';
import { createRegistries } from '../gateway.ts';
import { formatConfig } from './format.ts';
import { loadConfiguration } from './load.ts';

function formatted(text: string): string {
  const result = formatConfig(text);
  if (!result.ok) throw new Error(`${result.reason}:\n${text}`);
  return result.text;
}

const registries = createRegistries();

/** The hash of a text that stands in no file. */
function hash(text: string): string {
  const result = loadConfiguration({
    mode: 'dev',
    file: 'candor.yaml',
    reader: { read: () => ({ text }) },
    environment: { OPENAI_API_KEY: 'x' },
    registries,
    cwd: '/',
  });
  if (!result.ok) throw new Error(`${JSON.stringify(result.diagnostics, null, 2)}\n${text}`);
  return result.configuration.hash;
}

function comments(text: string): readonly string[] {
  return (text.match(/# (?:\d+: why.*|yaml-language-server.*|the last word)$/gm) ?? []).toSorted();
}

describe('any config, however untidy', () => {
  it('has one form, which says the same and keeps every comment', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(configArbitrary, hand, (config, decide) => {
        const messy = messyYaml(config, decide);
        const tidy = formatted(messy);
        expect(formatted(tidy)).toBe(tidy);
        expect(hash(tidy)).toBe(hash(messy));
        expect(comments(tidy)).toEqual(comments(messy));
      }),
      { numRuns: 200 },
    );
  });
});
