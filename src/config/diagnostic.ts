import { maskKeys } from './redact.ts';

/** Where something stands in a config file. Lines and columns count from 1, columns in UTF-16 code units. */
export interface Span {
  readonly line: number;
  readonly column: number;
  /** One past the last column on that line. */
  readonly endColumn: number;
}

export type Severity = 'error' | 'warning';

export type DiagnosticCode =
  | 'syntax'
  | 'duplicate-key'
  | 'too-complex'
  | 'invalid-text'
  | 'unknown-field'
  | 'not-built-yet'
  | 'missing-field'
  | 'wrong-type'
  | 'unknown-value'
  | 'invalid-value'
  | 'invalid-name'
  | 'name-conflict'
  | 'duplicate'
  | 'invalid-duration'
  | 'invalid-url'
  | 'private-url'
  | 'literal-secret'
  | 'invalid-secret'
  | 'missing-secret'
  | 'unreadable-file'
  | 'unknown-kind'
  | 'unknown-provider'
  | 'unknown-model'
  | 'simulated-provider'
  | 'non-loopback-listen'
  | 'invalid-validator'
  | 'invalid-brief'
  | 'invalid-prompts'
  | 'unused-word'
  | 'unused-hook'
  | 'uncertified-fallback'
  | 'unknown-price'
  | 'config-module'
  | 'unreachable-model'
  | 'unused-provider'
  | 'shared-key'
  | 'old-price'
  | 'held-stream'
  | 'late-check'
  | 'same-family'
  | 'moving-judge'
  | 'unknown-confidence'
  | 'dead-timer'
  | 'invalid-rule'
  | 'unknown-route'
  | 'unreachable-rule'
  | 'no-catch-all'
  | 'idle-objective'
  | 'contradiction';

/** One finding about a config file. Holds no secret: `sourceLine` has them masked. */
export interface Diagnostic extends Span {
  readonly severity: Severity;
  readonly code: DiagnosticCode;
  /** One sentence without a full stop. */
  readonly message: string;
  /** The file as the operator would name it; `built-in` for the configuration Candor brings. */
  readonly file: string;
  /** What to do, in a few words; `null` when the message says it. */
  readonly help: string | null;
  /** The line it is about, secrets masked; `null` when there is no such line. */
  readonly sourceLine: string | null;
}

/** Collects the findings of one load. Lives as long as that load. */
export class Problems {
  readonly #file: string;
  readonly #lines: readonly string[];
  readonly #found: Diagnostic[] = [];

  /** @param lines the file's lines with secrets masked. */
  constructor(file: string, lines: readonly string[]) {
    this.#file = file;
    this.#lines = lines;
  }

  error(code: DiagnosticCode, span: Span, message: string, help: string | null = null): void {
    this.#add('error', code, span, message, help);
  }

  warn(code: DiagnosticCode, span: Span, message: string, help: string | null = null): void {
    this.#add('warning', code, span, message, help);
  }

  get hasErrors(): boolean {
    return this.#found.some((diagnostic) => diagnostic.severity === 'error');
  }

  /** Everything found, in the order of the file. */
  all(): readonly Diagnostic[] {
    return this.#found.toSorted((a, b) => a.line - b.line || a.column - b.column);
  }

  #add(severity: Severity, code: DiagnosticCode, span: Span, message: string, help: string | null): void {
    this.#found.push({
      severity,
      code,
      message: maskKeys(message),
      file: this.#file,
      line: span.line,
      column: span.column,
      endColumn: span.endColumn,
      help,
      sourceLine: this.#lines[span.line - 1] ?? null,
    });
  }
}
