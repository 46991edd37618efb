import { Drop } from 'liquidjs';

/** The words that part a prompt: as XML tags, and as the headings of Markdown. */
const TAGS = [
  'instructions',
  'context',
  'documents',
  'document',
  'source',
  'document_content',
  'examples',
  'example',
  'input',
  'output',
  'format',
  'request',
] as const;
const HEADINGS = 'instructions|context|documents?|examples?|format|request';

/** A heading of ours, or what may be the beginning of one that the next text completes. */
const HEADING = new RegExp(`^([ \\t]*)(?=#{1,6}[ \\t]*(?:(?:${HEADINGS})\\b|[a-z]*$(?![^])))`, 'gim');

/** Makes texts of others safe to stand between the fences of a prompt. */
export type Neutralise = (text: string) => string;

/**
 * A function that leaves a text as it is, but for what would pass for a fence of the prompt around it: of our tags and
 * those of the template, `<` becomes `&lt;`; before a heading of ours stands a backslash.
 */
export function neutraliserFor(template: string): Neutralise {
  const own = [...template.matchAll(/<\/?([A-Za-z][\w.:-]*)/g)].map(([, name = '']) => name);
  const names = [...new Set([...TAGS, ...own])].map((name) => name.replaceAll(/[.]/g, '\\.')).join('|');
  // The last alternative: a beginning at the very end, which the next text could complete.
  const tag = new RegExp(`<(?=[\\s/]*(?:(?:${names})(?![\\w.:-])|[\\w.:-]*$))`, 'gi');
  return (text) => text.replace(tag, '&lt;').replace(HEADING, '$1\\');
}

/** What is a name and cannot be an instruction. */
const PLAIN_NAME = /^[\p{L}\p{N}._:@/+-]{0,64}$/u;

/** A value of the client's that a template may write among its own instructions. */
export class ClientWord extends Drop {
  readonly #text: string;

  constructor(text: string) {
    super();
    this.#text = text;
  }

  /** As it is, for conditions and filters. */
  override valueOf(): string {
    return this.#text;
  }

  /** As it is written: whatever is more than a plain name stands between quotation marks, as JSON on one line. */
  get said(): string {
    return PLAIN_NAME.test(this.#text)
      ? this.#text
      : JSON.stringify(this.#text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' '));
  }
}

/** A document of a request, as a template sees it. */
export class SuppliedDocument {
  /** From 1. */
  readonly index: number;
  /** What the client calls it; empty: nothing. */
  readonly name: string;
  readonly text: string;
  /** The whole of it between its fences, which the template writes for `{{ document }}`. */
  readonly fenced: string;

  constructor(index: number, name: string, text: string, fenced: string) {
    this.index = index;
    this.name = name;
    this.text = text;
    this.fenced = fenced;
  }
}
