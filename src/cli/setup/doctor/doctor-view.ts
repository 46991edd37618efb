import { arch, platform, release } from 'node:os';

import { VERSION } from '../../../core/version.ts';
import type { Colours } from '../../colours.ts';
import { padded, plainText } from '../../text.ts';
import type { Finding, FindingOutcome } from './finding.ts';

const MARKS: Readonly<Record<FindingOutcome, string>> = { ok: '✓', warning: '!', problem: '✗' };

/** The findings for a person, each with its cause and what to do, and a line that counts the problems. */
export function findingsText(findings: readonly Finding[], colours: Colours): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const colour = { ok: colours.green, warning: colours.yellow, problem: colours.red };
  const indent = ' '.repeat(width + 6);
  const lines = findings.flatMap(({ check, outcome, message, cause, next }) => [
    `  ${colour[outcome](MARKS[outcome])} ${padded(check, width)}  ${plainText(message)}`,
    ...(cause === null ? [] : [`${indent}${plainText(cause)}`]),
    ...(next === null ? [] : [`${indent}next: ${plainText(next)}`]),
  ]);
  return `${lines.join('\n')}\n  ${countText(findings)}\n`;
}

function countText(findings: readonly Finding[]): string {
  const count = (outcome: FindingOutcome): number => findings.filter((finding) => finding.outcome === outcome).length;
  const problems = count('problem');
  const warnings = count('warning');
  const parts = [
    problems === 0 ? 'no problems' : `${problems} problem${problems === 1 ? '' : 's'}`,
    ...(warnings === 0 ? [] : [`${warnings} warning${warnings === 1 ? '' : 's'}`]),
  ];
  return `${parts.join(', ')}${problems === 0 ? '' : '. To ask for help: candor doctor --bundle'}`;
}

/** The findings as one JSON object. */
export function findingsJson(findings: readonly Finding[]): string {
  const problems = findings.filter(({ outcome }) => outcome === 'problem').length;
  return `${JSON.stringify({ object: 'diagnosis', candor: VERSION, node: process.versions.node, problems, findings })}\n`;
}

/** A report to paste into a question: the findings, and what they were found on. Folders below the home folder begin with `~`. */
export function bundleText(findings: readonly Finding[], details: readonly string[], home: string): string {
  const lines = [
    `candor ${VERSION}, node ${process.versions.node}, ${platform()} ${release()} ${arch()}`,
    ...details,
    ...findings.flatMap(({ check, outcome, message, cause, next }) => [
      `${MARKS[outcome]} ${check}: ${message}`,
      ...(cause === null ? [] : [`    ${cause}`]),
      ...(next === null ? [] : [`    next: ${next}`]),
    ]),
  ];
  const text = lines.map((line) => `${plainText(line)}\n`).join('');
  return home.length < 2 ? text : text.replaceAll(home, '~');
}
