import type { Diagnostic } from './diagnostic.ts';

/** Characters that would steer the terminal; line breaks and tabs are not meant. */
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/**
 * The findings as text for a terminal: message, place, the line itself and carets under the words meant.
 * Control characters of the file are `�`, one for one, so that the carets stay where they belong.
 */
export function renderDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const text = diagnostics.map((diagnostic) => `${renderDiagnostic(diagnostic)}\n`).join('\n');
  return text.replaceAll(CONTROL, '\ufffd');
}

/** `2 errors, 1 warning`; `no problems` for none. */
export function countDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length;
  const warnings = diagnostics.length - errors;
  const parts = [];
  if (errors > 0) parts.push(`${errors} error${errors === 1 ? '' : 's'}`);
  if (warnings > 0) parts.push(`${warnings} warning${warnings === 1 ? '' : 's'}`);
  return parts.length === 0 ? 'no problems' : parts.join(', ');
}

function renderDiagnostic(diagnostic: Diagnostic): string {
  const { severity, code, message, file, line, column, endColumn, help, sourceLine } = diagnostic;
  const margin = ' '.repeat(String(line).length);
  const head = `${severity}[${code}]: ${message}\n${margin}--> ${file}:${line}:${column}`;
  if (sourceLine === null) return help === null ? head : `${head}\n${margin} = ${help}`;
  // Tabs are kept in front of the carets, so that they stand under the same column whatever a tab's width is.
  const indent = sourceLine.slice(0, column - 1).replaceAll(/[^\t]/g, ' ');
  const carets = '^'.repeat(Math.max(1, endColumn - column));
  const note = help === null ? '' : ` ${help}`;
  return `${head}\n${margin} |\n${line} | ${sourceLine}\n${margin} | ${indent}${carets}${note}`;
}
