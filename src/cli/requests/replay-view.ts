import {
  arrayMember,
  isJsonObject,
  type JsonObject,
  numberMember,
  objectMember,
  stringMember,
} from '../../core/json.ts';
import { calibratedConfidence, changeLines, verdictLines } from '../../core/record-lines.ts';
import { servedAttempt } from '../../core/served-attempt.ts';
import { modelOf } from '../../ledger/store/generation-query.ts';
import { costText, durationText } from '../format.ts';
import { plainText } from '../text.ts';
import { elapsedMs, servedDeployment } from './generation-facts.ts';

const LABEL_WIDTH = 9;

/** A request as it went and as it went again, side by side. @param replayed the record of the replay, with `agreement` */
export function replayText(original: JsonObject, replayed: JsonObject): string {
  const changes = changeLines(toldAttempt(replayed));
  const verdicts = verdictLines(toldAttempt(replayed));
  const agreement = numberMember(replayed, 'agreement');
  const lines = [
    row('original', outcomeText(original)),
    row('now', outcomeText(replayed)),
    row('prompt', changes[0] ?? 'as the client wrote it'),
    ...changes.slice(1).map((line) => row('', line)),
    row('checks', `${checksText(original)} → ${checksText(replayed)}`),
    ...verdicts.map((line) => row('', line)),
    row('conf', `${confidenceText(original)} → ${confidenceText(replayed)}`),
    row(
      'agreement',
      agreement === null
        ? 'not known: one answer is not there, or they are too long to be told apart'
        : agreement.toFixed(2),
    ),
    row('look', `candor trace ${id(original)}    candor trace ${id(replayed)}`),
  ];
  return `${lines.map(plainText).join('\n')}\n`;
}

function row(label: string, text: string): string {
  return ` ${label.padEnd(LABEL_WIDTH)} ${text}`;
}

/** Who was asked and who answered, how long it took and what it cost. */
function outcomeText(record: JsonObject): string {
  const attempts = arrayMember(record, 'attempts').filter(isJsonObject);
  const asked = attempts.map((attempt) => modelOf(stringMember(attempt, 'deployment') ?? ''));
  const served = servedDeployment(record);
  const code = stringMember(objectMember(record, 'error') ?? {}, 'code');
  const http = numberMember(record, 'http');
  return [
    asked.length === 0 ? 'nobody was asked' : asked.join(' → '),
    served === null ? `✗ ${http ?? stringMember(record, 'status') ?? ''} ${code ?? ''}`.trimEnd() : null,
    record['simulated'] === true ? 'SIMULATED' : null,
    objectMember(record, 'degraded') === null ? null : 'DEGRADED',
    durationText(elapsedMs(record)),
    costText(numberMember(record, 'cost')),
  ]
    .filter((part) => part !== null)
    .join('  ');
}

function checksText(record: JsonObject): string {
  const verdicts = arrayMember(objectMember(record, 'validation') ?? {}, 'verdicts').filter(isJsonObject);
  if (verdicts.length === 0) return 'none';
  const failed = verdicts
    .filter((verdict) => verdict['outcome'] !== 'pass')
    .map((verdict) => stringMember(verdict, 'validator'));
  const passed = verdicts.length - failed.length;
  return failed.length === 0 ? `✓ ${passed}` : `✗ ${failed.join(', ')} (${passed} of ${verdicts.length} passed)`;
}

function confidenceText(record: JsonObject): string {
  return calibratedConfidence(record)?.toFixed(2) ?? 'unknown';
}

/** The attempt that is told of: the one that answered, else the last. */
function toldAttempt(record: JsonObject): JsonObject {
  return servedAttempt(record) ?? arrayMember(record, 'attempts').filter(isJsonObject).at(-1) ?? {};
}

function id(record: JsonObject): string {
  return stringMember(record, 'id') ?? '';
}
