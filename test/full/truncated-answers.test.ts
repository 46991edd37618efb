import { expect, test } from 'vitest';

import { judgeCut, wholeAnswers, type WholeAnswer } from '../support/validators/whole-answers.ts';

const ANSWERS = wholeAnswers();

test.each<WholeAnswer['kind']>(['json', 'fenced', 'call', 'prose'])(
  'no answer of the kind %s passes when it is cut, at whatever byte',
  async (kind) => {
    let cuts = 0;
    const passed: string[] = [];
    for (const whole of ANSWERS.filter((each) => each.kind === kind)) {
      if (!(await judgeCut(whole)).accepted) passed.push(`whole: ${whole.text}`);
      for (let bytes = 0; bytes < Buffer.byteLength(whole.text); bytes++) {
        cuts++;
        if ((await judgeCut(whole, bytes)).accepted) passed.push(`${bytes} of ${whole.text}`);
      }
    }
    process.stdout.write(`${kind}: ${cuts} cuts\n`);
    expect(passed).toEqual([]);
    expect(cuts).toBeGreaterThan(1000);
  },
);
