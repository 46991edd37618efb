import type { Claim } from './claim.ts';
import type { SchemaOutline } from './schema-outline.ts';
import { WordMatch } from './word-match.ts';

/** The claims on one string or name, held against it as its UTF-16 units come: those of what it means, not of how it is written. */
export class StringClaims {
  readonly #claims: readonly Claim[];
  readonly #matches: { readonly claim: Claim; readonly match: WordMatch }[] = [];
  readonly #countsCodePoints: boolean;
  /** From how many code points on one of the claims falls. */
  #mostCodePoints = Infinity;
  #codePoints = 0;
  #isAfterHighSurrogate = false;

  /** @param wordsOf the only words that an outline takes; `null`: any */
  constructor(
    claims: readonly Claim[],
    wordsOf: (outline: SchemaOutline) => readonly string[] | null,
    countsCodePoints: boolean,
  ) {
    this.#claims = claims;
    let hasLeast = false;
    for (const claim of claims) {
      if (!claim.isStanding) continue;
      const words = wordsOf(claim.outline);
      if (words !== null) this.#matches.push({ claim, match: new WordMatch(words) });
      const { least, most } = claim.outline.length;
      hasLeast ||= least > 0;
      this.#mostCodePoints = Math.min(this.#mostCodePoints, most);
    }
    this.#countsCodePoints = countsCodePoints && (hasLeast || this.#mostCodePoints < Infinity);
  }

  /** Whether any unit of it can tell anything. */
  get reads(): boolean {
    return this.#countsCodePoints || this.#matches.length > 0;
  }

  /** Takes the next unit. */
  next(unit: number): void {
    for (const { claim, match } of this.#matches) if (!match.next(unit) && claim.isStanding) claim.fall();
    if (!this.#countsCodePoints) return;
    const isSecondHalf = this.#isAfterHighSurrogate && (unit & 0xfc00) === 0xdc00;
    this.#isAfterHighSurrogate = (unit & 0xfc00) === 0xd800;
    if (isSecondHalf) return;
    this.#codePoints += 1;
    if (this.#codePoints <= this.#mostCodePoints) return;
    this.#mostCodePoints = Infinity;
    for (const claim of this.#claims) {
      if (!claim.isStanding) continue;
      const { most } = claim.outline.length;
      if (this.#codePoints > most) claim.fall();
      else this.#mostCodePoints = Math.min(this.#mostCodePoints, most);
    }
  }

  /** It ends here. */
  end(): void {
    for (const { claim, match } of this.#matches) if (!match.isWhole()) claim.fall();
    if (!this.#countsCodePoints) return;
    for (const claim of this.#claims) if (this.#codePoints < claim.outline.length.least) claim.fall();
  }
}
