import { expect, it } from 'vitest';

import { Problems } from '../../config/diagnostic.ts';
import { validationJson, validationText } from './validation-view.ts';

function failed(): { readonly ok: false; readonly diagnostics: ReturnType<Problems['all']> } {
  const problems = new Problems('candor.yaml', ['routs: {}']);
  problems.error(
    'unknown-field',
    { line: 1, column: 1, endColumn: 6 },
    'unknown field "routs" in the file',
    'did you mean "routes"?',
  );
  return { ok: false, diagnostics: problems.all() };
}

it('shows each problem and counts them', () => {
  expect(validationText(failed(), 'candor.yaml', null)).toBe(`error[unknown-field]: unknown field "routs" in the file
 --> candor.yaml:1:1
  |
1 | routs: {}
  | ^^^^^ did you mean "routes"?

1 error. Nothing was loaded.
`);
});

it('gives the same as JSON', () => {
  expect(JSON.parse(validationJson(failed()))).toEqual({
    valid: false,
    config: null,
    diagnostics: [
      {
        severity: 'error',
        code: 'unknown-field',
        message: 'unknown field "routs" in the file',
        file: 'candor.yaml',
        line: 1,
        column: 1,
        end_column: 6,
        help: 'did you mean "routes"?',
      },
    ],
  });
});
