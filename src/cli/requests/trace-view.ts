import {
  arrayMember,
  isJsonObject,
  numberMember,
  objectMember,
  stringMember,
  type JsonObject,
} from '../../core/json.ts';
import {
  asideText,
  certificateLines,
  changeLines,
  confidenceText,
  excludedLines,
  hookLines,
  verdictLines,
} from '../../core/record-lines.ts';
import { costText, durationText } from '../format.ts';
import { elapsedMs } from './generation-facts.ts';
import { plainText } from '../text.ts';

/** The client's request as it came; `null` when it was not kept. */
export function askedBody(record: JsonObject): string | null {
  return bodyOf(record, 'request');
}

/** What each attempt sent, in order; `null` for one that was not kept or sent nothing. */
export function sentBodies(record: JsonObject): readonly (string | null)[] {
  return objects(record, 'attempts').map((attempt) => bodyOf(attempt, 'sent'));
}

/** The record of a generation for a person. Says nothing the record does not. */
export function traceText(record: JsonObject): string {
  const attempts = objects(record, 'attempts');
  const lines = [
    headline(record),
    ...note('why', stringMember(record, 'why')),
    ...note('aside', asideText(record)),
    ...note('error', errorText(record)),
    '',
    ...inset(hookLines(record, null)),
    ...inset(excludedLines(record)),
    ...inset(certificateLines(record)),
    ...attempts.flatMap((attempt) => attemptLines(attempt, record)),
    ...(attempts.length === 0 ? ['   no attempt was made'] : []),
    ...inset([confidenceText(record)].filter((line) => line !== null)),
    '',
    ' as sent: --sent    as the client asked: --asked    everything: --json',
  ];
  // Vendors' and clients' words are among them.
  return `${lines.map(plainText).join('\n')}\n`;
}

function inset(lines: readonly string[], by = 3): readonly string[] {
  return lines.map((line) => `${' '.repeat(by)}${line}`);
}

function headline(record: JsonObject): string {
  const fallback = objectMember(record, 'fallback');
  const degraded = objectMember(record, 'degraded');
  const servedBy = stringMember(record, 'served_by');
  const status = stringMember(record, 'status') ?? 'unknown';
  const http = numberMember(record, 'http');
  const parts = [
    stringMember(record, 'id') ?? '',
    stringMember(record, 'created_at') ?? '',
    `asked ${stringMember(record, 'asked') ?? '?'}, ${servedBy === null ? 'nobody answered' : `answered by ${servedBy}`}`,
    record['simulated'] === true ? 'SIMULATED' : null,
    fallback === null ? null : fallbackText(fallback),
    degraded === null ? null : `DEGRADED ${stringMember(degraded, 'reason') ?? ''}`,
    http === null ? status : `${status} ${http}`,
    durationText(elapsedMs(record)),
    costText(numberMember(record, 'cost')),
    `config ${stringMember(record, 'config') ?? '?'}`,
  ];
  return ` ${parts.filter((part) => part !== null).join('   ')}`;
}

function fallbackText(fallback: JsonObject): string {
  const certificate = stringMember(fallback, 'certificate');
  return `FALLBACK ${stringMember(fallback, 'reason') ?? ''}${certificate === null ? '' : ` by ${certificate}`}`;
}

function errorText(record: JsonObject): string | null {
  const error = objectMember(record, 'error');
  return error === null ? null : `${stringMember(error, 'code') ?? ''}: ${stringMember(error, 'message') ?? ''}`;
}

function attemptLines(attempt: JsonObject, record: JsonObject): readonly string[] {
  const timings = objectMember(attempt, 'timings_ms');
  const usage = objectMember(attempt, 'usage');
  const firstTokenMs = timings === null ? null : numberMember(timings, 'first_token');
  const outputTokens = usage === null ? null : numberMember(usage, 'completion_tokens');
  const isEstimated = usage !== null && usage['source'] === 'estimated';
  const fault = stringMember(attempt, 'sim_fault');
  const upstream = objectMember(attempt, 'upstream');
  const upstreamError = upstream === null ? null : objectMember(upstream, 'error');
  const parts = [
    `   ${numberMember(attempt, 'n') ?? '?'} ${(stringMember(attempt, 'deployment') ?? '').padEnd(28)}`,
    `${numberMember(attempt, 'status') ?? '–'} ${stringMember(attempt, 'kind') ?? ''}`.padEnd(18),
    durationText(numberMember(attempt, 'ms')),
    firstTokenMs === null ? null : `first token ${durationText(firstTokenMs)}`,
    outputTokens === null ? null : `${isEstimated ? '~' : ''}${outputTokens} tokens`,
    costText(numberMember(attempt, 'cost')),
    attempt['why'] === 'primary' ? null : stringMember(attempt, 'why'),
    fault === null ? null : `simulated fault ${fault}`,
  ];
  const message = upstreamError === null ? null : stringMember(upstreamError, 'message');
  const line = parts.filter((part) => part !== null).join('   ');
  const steps = [
    ...(message === null ? [] : [`the vendor said: ${message}`]),
    ...hookLines(record, numberMember(attempt, 'n')),
    ...changeLines(attempt),
    ...verdictLines(attempt),
  ];
  return [line, ...inset(steps, 7)];
}

function note(label: string, text: string | null): readonly string[] {
  return text === null || text === '' ? [] : [` ${label}  ${text}`];
}

function bodyOf(owner: JsonObject, member: string): string | null {
  const content = objectMember(owner, member);
  return content === null ? null : stringMember(content, 'body');
}

function objects(owner: JsonObject, member: string): readonly JsonObject[] {
  return arrayMember(owner, member).filter(isJsonObject);
}
