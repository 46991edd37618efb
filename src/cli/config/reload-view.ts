import { diagnosticOf } from '../../config/diagnostic-json.ts';
import { countDiagnostics, renderDiagnostics } from '../../config/render-diagnostics.ts';
import { arrayMember, isJsonObject, objectMember, stringMember, type JsonObject } from '../../core/json.ts';
import type { ReloadResult } from '../../core/reload.ts';
import { changesOf, changesText } from './change-view.ts';

/** What a reload has come to, for a person. */
export function reloadText(result: ReloadResult, isDryRun = false): string {
  if (!result.ok) {
    const found = result.diagnostics.map(diagnosticOf);
    return `${renderDiagnostics(found)}\n${countDiagnostics(found)}. Nothing was reloaded: config ${result.config} stays.\n`;
  }
  const { config, previous, diff, needsRestart, warnings } = result;
  const shown = warnings.length === 0 ? '' : `${renderDiagnostics(warnings.map(diagnosticOf))}\n`;
  const change = config === previous ? config : `${previous} → ${config}`;
  const outcome =
    diff.length === 0
      ? `${config}: nothing in it has changed`
      : `${change}${isDryRun ? ' (nothing was reloaded)' : ''}`;
  const waiting = needsRestart.length === 0 ? '' : `not before a restart: ${needsRestart.join(', ')}\n`;
  return `${shown}config ${outcome}\n${changesText(diff)}${waiting}`;
}

/** The outcome in a gateway's answer to `POST /admin/reload`; `null` when the answer is another refusal. */
export function reloadResultOf(answer: JsonObject): ReloadResult | null {
  const config = stringMember(answer, 'config');
  const previous = stringMember(answer, 'previous');
  if (config !== null && previous !== null) {
    return {
      ok: true,
      config,
      previous,
      diff: changesOf(arrayMember(answer, 'diff')),
      needsRestart: arrayMember(answer, 'needs_restart').filter((word) => typeof word === 'string'),
      warnings: arrayMember(answer, 'warnings').filter(isJsonObject),
    };
  }
  const error = objectMember(answer, 'error');
  const candor = error === null ? null : objectMember(error, 'candor');
  if (error === null || candor === null || stringMember(error, 'code') !== 'invalid_config') return null;
  const diagnostics = arrayMember(candor, 'diagnostics').filter(isJsonObject);
  return { ok: false, config: stringMember(candor, 'config') ?? '', diagnostics };
}
