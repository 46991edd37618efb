import type { LedgerVerification, VerificationProblem, WriterVerification } from '../../ledger/verify/verification.ts';
import type { Colours } from '../colours.ts';
import type { CertificatesVerification } from './verify-certificates.ts';
import { alignedRows, plainText } from '../text.ts';

const COLUMNS = ['writer', 'segments', 'frames', 'records', 'state', 'last checkpoint', 'not covered'] as const;

/** What was found wrong in a state folder; `certificates` is `null` where it was not looked at. */
export interface Verified extends LedgerVerification {
  readonly certificates: Omit<CertificatesVerification, 'problems'> | null;
}

/** The outcome for a person: a line for each writer, what is worth knowing, each problem, and the verdict. */
export function verificationText(result: Verified, colours: Colours): string {
  const { writers, events, content, problems, notes, ok } = result;
  const lines = alignedRows(
    [COLUMNS, ...writers.map(writerRow)],
    ['left', 'right', 'right', 'right', 'left', 'left', 'right'],
  );
  const bodies = `${content.kept ?? 'unknown'} kept, ${content.erased} erased, ${content.damaged ?? 'unknown'} damaged`;
  return [
    ...(writers.length === 0 ? [] : [...lines, '']),
    `${result.records} records, ${events === 0 ? '' : `${events} events, `}${result.checkpoints} checkpoints; content: ${bodies}`,
    ...certificatesText(result),
    ...notes.map((note) => `${colours.dim('note:')} ${plainText(note)}`),
    ...problems.map((problem) => `${colours.red('✗')} ${plainText(problemText(problem))}`),
    ok ? `${colours.green('✓')} nothing is wrong` : colours.red(verdict(problems)),
    '',
  ].join('\n');
}

function certificatesText({ certificates }: Verified): readonly string[] {
  if (certificates === null || certificates.certificates === 0) return [];
  return [`${certificates.certificates} certificates, ${certificates.proven} of which follow from their pairs`];
}

function writerRow(found: WriterVerification): readonly string[] {
  const { last_checkpoint: last } = found;
  return [
    found.writer,
    String(found.segments),
    String(found.frames),
    String(found.records),
    found.state,
    last === null ? 'none' : `frame ${last.seq}, ${last.at}`,
    String(found.unprotected),
  ];
}

function problemText({ writer, segment, offset, seq, reason }: VerificationProblem): string {
  const place = [
    ...(segment === null ? [] : [segment]),
    ...(offset === null ? [] : [`byte ${offset}`]),
    ...(seq === null ? [] : [`frame ${seq}`]),
    ...(segment === null && writer !== null ? [`writer ${writer}`] : []),
  ];
  return place.length === 0 ? reason : `${place.join(', ')}: ${reason}`;
}

function verdict(problems: readonly VerificationProblem[]): string {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return `${count}: the ledger is not as it was written, or that cannot be shown`;
}
