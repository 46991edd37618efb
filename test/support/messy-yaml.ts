import fc from 'fast-check';

import { isJsonObject, type JsonObject, type JsonValue } from '../../src/core/json.ts';

/** Gives whole numbers below a limit: what an untidy hand decides from line to line. */
export type Hand = (below: number) => number;

/** Hands that decide at random. */
export const hand: fc.Arbitrary<Hand> = fc
  .array(fc.nat({ max: 1000 }), { minLength: 60, maxLength: 60 })
  .map((numbers) => {
    let next = 0;
    return (below) => (numbers[next++ % numbers.length] ?? 0) % below;
  });

/** The value as YAML the way people write it: mixed styles, uneven spaces, comments and blank lines, words in any order. */
export function messyYaml(value: JsonObject, decide: Hand): string {
  const writer = new MessyWriter(decide);
  const head = decide(3) === 0 ? '# yaml-language-server: $schema=./candor.schema.json\n' : '';
  const tail = decide(3) === 0 ? '\n# the last word\n' : '\n';
  return `${head}${writer.block(value, 0).join('\n')}${tail}`;
}

class MessyWriter {
  readonly #decide: Hand;
  #comments = 0;

  constructor(decide: Hand) {
    this.#decide = decide;
  }

  /** Lines of a map or list in block style. */
  block(value: JsonValue, indent: number): readonly string[] {
    const entries: readonly (readonly [string, JsonValue])[] = isJsonObject(value)
      ? this.#shuffled(Object.entries(value) as [string, JsonValue][]).map(([key, member]) => [
          `${this.#key(key)}:`,
          member,
        ])
      : (value as readonly JsonValue[]).map((member) => ['-', member]);
    return entries.flatMap(([start, member]) => [...this.#before(indent), ...this.#entry(start, member, indent)]);
  }

  #entry(start: string, member: JsonValue, indent: number): readonly string[] {
    const pad = ' '.repeat(indent);
    const isNested = typeof member === 'object' && member !== null && Object.keys(member).length > 0;
    const step = 1 + this.#decide(4);
    if (!isNested || this.#decide(2) === 0)
      return [`${pad}${start}${' '.repeat(step)}${this.#flow(member)}${this.#end()}`];
    if (start !== '-' && this.#decide(5) === 0) {
      return [`${pad}${start}${this.#end()}`, `${pad}${' '.repeat(step)}${this.#flow(member)}${this.#end()}`];
    }
    return [`${pad}${start}${this.#end()}`, ...this.block(member, indent + step)];
  }

  #flow(value: JsonValue): string {
    if (typeof value === 'string') return this.#text(value);
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    const gap = ' '.repeat(this.#decide(2));
    const break_ = (): string => (this.#decide(12) === 0 ? `${this.#end()}\n${' '.repeat(16)}` : ' ');
    if (Array.isArray(value)) {
      return `[${gap}${(value as readonly JsonValue[]).map((item) => this.#flow(item)).join(`,${break_()}`)}${gap}]`;
    }
    const members = this.#shuffled(Object.entries(value) as [string, JsonValue][]);
    return `{${gap}${members.map(([key, member]) => `${this.#key(key)}: ${this.#flow(member)}`).join(`,${break_()}`)}${gap}}`;
  }

  #text(text: string): string {
    if (/^[a-z][a-z0-9/-]*$/.test(text) && this.#decide(3) > 0) return text;
    if (!/[\n']/.test(text) && /^[ -~]*$/.test(text) && this.#decide(2) === 0) return `'${text}'`;
    return JSON.stringify(text);
  }

  #key(key: string): string {
    return this.#decide(6) === 0 ? JSON.stringify(key) : key;
  }

  #before(indent: number): readonly string[] {
    const lines: string[] = [];
    if (this.#decide(6) === 0) lines.push('');
    if (this.#decide(5) === 0) lines.push(`${' '.repeat(indent)}${this.#comment()}`);
    if (this.#decide(9) === 0) lines.push('', '');
    return lines;
  }

  #end(): string {
    return this.#decide(5) === 0 ? ` ${this.#comment()}` : '';
  }

  #comment(): string {
    this.#comments += 1;
    return `# ${this.#comments}: why, "quoted" { and more`;
  }

  #shuffled<Item>(items: readonly Item[]): readonly Item[] {
    return items.toSorted(() => this.#decide(3) - 1);
  }
}
