import { basename, dirname } from 'node:path';

import { diskReader, type ConfigReader } from '../config-reader.ts';
import { evaluation } from './define-config.ts';
import { Problems, type Diagnostic } from '../diagnostic.ts';
import { importAnew } from './import-module.ts';
import { jsonOnLines } from './layout.ts';
import { literalLines, pathKey, type LiteralLines } from './literal-lines.ts';
import { plainValue, type PlainValue, type Refusal } from './plain-value.ts';
import { redactedLines } from '../redact.ts';
import { relocated, wholeLine } from './relocate.ts';

/** How long the evaluation of a config module may take. */
const MAX_EVALUATION_MS = 10_000;

/** A config module after its evaluation. */
export type ConfigModule = Evaluated & {
  /** The files that `yaml()` has read, by their paths from the module's folder. */
  readonly texts: ReadonlyMap<string, string>;
};

type Evaluated =
  | {
      readonly ok: true;
      /** Gives the config as JSON in place of the module's own text, and all other files as they are. */
      readonly reader: ConfigReader;
      /** A finding about the JSON as one about the module. */
      readonly relocate: (diagnostic: Diagnostic) => Diagnostic;
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * Evaluates a config module, each time anew.
 * @param file absolute path
 * @param displayName the file as the operator would name it
 */
export async function evaluateConfigModule(file: string, displayName: string): Promise<ConfigModule> {
  const texts = new Map<string, string>();
  const source = new ModuleSource(file, displayName);
  return { ...(await evaluate(source, texts)), texts };
}

async function evaluate(source: ModuleSource, texts: Map<string, string>): Promise<Evaluated> {
  const { file, displayName, problem } = source;
  if (problem !== null) return source.refuse(1, `${displayName} ${problem}`);
  let plain: PlainValue;
  try {
    const exported = await evaluation.run({ folder: dirname(file), texts }, () => inTime(importAnew(file)));
    if (typeof exported !== 'object' || exported === null) {
      const help = 'write export default defineConfig({ … })';
      return source.refuse(1, `${displayName} does not export a config by default`, help);
    }
    // It may compute, and fail, too: getters are called here.
    plain = plainValue(exported);
  } catch (error) {
    return source.refuse(faultLine(error, file), `${displayName} cannot be evaluated: ${faultMessage(error, file)}`);
  }
  if ('refusals' in plain) return source.refuseValues(plain.refusals);
  const text = jsonOnLines(plain.value, source.literal);
  const disk = diskReader(dirname(file));
  return {
    ok: true,
    reader: { read: (name) => (name === basename(file) ? { text } : disk.read(name)) },
    relocate: (diagnostic) => relocated(diagnostic, text.split('\n'), source.lines),
  };
}

/** A module that awaits what never comes would keep every later reload waiting as well. */
async function inTime<T>(evaluated: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `it was not done after ${MAX_EVALUATION_MS / 1000} s`;
    timer = setTimeout(() => reject(new Error(message)), MAX_EVALUATION_MS);
  });
  return await Promise.race([evaluated, late]).finally(() => clearTimeout(timer));
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

  constructor(file: string, displayName: string) {
    const read = diskReader(dirname(file)).read(basename(file));
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
      if (what === 'a function')
        problems.error('not-built-yet', span, `${path} is a function; hooks are not built yet`);
      else problems.error('wrong-type', span, `${path} is ${what}, which a config cannot hold`);
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

/** The line of the module at which evaluating it went wrong; the first where nothing tells. */
function faultLine(error: unknown, file: string): number {
  const trace = error instanceof Error ? `${error.message}\n${error.stack}` : '';
  const name = basename(file).replaceAll('.', '\\.');
  return Number(new RegExp(`${name}(?:\\?[^:\\s]*)?:(\\d+)`).exec(trace)?.[1] ?? 1);
}

function faultMessage(error: unknown, file: string): string {
  const message = error instanceof Error ? error.message : String(error);
  const [first = ''] = message.split('\n');
  return first
    .replaceAll(file, basename(file))
    .replace(/^\w*Error: /, '')
    .trim()
    .replace(/\.$/, '');
}
