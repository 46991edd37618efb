import { AsyncLocalStorage } from 'node:async_hooks';
import { basename, relative, resolve, sep } from 'node:path';

import { isJsonObject } from '../../core/json.ts';
import { diskReader, type ConfigReader } from '../config-reader.ts';
import { parseDocumentText, toJson } from '../document.ts';
import type { AnyConfig, CheckedConfig, ConfigShape, GivenConfig, Sections } from './config-shape.ts';
import { renderDiagnostics } from '../render-diagnostics.ts';

/** What the evaluation of a config module is told, and tells. */
export interface Evaluation {
  /** Folder of the module, where the paths of `yaml()` start. */
  readonly folder: string;
  /** Where `yaml()` reads. */
  readonly reader: ConfigReader;
  /** What `yaml()` has read, by its path from the folder. Grows. */
  readonly texts: Map<string, string>;
}

/** Which module is being evaluated; nothing where one is imported by any other program. */
export const evaluation = new AsyncLocalStorage<Evaluation>();

/**
 * The config of a `candor.config.ts`, in the grammar of `candor.yaml`. Gives back what it is given; the compiler
 * checks that `models.*.at` names providers and `routes.*.try` names models, or `provider/model`, of this config.
 */
export function defineConfig<
  const Providers extends NonNullable<ConfigShape['providers']>,
  const Models extends NonNullable<ConfigShape['models']>,
  const Routes extends NonNullable<ConfigShape['routes']> = {},
  const Rules extends NonNullable<ConfigShape['rules']> = [],
  const Server extends NonNullable<ConfigShape['server']> = {},
>(
  config: GivenConfig<Providers, Models, Routes, Rules, Server> &
    CheckedConfig<Sections<Providers, Models, Routes, Rules, Server>>,
): GivenConfig<Providers, Models, Routes, Rules, Server> {
  return config;
}

/**
 * The content of a YAML file in the grammar of `candor.yaml`, to be spread into `defineConfig`.
 * @param path from the folder of the config module; from the current folder in any other program
 * @throws Error with line and column when the file cannot be read or is not YAML
 */
export function yaml(path: string): AnyConfig {
  const outside = { folder: process.cwd(), reader: diskReader(process.cwd()), texts: null };
  const { folder, reader, texts } = evaluation.getStore() ?? outside;
  const file = resolve(folder, path);
  const name = relative(folder, file).split(sep).join('/');
  const read = reader.read(name);
  if ('problem' in read) throw new Error(`${path} ${read.problem}`);
  texts?.set(name, read.text);
  const { root, problems } = parseDocumentText(read.text, path);
  if (problems.hasErrors) throw new Error(`${path} is not YAML:\n${renderDiagnostics(problems.all())}`);
  const content = root === null ? {} : toJson(root);
  if (!isJsonObject(content)) throw new Error(`${path} (${basename(file)}) must be a map`);
  return content as unknown as AnyConfig;
}
