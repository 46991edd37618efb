import type { LoadOutcome } from '../../config/load.ts';
import { countDiagnostics, renderDiagnostics } from '../../config/render-diagnostics.ts';

/**
 * The outcome for a person: every problem with its line, then one line that counts them.
 * @param running the hash of what a gateway here has in force; `null`: none runs
 */
export function validationText(result: LoadOutcome, file: string, running: string | null): string {
  const diagnostics = result.ok ? result.warnings : result.diagnostics;
  const shown = diagnostics.length === 0 ? '' : `${renderDiagnostics(diagnostics)}\n`;
  const kept = running === null ? '' : `; the running gateway keeps config ${running}`;
  const outcome = result.ok ? `${file} is valid (config ${result.configuration.hash}).` : `Nothing was loaded${kept}.`;
  return `${shown}${countDiagnostics(diagnostics)}. ${outcome}\n`;
}

/** The outcome as one JSON object. */
export function validationJson(result: LoadOutcome): string {
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
