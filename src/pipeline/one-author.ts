import { failure, type Failure } from '../core/failure.ts';

/** Whether the models of two pieces of one answer, as the vendor named them, differ. One that is not named (`null`) tells nothing. */
export function isOtherAuthor(before: string | null, now: string | null): boolean {
  return before !== null && now !== null && now !== before;
}

/** The failure of an answer of which one model wrote the beginning and another one the rest. */
export function twoAuthors(): Failure {
  return failure('protocol', 'the vendor changed the model in the middle of the answer');
}
