import { basename, dirname, resolve } from 'node:path';

import { diskReader, type ConfigReader } from './config-reader.ts';
import { parseDocumentText } from './document.ts';
import { hookFiles } from './hooks.ts';
import type { HookModules } from './hook-modules.ts';
import { loadConfiguration, type LoadOptions, type LoadResult } from './load.ts';
import { displayNameOf, isConfigModule } from './source.ts';
import type { HookModule } from './typed/evaluated-hooks.ts';
import { textsReader } from './typed/module-sources.ts';

/** Loads a configuration from a file of any kind: YAML, or a module. What of it is a program is evaluated anew each time. */
export async function loadConfigFile(options: LoadOptions): Promise<LoadResult> {
  const { file, cwd } = options;
  if (file === null) return loadConfiguration(options);
  const disk = diskReader(dirname(resolve(cwd, file)));
  if (!isConfigModule(file)) return await loadText({ ...options, file }, disk, disk, new Map(), new Map());
  // Whoever writes YAML does not pay for it.
  const { evaluateConfigModule } = await import('./typed/config-module.ts');
  const path = resolve(cwd, file);
  const module = await evaluateConfigModule(path, displayNameOf(file, cwd));
  const moduleTexts = new Map(module.sources.texts);
  if (!module.ok) {
    const texts = new Map([[basename(path), null], ...module.texts]);
    return { ok: false, diagnostics: module.diagnostics, texts, moduleTexts };
  }
  const own: HookModule = { functions: module.functions, sha256: module.sources.sha256 };
  const modules = new Map([[basename(path), own]]);
  const result = await loadText({ ...options, file }, module.reader, disk, modules, moduleTexts);
  const texts = new Map([...result.texts, ...module.texts]);
  return result.ok
    ? { ...result, warnings: result.warnings.map(module.relocate), texts }
    : { ...result, diagnostics: result.diagnostics.map(module.relocate), texts };
}

/**
 * Loads a configuration from the texts of an earlier load, whatever the disk has by now.
 * @param options its `reader` gives the texts of the config; that of a module is the JSON it came to
 * @param moduleTexts the texts its functions were evaluated from
 */
export async function loadSentConfiguration(
  options: LoadOptions & { readonly file: string; readonly reader: ConfigReader },
  moduleTexts: ReadonlyMap<string, string>,
): Promise<LoadResult> {
  const { file, cwd, reader } = options;
  const sources = textsReader(moduleTexts);
  const modules = new Map<string, HookModule>();
  const path = resolve(cwd, file);
  if (isConfigModule(file) && moduleTexts.has(basename(path))) {
    const { evaluateConfigModule } = await import('./typed/config-module.ts');
    const module = await evaluateConfigModule(path, displayNameOf(file, cwd), { sources, texts: reader });
    const problem = module.ok ? null : (module.diagnostics[0]?.message ?? 'cannot be evaluated');
    const { sha256 } = module.sources;
    modules.set(
      basename(path),
      module.ok ? { functions: module.functions, sha256 } : { problem: problem ?? '', sha256 },
    );
  }
  return await loadText(options, reader, sources, modules, new Map());
}

/** Evaluates the modules that a config's text names, then reads the text. */
async function loadText(
  options: LoadOptions & { readonly file: string },
  reader: ConfigReader,
  sources: ConfigReader,
  own: ReadonlyMap<string, HookModule>,
  moduleTexts: Map<string, string>,
): Promise<LoadResult> {
  const path = resolve(options.cwd, options.file);
  const files = namedModules(reader, path);
  let hooks: HookModules | undefined;
  if (own.size > 0 || files.length > 0) {
    const { evaluateHookModule, hookModules } = await import('./typed/evaluated-hooks.ts');
    const modules = new Map(own);
    for (const name of files) modules.set(name, await evaluateHookModule(path, name, sources, moduleTexts));
    hooks = hookModules(modules);
  }
  return { ...loadConfiguration({ ...options, reader, ...(hooks === undefined ? {} : { hooks }) }), moduleTexts };
}

function namedModules(reader: ConfigReader, path: string): readonly string[] {
  const origin = basename(path);
  const main = reader.read(origin);
  if (!('text' in main) || !main.text.includes('hook')) return [];
  const { root } = parseDocumentText(main.text, origin);
  return root === null ? [] : hookFiles(root, { folder: dirname(path), origin });
}
