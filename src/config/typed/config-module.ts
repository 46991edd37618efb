import { basename, dirname } from 'node:path';

import { diskReader, type ConfigReader } from '../config-reader.ts';
import { evaluation, type Evaluation } from './define-config.ts';
import { Problems, type Diagnostic } from '../diagnostic.ts';
import { inTime } from './evaluation-time.ts';
import { faultPlace } from './fault-place.ts';
import { partConfig } from './hook-references.ts';
import { importAnew, type ImportSources } from './import-module.ts';
import { jsonOnLines } from './layout.ts';
import { literalLines, pathKey, type LiteralLines } from './literal-lines.ts';
import { moduleSources, type ModuleSources } from './module-sources.ts';
import { plainValue, type PlainValue, type Refusal } from './plain-value.ts';
import { redactedLines } from '../redact.ts';
import { relocated, wholeLine } from './relocate.ts';

/** A config module after its evaluation. */
export type ConfigModule = Evaluated & {
  /** The files that `yaml()` has read, by their paths from the module's folder. */
  readonly texts: ReadonlyMap<string, string>;
  /** The texts the module was evaluated from, by the same. */
  readonly sources: ModuleSources;
};

type Evaluated =
  | {
      readonly ok: true;
      /** Gives the config as JSON in place of the module's own text, and all other files as they are. */
      readonly reader: ConfigReader;
      /** A finding about the JSON as one about the module. */
      readonly relocate: (diagnostic: Diagnostic) => Diagnostic;
      /** Its functions by their path: `hooks.task`. */
      readonly functions: ReadonlyMap<string, unknown>;
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Where the texts of a config module come from. */
export interface ModuleReaders {
  /** Its own, and what it imports. */
  readonly sources: ConfigReader;
  /** What `yaml()` reads. */
  readonly texts: ConfigReader;
}

/**
 * Evaluates a config module, each time anew.
 * @param file absolute path
 * @param displayName the file as the operator would name it
 * @param readers the disk when left out
 */
export async function evaluateConfigModule(
  file: string,
  displayName: string,
  readers: ModuleReaders = { sources: diskReader(dirname(file)), texts: diskReader(dirname(file)) },
): Promise<ConfigModule> {
  const sources = moduleSources(basename(file), readers.sources);
  const source = new ModuleSource(file, displayName, readers.sources);
  const texts = new Map<string, string>();
  return { ...(await evaluate(source, sources, { reader: readers.texts, texts })), texts, sources };
}

async function evaluate(
  source: ModuleSource,
  sources: ModuleSources,
  read: Pick<Evaluation, 'reader' | 'texts'>,
): Promise<Evaluated> {
  const { file, displayName, problem } = source;
  const folder = dirname(file);
  if (problem !== null) return source.refuse(1, `${displayName} ${problem}`);
  let plain: PlainValue;
  let functions: ReadonlyMap<string, unknown>;
  try {
    const exported = await evaluation.run({ folder, ...read }, () => inTime(exportedBy(file, { folder, ...sources })));
    if (typeof exported !== 'object' || exported === null) {
      const help = 'write export default defineConfig({ … })';
      return source.refuse(1, `${displayName} does not export a config by default`, help);
    }
    // It may compute, and fail, too: getters are called here.
    const parted = partConfig(exported, basename(file));
    functions = parted.functions;
    plain = plainValue(parted.config);
  } catch (error) {
    const { line, message } = faultPlace(error, file);
    return source.refuse(line, `${displayName} cannot be evaluated: ${message}`);
  }
  if ('refusals' in plain) return source.refuseValues(plain.refusals);
  const text = jsonOnLines(plain.value, source.literal);
  const disk = diskReader(folder);
  return {
    ok: true,
    functions,
    reader: { read: (name) => (name === basename(file) ? { text } : disk.read(name)) },
    relocate: (diagnostic) => relocated(diagnostic, text.split('\n'), source.lines),
  };
}

/** What the module exports by default; it may be a promise. */
async function exportedBy(file: string, sources: ImportSources): Promise<unknown> {
  return await (
    await importAnew(file, sources)
  )['default'];
}

/** The text of a config module, for pointing at. */
class ModuleSource {
  readonly file: string;
  readonly displayName: string;
  /** Why it cannot be read, as the end of a sentence. */
  readonly problem: string | null;
  /** Its lines with secrets masked. */
  readonly lines: readonly string[];
  readonly literal: LiteralLines;

  constructor(file: string, displayName: string, reader: ConfigReader) {
    const read = reader.read(basename(file));
    const text = 'text' in read ? read.text : '';
    this.file = file;
    this.displayName = displayName;
    this.problem = 'problem' in read ? read.problem : null;
    this.lines = redactedLines(text, []);
    this.literal = literalLines(text);
  }

  refuse(line: number, message: string, help: string | null = null): Evaluated {
    const problems = new Problems(this.displayName, this.lines);
    problems.error('config-module', wholeLine(this.lines, line), message, help);
    return { ok: false, diagnostics: problems.all() };
  }

  refuseValues(refusals: readonly Refusal[]): Evaluated {
    const problems = new Problems(this.displayName, this.lines);
    for (const { path, what, steps } of refusals) {
      const span = wholeLine(this.lines, this.#lineOf(steps));
      const help = what === 'a function' ? 'the functions of a config stand in `hooks`' : null;
      problems.error('wrong-type', span, `${path} is ${what}, which a config cannot hold`, help);
    }
    return { ok: false, diagnostics: problems.all() };
  }

  /** The line of the part itself, else of the nearest part around it. */
  #lineOf(steps: readonly (string | number)[]): number {
    for (let length = steps.length; length > 0; length--) {
      const line = this.literal.get(pathKey(steps.slice(0, length)));
      if (line !== undefined) return line;
    }
    return 1;
  }
}
