import { JsonFollower, type Flaw } from './json-follower.ts';
import { SchemaClaims } from './schema-claims.ts';
import type { SchemaOutline } from './schema-outline.ts';

/**
 * Judges one text while it comes: whether it can still become JSON that a schema accepts. What it says does not depend
 * on how the text is cut into pieces, and is never said of a text that the whole of which would be accepted.
 */
export class IncrementalCheck {
  readonly #follower: JsonFollower;
  /** Whether JSON at the beginning may yet turn out to be reasoning that is no part of the answer. */
  readonly #mayBeReasoning: boolean;

  constructor(outline: SchemaOutline, mayBeReasoning = false) {
    this.#follower = new JsonFollower(new SchemaClaims(outline));
    this.#mayBeReasoning = mayBeReasoning;
  }

  /**
   * Takes the next piece. @param mayRepair whether the JSON in the text may be handed over in its place, so that not all
   * of the text must be JSON
   * @returns what makes it impossible; `null`: nothing is known to
   */
  take(text: string, mayRepair: boolean): Flaw | null {
    const follower = this.#follower;
    for (let at = 0; ;) {
      if (follower.schemaFlaw !== null || follower.syntaxFlaw !== null) {
        const flaw = mayRepair ? this.#lastingFlaw() : (follower.schemaFlaw ?? follower.syntaxFlaw);
        if (flaw !== null || follower.syntaxFlaw !== null) return flaw;
      }
      if (at >= text.length) return null;
      at += follower.read(text, at);
    }
  }

  /** Whether the text as it stands cannot become what the schema accepts, repairs apart. */
  get isFlawed(): boolean {
    return this.#follower.schemaFlaw !== null || this.#follower.syntaxFlaw !== null;
  }

  /** Whatever comes, the JSON in the text will be what has begun: no repair makes another value of it than it says. */
  #lastingFlaw(): Flaw | null {
    const { schemaFlaw, syntaxFlaw, isSettled, hasBegun } = this.#follower;
    const isCertain = isSettled && hasBegun && syntaxFlaw === null && !this.#mayBeReasoning;
    return isCertain ? schemaFlaw : null;
  }
}
