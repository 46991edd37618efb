import { dirname, resolve } from 'node:path';

import type { ConfigReader } from '../config-reader.ts';
import type { FoundFunction, HookModules } from '../hook-modules.ts';
import { evaluation } from './define-config.ts';
import { inTime } from './evaluation-time.ts';
import { faultPlace } from './fault-place.ts';
import { importAnew } from './import-module.ts';
import { moduleSources } from './module-sources.ts';

/** The functions of one module, or why it has none: the end of a sentence. */
export type HookModule = { readonly sha256: string } & (
  | { readonly functions: ReadonlyMap<string, unknown> }
  | { readonly problem: string }
);

/** Functions by their modules. */
export function hookModules(modules: ReadonlyMap<string, HookModule>): HookModules {
  return {
    find(name, path): FoundFunction {
      const module = modules.get(name);
      if (module === undefined) return { problem: 'was not evaluated', names: [] };
      if ('problem' in module) return { problem: module.problem, names: [] };
      const run = module.functions.get(path);
      if (typeof run === 'function') return { run: run as (...given: readonly never[]) => unknown };
      const names = [...module.functions.keys()];
      const list = names.length === 0 ? 'no function at all' : names.join(', ');
      return { problem: `exports no function "${path}": it has ${list}`, names };
    },
    sha256: (name) => modules.get(name)?.sha256 ?? '',
  };
}

/**
 * Evaluates a module of functions anew.
 * @param file absolute path of the config file; @param name the module's path from its folder
 * @param reader where its texts come from; those it was evaluated from are added to `texts`
 */
export async function evaluateHookModule(
  file: string,
  name: string,
  reader: ConfigReader,
  texts: Map<string, string>,
): Promise<HookModule> {
  const folder = dirname(file);
  const sources = moduleSources(name, reader);
  const { sha256 } = sources;
  for (const [path, text] of sources.texts) texts.set(path, text);
  if (!sources.texts.has(name)) {
    const read = reader.read(name);
    return { sha256, problem: 'problem' in read ? read.problem : 'cannot be read' };
  }
  const path = resolve(folder, name);
  try {
    const evaluated = (): Promise<Readonly<Record<string, unknown>>> => importAnew(path, { folder, ...sources });
    const exported = await evaluation.run({ folder, reader, texts: new Map() }, () => inTime(evaluated()));
    return { sha256, functions: new Map(Object.entries(exported).filter(([, value]) => typeof value === 'function')) };
  } catch (error) {
    const { line, message } = faultPlace(error, path);
    return { sha256, problem: `cannot be evaluated: ${message} (line ${line})` };
  }
}
