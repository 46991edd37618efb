import { basename, resolve } from 'node:path';

import { loadConfiguration, type LoadOptions, type LoadResult } from './load.ts';
import { displayNameOf, isConfigModule } from './source.ts';

/**
 * Loads a configuration from a file of any kind: YAML, or a module that is evaluated anew each time.
 * With a reader in the options nothing is evaluated: it gives the text that an evaluation gave before.
 */
export async function loadConfigFile(options: LoadOptions): Promise<LoadResult> {
  const { file, cwd } = options;
  if (file === null || options.reader !== undefined || !isConfigModule(file)) return loadConfiguration(options);
  // Whoever writes YAML does not pay for it.
  const { evaluateConfigModule } = await import('./typed/config-module.ts');
  const path = resolve(cwd, file);
  const module = await evaluateConfigModule(path, displayNameOf(file, cwd));
  if (!module.ok) return { ...module, texts: new Map([[basename(path), null], ...module.texts]) };
  const result = loadConfiguration({ ...options, reader: module.reader });
  const texts = new Map([...result.texts, ...module.texts]);
  return result.ok
    ? { ...result, warnings: result.warnings.map(module.relocate), texts }
    : { ...result, diagnostics: result.diagnostics.map(module.relocate), texts };
}
