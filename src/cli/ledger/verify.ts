import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { verifyLedger } from '../../ledger/verify/verify.ts';
import { coloursOf } from '../colours.ts';
import { CommandError, type ExitCode } from '../command-error.ts';
import { findLedgerFolder } from './ledger-folder.ts';
import type { Terminal } from '../terminal.ts';
import { verificationText } from './verification-view.ts';

export interface VerifyCommandOptions {
  readonly publicKey?: string;
  readonly checkpoints?: string;
  readonly json?: boolean;
  readonly state?: string;
}

/** `candor verify`: checks the ledger of a state folder, whatever gateway runs there. */
export function runVerify(options: VerifyCommandOptions, terminal: Terminal): ExitCode {
  const folder = findLedgerFolder(terminal, options.state);
  const result = verifyLedger(folder, {
    publicKeys: readNamed(terminal, options.publicKey),
    keptCheckpoints: readNamed(terminal, options.checkpoints),
  });
  terminal.out(options.json === true ? `${JSON.stringify(result)}\n` : verificationText(result, coloursOf(terminal)));
  return result.ok ? 0 : 1;
}

/** @throws CommandError when the file that was named cannot be read */
function readNamed(terminal: Terminal, file: string | undefined): string | null {
  if (file === undefined) return null;
  try {
    return readFileSync(resolve(terminal.cwd, file), 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new CommandError(2, `${file} cannot be read (${reason})`);
  }
}
