import fc from 'fast-check';
import { expect } from 'vitest';

import { formatConfig } from '../../src/config/format/format.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import { createRegistries } from '../../src/gateway.ts';
import { configArbitrary } from './config-arbitrary.ts';
import { hand, messyYaml } from './messy-yaml.ts';

/** The text in its canonical form. @throws Error when it has none */
export function formatted(text: string): string {
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
    reader: { read: (name) => ({ text: name.endsWith('.md') ? 'Be brief.' : text }) },
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

/** So many configs of a seed, written untidily, have one form each, which says the same and keeps every comment. */
export function expectOneForm({ configs, seed }: { readonly configs: number; readonly seed: number }): void {
  fc.assert(
    fc.property(configArbitrary, hand, (config, decide) => {
      const messy = messyYaml(config, decide);
      const tidy = formatted(messy);
      expect(formatted(tidy)).toBe(tidy);
      expect(hash(tidy)).toBe(hash(messy));
      expect(comments(tidy)).toEqual(comments(messy));
    }),
    { numRuns: configs, seed },
  );
}
