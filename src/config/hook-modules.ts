import { textName } from './config-reader.ts';
import { isPath } from './side-file.ts';
import { isConfigModule } from './source.ts';

type AnyFunction = (...given: readonly never[]) => unknown;

/** A function, or why there is none: the end of a sentence that begins with the module. */
export type FoundFunction =
  | { readonly run: AnyFunction }
  | { readonly problem: string; readonly names: readonly string[] };

/** The functions a configuration may name. They are evaluated before it is read. */
export interface HookModules {
  /** @param path `hooks.task` in a config module, the name of an export in any other */
  find(module: string, path: string): FoundFunction;
  /** SHA-256 over the module and what it imports by a relative path. */
  sha256(module: string): string;
}

/** Where a function is: its module, as a path from the config's folder, and its place in it. */
export interface HookReference {
  readonly module: string;
  readonly path: string;
}

/** Where the function is that `hook` names: `./file.ts#export`, or a name under `hooks.validate` of the config module; `null`: neither. */
export function readReference(
  written: string,
  { folder, origin }: { readonly folder: string; readonly origin: string },
): HookReference | null {
  const [file = '', name, ...others] = written.split('#');
  if (others.length > 0) return null;
  if (name !== undefined) {
    return isPath(file) && isConfigModule(file) && /^[\p{L}_$][\p{L}\d_$]*$/u.test(name)
      ? { module: textName(folder, file), path: name }
      : null;
  }
  return isConfigModule(origin) && file !== '' ? { module: origin, path: `hooks.validate.${file}` } : null;
}

/** Stands in for functions that are not kept, so that a configuration can be looked at. @param sources SHA-256 by module */
export function keptHookModules(sources: Readonly<Record<string, string>>): HookModules {
  const run = (): never => {
    throw new TypeError('the functions of a configuration are not kept');
  };
  return {
    find: (module) => (Object.hasOwn(sources, module) ? { run } : { problem: 'is not in the snapshot', names: [] }),
    sha256: (module) => sources[module] ?? '',
  };
}
