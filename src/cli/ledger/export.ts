import { exportCheckpoints, exportRecords } from '../../ledger/export-records.ts';
import { CommandError, type ExitCode } from '../command-error.ts';
import { findLedgerFolder } from './ledger-folder.ts';
import type { Terminal } from '../terminal.ts';

export interface ExportCommandOptions {
  readonly since?: number;
  readonly until?: number;
  readonly bodies?: boolean;
  readonly events?: boolean;
  readonly checkpoints?: boolean;
  readonly state?: string;
}

/** Characters that are gathered before they are written. */
const CHUNK_CHARACTERS = 64 * 1024;

/** `candor export`: the records of a state folder, its events or its checkpoints, on standard output; what is missing there, on standard error. */
export async function runExport(options: ExportCommandOptions, terminal: Terminal): Promise<ExitCode> {
  const { since, until, bodies, events, checkpoints } = options;
  if (checkpoints === true && [since, until, bodies, events].some((option) => option !== undefined)) {
    throw new CommandError(2, 'use --checkpoints alone: all of them are needed to check a ledger against');
  }
  if (events === true && bodies === true) {
    throw new CommandError(2, 'use --events or --bodies: events have no prompts and answers');
  }
  const folder = findLedgerFolder(terminal, options.state);
  const output = new LineOutput(terminal);
  if (checkpoints === true) {
    for (const line of exportCheckpoints(folder)) await output.add(line);
    await output.end();
    return 0;
  }
  const range = { sinceMs: since ?? null, untilMs: until ?? null };
  const records = exportRecords(folder, { ...range, bodies: bodies === true, events: events === true });
  let step = records.next();
  for (; step.done !== true; step = records.next()) await output.add(JSON.stringify(step.value));
  await output.end();
  const { events: left, unfinished, problems } = step.value;
  if (left > 0)
    terminal.say(`candor: outcomes, certificates and pairs, which \`candor export --events\` prints: ${left}\n`);
  if (unfinished > 0)
    terminal.say(`candor: requests without a final record, which are not among these: ${unfinished}\n`);
  for (const problem of problems) terminal.say(`candor: ${problem}; \`candor verify\` says more\n`);
  return problems.length === 0 ? 0 : 1;
}

/** Writes lines, many at a time, and no faster than they are read. */
class LineOutput {
  readonly #terminal: Terminal;
  #text = '';

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  async add(line: string): Promise<void> {
    this.#text += `${line}\n`;
    if (this.#text.length >= CHUNK_CHARACTERS) await this.end();
  }

  /** Writes what is gathered. */
  async end(): Promise<void> {
    if (this.#text !== '') this.#terminal.out(this.#text);
    this.#text = '';
    await this.#terminal.drained?.();
  }
}
