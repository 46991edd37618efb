import module from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** What Node 22.15 and later have; the types of the oldest supported Node do not know it. */
interface ModuleHooks {
  readonly registerHooks?: (hooks: {
    resolve(
      specifier: string,
      context: { readonly parentURL?: string },
      next: (specifier: string, context: unknown) => { readonly url: string },
    ): { readonly url: string; readonly shortCircuit?: boolean };
  }) => { deregister(): void };
}

/** This package, under whichever path it runs. */
const OWN_PACKAGE = new URL(import.meta.url.endsWith('.ts') ? '../../index.ts' : '../../index.js', import.meta.url)
  .href;

/**
 * Evaluates a module and what it imports anew, and gives its default export. `candor` is this very package, installed
 * beside the module or not. TypeScript is read by Node where it can, else by a compiler that is loaded only then.
 * @param file absolute path
 * @throws whatever the module throws; SyntaxError
 */
export async function importAnew(file: string): Promise<unknown> {
  const { registerHooks } = module as ModuleHooks;
  const readsTypes = Boolean((process.features as { readonly typescript?: unknown }).typescript);
  const imported =
    registerHooks !== undefined && (readsTypes || /\.m?js$/.test(file))
      ? await importByNode(file, registerHooks)
      : await importByCompiler(file);
  return await (imported as { readonly default?: unknown }).default;
}

async function importByNode(file: string, registerHooks: NonNullable<ModuleHooks['registerHooks']>): Promise<unknown> {
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
  });
  try {
    return await import(pathToFileURL(file).href + version);
  } finally {
    hooks.deregister();
  }
}

async function importByCompiler(file: string): Promise<unknown> {
  const { createJiti } = await import('jiti');
  const alias = { candor: fileURLToPath(OWN_PACKAGE) };
  return createJiti(import.meta.url, { alias, fsCache: false, moduleCache: false, interopDefault: false }).import(file);
}
