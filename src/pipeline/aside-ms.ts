import type { Generation } from './generation.ts';

/** How long judges and second opinions took to answer while a request waited for them, in milliseconds. */
export function asideMs({ asides }: Pick<Generation, 'asides'>): number {
  return asides
    .flatMap((aside) => [asideMs(aside), ...aside.attempts.map(({ durationMs }) => durationMs)])
    .reduce((sum, each) => sum + each, 0);
}
