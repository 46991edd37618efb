import { expect, test } from 'vitest';

import { ManualClock } from '../../../test/support/manual-clock.ts';
import { Questions } from './questions.ts';

test('the answers of all that were asked, as soon as they are there', async () => {
  const questions = new Questions(new ManualClock());
  const numbers: number[] = [];
  const [first, second] = [
    questions.ask([1, 2], (ask) => numbers.push(ask)),
    questions.ask([1], (ask) => numbers.push(ask)),
  ];
  questions.answered(numbers[0] ?? 0, 1, 'a');
  questions.answered(numbers[1] ?? 0, 1, 'c');
  questions.answered(numbers[0] ?? 0, 2, 'b');
  expect([...(await first)]).toEqual([
    [1, 'a'],
    [2, 'b'],
  ]);
  expect([...(await second)]).toEqual([[1, 'c']]);
  expect([...(await questions.ask([], () => undefined))]).toEqual([]);
});

test('nobody waits for who is silent, and who answers too late is not heard', async () => {
  const clock = new ManualClock();
  const questions = new Questions(clock);
  let number = 0;
  const answers = questions.ask([1, 2], (ask) => (number = ask));
  questions.answered(number, 2, 'b');
  clock.advance(500);
  questions.answered(number, 1, 'a');
  expect([...(await answers)]).toEqual([[2, 'b']]);
});

test('what one said that has ended since does not count, and nobody waits for it', async () => {
  const questions = new Questions(new ManualClock());
  let number = 0;
  const answers = questions.ask([1, 2, 3], (ask) => (number = ask));
  questions.answered(number, 1, 'of one that ends');
  questions.left(1);
  questions.left(3);
  questions.answered(number, 1, 'what was on its way');
  questions.answered(number, 2, 'b');
  expect([...(await answers)]).toEqual([[2, 'b']]);
});
