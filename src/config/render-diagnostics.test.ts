import { describe, expect, it } from 'vitest';

import { Problems } from './diagnostic.ts';
import { countDiagnostics, renderDiagnostics } from './render-diagnostics.ts';

describe('renderDiagnostics', () => {
  it('shows the line and points at the words', () => {
    const problems = new Problems('candor.yaml', [
      ...Array<string>(22).fill(''),
      '  summarize: { slo: { ttft_p59: 800ms } }',
      '\tcreate: x',
    ]);
    const message = 'unknown field "ttft_p59" in routes.summarize.slo';
    problems.warn('duplicate', { line: 24, column: 2, endColumn: 8 }, 'twice');
    problems.error('unknown-field', { line: 23, column: 23, endColumn: 31 }, message, 'did you mean "ttft_p95"?');
    expect(renderDiagnostics(problems.all())).toBe(
      `error[unknown-field]: unknown field "ttft_p59" in routes.summarize.slo
  --> candor.yaml:23:23
   |
23 |   summarize: { slo: { ttft_p59: 800ms } }
   |                       ^^^^^^^^ did you mean "ttft_p95"?

warning[duplicate]: twice
  --> candor.yaml:24:2
   |
24 | \tcreate: x
   | \t^^^^^^
`,
    );
  });

  it('lets no config steer the terminal', () => {
    const problems = new Problems('candor.yaml', ['  "a\u001b[2J\u009bb": {}\r']);
    problems.error('invalid-name', { line: 1, column: 3, endColumn: 12 }, 'not "a\u001b[2J"');
    expect(renderDiagnostics(problems.all())).toBe(
      `error[invalid-name]: not "a\ufffd[2J"
 --> candor.yaml:1:3
  |
1 |   "a\ufffd[2J\ufffdb": {}\ufffd
  |   ^^^^^^^^^
`,
    );
  });

  it('does without a line that is not there', () => {
    const problems = new Problems('gone.yaml', []);
    problems.error(
      'unreadable-file',
      { line: 1, column: 1, endColumn: 2 },
      'gone.yaml does not exist',
      'look elsewhere',
    );
    expect(renderDiagnostics(problems.all())).toBe(
      'error[unreadable-file]: gone.yaml does not exist\n --> gone.yaml:1:1\n  = look elsewhere\n',
    );
  });
});

it('counts in words', () => {
  const problems = new Problems('candor.yaml', []);
  expect(countDiagnostics(problems.all())).toBe('no problems');
  const span = { line: 1, column: 1, endColumn: 2 };
  problems.warn('duplicate', span, 'a');
  expect(countDiagnostics(problems.all())).toBe('1 warning');
  problems.error('syntax', span, 'b');
  problems.error('syntax', span, 'c');
  expect(countDiagnostics(problems.all())).toBe('2 errors, 1 warning');
});
