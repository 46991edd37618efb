/** What the process ends with: 0 ok, 1 a problem was found, 2 wrong usage, 3 no gateway answers, 4 refused by policy. */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** Ends a command; the message is for standard error. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
