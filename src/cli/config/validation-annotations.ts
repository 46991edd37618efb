import type { Diagnostic } from '../../config/diagnostic.ts';

/** The findings as workflow commands of GitHub Actions, which shows them beside the lines of a change. */
export function validationAnnotations(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map((diagnostic) => `${annotation(diagnostic)}\n`).join('');
}

function annotation({ severity, code, message, file, line, column, endColumn, help }: Diagnostic): string {
  const properties = { file, line, endLine: line, col: column, endColumn, title: code };
  const written = Object.entries(properties).map(([name, value]) => `${name}=${escaped(String(value), /[%\r\n:,]/g)}`);
  return `::${severity} ${written.join(',')}::${escaped(help === null ? message : `${message}\n${help}`, /[%\r\n]/g)}`;
}

/** https://github.com/actions/toolkit, packages/core/src/command.ts */
function escaped(text: string, special: RegExp): string {
  return text.replaceAll(special, (character) => encodeURIComponent(character));
}
