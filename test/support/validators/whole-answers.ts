import type { Answer } from '../../../src/core/answer.ts';
import type { ChatRequest } from '../../../src/core/chat.ts';
import type { JsonObject, JsonValue } from '../../../src/core/json.ts';
import type { ValidatorChoice } from '../../../src/core/route.ts';
import { judge, type Judgement } from '../../../src/validation/run.ts';
import { decodeClientBody, testRoute } from '../deployment.ts';
import { answer, steps, TERMS } from '../judging.ts';

/** An answer that is whole, and where it may be cut. */
export interface WholeAnswer {
  readonly kind: 'json' | 'fenced' | 'call' | 'prose';
  readonly text: string;
}

const PER_KIND = { json: 200, fenced: 100, call: 100, prose: 100 } as const;
const WORDS = 'Zürich naïve "quoted" {brace} [list] c:\\path, 東京 🎉 tab\tend a/b: 1.5 null'.split(' ');
const SENTENCES = ['The invoice is due.', 'It names 3 chairs (240 EUR).', 'Nobody has paid yet!', 'Pay by May?'];

/** 500 answers of many shapes, the same every time. */
export function wholeAnswers(): readonly WholeAnswer[] {
  return (Object.keys(PER_KIND) as WholeAnswer['kind'][]).flatMap((kind) =>
    Array.from({ length: PER_KIND[kind] }, (_, index) => ({
      kind,
      text: textOf(kind, new Draw(index * 7919 + kind.length)),
    })),
  );
}

const REQUEST = decodeClientBody({
  model: 'm',
  messages: [{ role: 'user', content: 'x' }],
  tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', required: ['0'] } } }],
});
const BOTH: readonly ValidatorChoice[] = [
  { id: 'json_schema', options: { type: ['object', 'array'] }, at: 'candor.yaml:5' },
  { id: 'truncation', options: null, at: 'candor.yaml:6' },
];
const CHECKS = steps();

/** Judges the first so many bytes of an answer by a schema and for truncation; a tool call, which no schema of texts is for, by the latter alone. */
export function judgeCut({ kind, text }: WholeAnswer, bytes = Buffer.byteLength(text)): Promise<Judgement> {
  const cut = Buffer.from(text).subarray(0, bytes).toString('utf8');
  const isWhole = bytes === Buffer.byteLength(text);
  const route = testRoute([], { validators: kind === 'json' || kind === 'fenced' ? BOTH : BOTH.slice(1) });
  return judge(answerWith(kind, cut, isWhole), REQUEST satisfies ChatRequest, route, CHECKS, TERMS);
}

function answerWith(kind: WholeAnswer['kind'], text: string, isWhole: boolean): Answer {
  if (kind === 'call') return answer({ text: null, toolCalls: [{ id: 'c', name: 'f', arguments: text }] });
  return answer({ text, finishReason: kind === 'prose' && !isWhole ? 'length' : 'stop' });
}

function textOf(kind: WholeAnswer['kind'], draw: Draw): string {
  const indent = draw.below(3);
  const json = JSON.stringify(draw.container(4), null, indent);
  if (kind === 'call') return JSON.stringify(Object.fromEntries([['0', draw.container(3)]]), null, indent);
  if (kind === 'prose') return Array.from({ length: 2 + draw.below(8) }, () => draw.of(SENTENCES)).join(' ');
  if (kind === 'json') return json;
  return `${draw.of(['', 'Here it is:\n\n', 'Sure!\n'])}${draw.of(['```json', '```'])}\n${json}\n\`\`\``;
}

/** Chance that is the same every time (mulberry32). */
class Draw {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  container(depth: number): JsonValue {
    const items = Array.from({ length: 1 + this.below(6) }, () => this.#value(depth - 1));
    return this.below(3) === 0 ? items : this.#object(items);
  }

  #object(items: readonly JsonValue[]): JsonObject {
    return Object.fromEntries(items.map((item, index) => [`${this.of(WORDS)}${index}`, item]));
  }

  #value(depth: number): JsonValue {
    if (depth > 0 && this.below(5) < 2) return this.container(depth);
    return this.of<JsonValue>([
      this.below(100_000) / 100,
      -3,
      true,
      null,
      '',
      {},
      [],
      `${this.of(WORDS)} ${this.of(WORDS)}`,
    ]);
  }
}
