import type { LoadResult } from '../config/load.ts';
import { countDiagnostics, renderDiagnostics } from '../config/render-diagnostics.ts';

/** The outcome for a person: every problem with its line, then one line that counts them. */
export function validationText(result: LoadResult, file: string): string {
  const diagnostics = result.ok ? result.warnings : result.diagnostics;
  const shown = diagnostics.length === 0 ? '' : `${renderDiagnostics(diagnostics)}\n`;
  const outcome = result.ok ? `${file} is valid (config ${result.configuration.hash}).` : 'Nothing was loaded.';
  return `${shown}${countDiagnostics(diagnostics)}. ${outcome}\n`;
}

/** The outcome as one JSON object. */
export function validationJson(result: LoadResult): string {
  const diagnostics = (result.ok ? result.warnings : result.diagnostics).map(
    ({ severity, code, message, file, line, column, endColumn, help }) => ({
      severity,
      code,
      message,
      file,
      line,
      column,
      end_column: endColumn,
      help,
    }),
  );
  return `${JSON.stringify({ valid: result.ok, config: result.ok ? result.configuration.hash : null, diagnostics })}\n`;
}
