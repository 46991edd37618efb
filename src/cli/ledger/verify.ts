import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { parsePublicKeys, readPublicKeys } from '../../ledger/checkpoints/public-keys.ts';
import type { LedgerVerification } from '../../ledger/verify/verification.ts';
import { verifyLedger } from '../../ledger/verify/verify.ts';
import { coloursOf } from '../colours.ts';
import { CommandError, type ExitCode } from '../command-error.ts';
import { findLedgerFolder } from './ledger-folder.ts';
import type { Terminal } from '../terminal.ts';
import { verificationText, type Verified } from './verification-view.ts';
import { verifyCertificates } from './verify-certificates.ts';

export interface VerifyCommandOptions {
  readonly publicKey?: string;
  readonly checkpoints?: string;
  readonly json?: boolean;
  readonly state?: string;
}

/** `candor verify`: checks the ledger of a state folder, whatever gateway runs there. */
export function runVerify(options: VerifyCommandOptions, terminal: Terminal): ExitCode {
  const folder = findLedgerFolder(terminal, options.state);
  const publicKeys = readNamed(terminal, options.publicKey);
  const ledger = verifyLedger(folder, { publicKeys, keptCheckpoints: readNamed(terminal, options.checkpoints) });
  const result = ledger.ok ? withCertificates(ledger, folder, publicKeys) : { ...ledger, certificates: null };
  terminal.out(options.json === true ? `${JSON.stringify(result)}\n` : verificationText(result, coloursOf(terminal)));
  return result.ok ? 0 : 1;
}

/** Certificates are checked where the chains that hold them are: else nothing can be said of them. */
function withCertificates(ledger: LedgerVerification, folder: string, publicKeys: string | null): Verified {
  const keys = publicKeys === null ? readPublicKeys(folder) : parsePublicKeys(publicKeys);
  const { problems, ...certificates } = verifyCertificates(folder, keys);
  const nowhere = { writer: null, segment: null, offset: null, seq: null };
  const { pairs_gone: gone } = certificates;
  return {
    ...ledger,
    ok: ledger.ok && problems.length === 0,
    problems: [...ledger.problems, ...problems.map((reason) => ({ ...nowhere, reason }))],
    notes:
      gone === 0
        ? ledger.notes
        : [...ledger.notes, `${gone} certificates are signed, and have pairs that are kept no longer`],
    certificates,
  };
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
