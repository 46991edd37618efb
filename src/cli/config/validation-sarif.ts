import { sep } from 'node:path';

import type { Diagnostic } from '../../config/diagnostic.ts';
import { VERSION } from '../../core/version.ts';

/** The findings as a SARIF 2.1.0 log, which code hosts and editors read. */
export function validationSarif(diagnostics: readonly Diagnostic[]): string {
  const rules = [...new Set(diagnostics.map(({ code }) => code))].toSorted().map((id) => ({ id }));
  const run = {
    tool: { driver: { name: 'candor', version: VERSION, rules } },
    columnKind: 'utf16CodeUnits',
    results: diagnostics.map(resultOf),
  };
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function resultOf({ severity, code, message, file, line, column, endColumn, help }: Diagnostic): object {
  const region = { startLine: line, startColumn: column, endLine: line, endColumn };
  const uri = file.split(sep).map(encodeURIComponent).join('/');
  return {
    ruleId: code,
    level: severity,
    message: { text: help === null ? message : `${message}: ${help}` },
    locations: [{ physicalLocation: { artifactLocation: { uri }, region } }],
  };
}
