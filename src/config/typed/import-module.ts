import { readFileSync, realpathSync } from 'node:fs';
import module from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** What Node 22.15 and later have; the types of the oldest supported Node do not know it. */
interface ModuleHooks {
  readonly registerHooks?: (hooks: {
    resolve(
      specifier: string,
      context: { readonly parentURL?: string },
      next: (specifier: string, context: unknown) => { readonly url: string },
    ): { readonly url: string; readonly shortCircuit?: boolean };
    load(url: string, context: unknown, next: (url: string, context: unknown) => LoadedSource): LoadedSource;
  }) => { deregister(): void };
}

interface LoadedSource {
  readonly format: string;
  readonly source?: unknown;
  readonly shortCircuit?: boolean;
}

/** The texts a module is evaluated from, whatever the disk has by then. */
export interface ImportSources {
  /** Absolute path of the config's folder. */
  readonly folder: string;
  /** By path from that folder. */
  readonly texts: ReadonlyMap<string, string>;
}

/** This package, under whichever path it runs. */
const OWN_PACKAGE = new URL(import.meta.url.endsWith('.ts') ? '../../index.ts' : '../../index.js', import.meta.url)
  .href;

/**
 * Evaluates a module and what it imports anew, and gives what it exports. `candor` is this very package, installed
 * beside the module or not. TypeScript is read by Node where it can, else by a compiler that is loaded only then.
 * @param file absolute path
 * @throws whatever the module throws; SyntaxError; Error when a text that only the disk can give is another by now
 */
export async function importAnew(file: string, sources: ImportSources): Promise<Readonly<Record<string, unknown>>> {
  const { registerHooks } = module as ModuleHooks;
  const readsTypes = Boolean((process.features as { readonly typescript?: unknown }).typescript);
  const texts = textsByPath(sources);
  return registerHooks !== undefined && (readsTypes || /\.m?js$/.test(file))
    ? await importByNode(file, texts, registerHooks)
    : await importByCompiler(file, texts);
}

/** Under the paths that a loader may know the files by. */
function textsByPath({ folder, texts }: ImportSources): ReadonlyMap<string, string> {
  const byPath = new Map<string, string>();
  for (const [name, text] of texts) {
    const path = resolve(folder, name);
    byPath.set(path, text);
    byPath.set(realPath(path), text);
  }
  return byPath;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

async function importByNode(
  file: string,
  texts: ReadonlyMap<string, string>,
  registerHooks: NonNullable<ModuleHooks['registerHooks']>,
): Promise<Readonly<Record<string, unknown>>> {
  // Node keeps every module it has evaluated by its URL.
  const version = `?at=${process.hrtime.bigint()}`;
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      if (specifier === 'candor') return { url: OWN_PACKAGE, shortCircuit: true };
      const resolved = next(specifier, context);
      const isOwn = context.parentURL?.endsWith(version) === true && resolved.url.startsWith('file:');
      return isOwn && !resolved.url.includes('/node_modules/')
        ? { ...resolved, url: resolved.url + version }
        : resolved;
    },
    load(url, context, next) {
      const text = url.endsWith(version) ? texts.get(fileURLToPath(url.slice(0, -version.length))) : undefined;
      // Node would tell the format by the text on the disk, which may be half written by now.
      const format = text === undefined ? null : formatOf(url, text);
      if (text !== undefined && format !== null) return { format, source: text, shortCircuit: true };
      const loaded = next(url, context);
      return text === undefined ? loaded : { ...loaded, source: text };
    },
  });
  try {
    return (await import(pathToFileURL(file).href + version)) as Readonly<Record<string, unknown>>;
  } finally {
    hooks.deregister();
  }
}

/** Node's word for a text that is an ES module; `null` for any other. */
function formatOf(url: string, text: string): string | null {
  if (!/\.m?[jt]s\?/.test(url) || !/^\s*(?:import|export)\b/m.test(text)) return null;
  return /\.m?ts\?/.test(url) ? 'module-typescript' : 'module';
}

async function importByCompiler(
  file: string,
  texts: ReadonlyMap<string, string>,
): Promise<Readonly<Record<string, unknown>>> {
  const { createJiti } = await import('jiti');
  const options = { fsCache: false, moduleCache: false, interopDefault: false };
  const compiler = createJiti(import.meta.url, options);
  const alias = { candor: fileURLToPath(OWN_PACKAGE) };
  const compiled = new Set<string>();
  const transform = (given: Parameters<typeof compiler.transform>[0]): { readonly code: string } => {
    const { filename = '' } = given;
    compiled.add(filename);
    return { code: compiler.transform({ ...given, source: texts.get(filename) ?? given.source }) };
  };
  const imported = await createJiti(import.meta.url, { ...options, alias, transform }).import(file);
  for (const [path, text] of texts) {
    if (!compiled.has(path) && !compiled.has(realPath(path))) requireSame(path, text);
  }
  return imported as Readonly<Record<string, unknown>>;
}

/** JSON and CommonJS do not go through the compiler. */
function requireSame(path: string, text: string): void {
  if (!/\.(?:json|c?js)$/.test(path) || readFileSync(path, 'utf8') === text) return;
  throw new Error(`${path} has changed since the config was read`);
}
