/** Follows a word, UTF-16 unit by unit, among the only words that it may be. */
export class WordMatch {
  readonly #words: readonly string[];
  /** The words from the first to before the second place begin as this one does. */
  #first = 0;
  #end: number;
  #length = 0;

  /** @param words in ascending order, none twice */
  constructor(words: readonly string[]) {
    this.#words = words;
    this.#end = words.length;
  }

  /** Takes the next unit. @returns whether one of the words still may come of it */
  next(unit: number): boolean {
    const words = this.#words;
    const at = this.#length++;
    // A word that ends here is among the first of those that begin like it.
    while (this.#first < this.#end && !((words[this.#first] as string).charCodeAt(at) >= unit)) this.#first++;
    while (this.#first < this.#end && (words[this.#end - 1] as string).charCodeAt(at) > unit) this.#end--;
    return this.#first < this.#end;
  }

  /** Whether the word, as far as it has come, is one of them. */
  isWhole(): boolean {
    return this.#first < this.#end && (this.#words[this.#first] as string).length === this.#length;
  }
}
