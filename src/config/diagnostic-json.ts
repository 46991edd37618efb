import { numberMember, stringMember, type JsonObject } from '../core/json.ts';
import type { Diagnostic, DiagnosticCode } from './diagnostic.ts';

/** A finding as JSON, with all that is needed to show it elsewhere. */
export function diagnosticJson(diagnostic: Diagnostic): JsonObject {
  const { severity, code, message, file, line, column, endColumn, help, sourceLine } = diagnostic;
  return { severity, code, message, file, line, column, end_column: endColumn, help, source_line: sourceLine };
}

/** The finding that a gateway has told as JSON. */
export function diagnosticOf(json: JsonObject): Diagnostic {
  const column = numberMember(json, 'column') ?? 1;
  return {
    severity: json['severity'] === 'warning' ? 'warning' : 'error',
    // A newer gateway may know more codes; they are shown, not decided by.
    code: (stringMember(json, 'code') ?? 'unknown-value') as DiagnosticCode,
    message: stringMember(json, 'message') ?? '',
    file: stringMember(json, 'file') ?? '',
    line: numberMember(json, 'line') ?? 1,
    column,
    endColumn: numberMember(json, 'end_column') ?? column + 1,
    help: stringMember(json, 'help'),
    sourceLine: stringMember(json, 'source_line'),
  };
}
