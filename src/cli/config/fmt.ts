import { realpathSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { parseDocumentText } from '../../config/document.ts';
import { formatConfig } from '../../config/format/format.ts';
import { countDiagnostics, renderDiagnostics } from '../../config/render-diagnostics.ts';
import { isConfigModule } from '../../config/source.ts';
import { CommandError, type ExitCode } from '../command-error.ts';
import { findConfigFile, readConfigText } from './config-file.ts';
import type { Terminal } from '../terminal.ts';

export interface FmtOptions {
  readonly config?: string;
  readonly check?: boolean;
  readonly stdout?: boolean;
}

/** `candor fmt [file]`: gives a config its canonical form. A text whose meaning or comments would change stays as it is. */
export function runFmt(named: string | undefined, options: FmtOptions, terminal: Terminal): ExitCode {
  if (named !== undefined && options.config !== undefined) throw new CommandError(2, 'name the file once');
  if (options.check === true && options.stdout === true) throw new CommandError(2, 'use one of --check and --stdout');
  const file = findConfigFile(terminal.cwd, named ?? options.config);
  if (file === null) throw new CommandError(2, 'there is no candor.yaml here; name a file');
  if (isConfigModule(file)) throw new CommandError(2, `${file} is a program; fmt writes YAML only`);
  const text = readConfigText(terminal.cwd, file);
  const formatted = format(text, file, terminal);
  if (options.stdout === true) terminal.out(formatted);
  else if (formatted === text) terminal.say(`${file} has its form already\n`);
  else if (options.check === true) {
    terminal.out(`${file}\n`);
    terminal.say(`${file} has another form: run \`candor fmt ${file}\`\n`);
    return 1;
  } else {
    writeInPlace(realpathSync(resolve(terminal.cwd, file)), formatted);
    terminal.say(`formatted ${file}\n`);
  }
  return 0;
}

function format(text: string, file: string, terminal: Terminal): string {
  const { problems } = parseDocumentText(text, file);
  if (problems.hasErrors) {
    terminal.say(`${renderDiagnostics(problems.all())}\n`);
    throw new CommandError(1, `${file} is left as it is: ${countDiagnostics(problems.all())}`);
  }
  const result = formatConfig(text);
  if (!result.ok) throw new CommandError(1, `${file} is left as it is: ${result.reason}`);
  return result.text;
}

/** At once, so that nobody reads half of it. */
function writeInPlace(path: string, text: string): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text, { mode: statSync(path).mode });
  renameSync(draft, path);
}
