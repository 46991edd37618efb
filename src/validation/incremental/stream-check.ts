import { choiceOf, type AnswerPart } from '../../core/answer.ts';
import type { ChatRequest } from '../../core/chat.ts';
import { isJsonObject } from '../../core/json.ts';
import type { Verdict } from '../../core/record.ts';
import type { Route } from '../../core/route.ts';
import type { SchemaChecker } from '../schema-checker.ts';
import { fail } from '../validator.ts';
import { IncrementalCheck } from './incremental-check.ts';
import type { SchemaOutline } from './schema-outline.ts';

const ID = 'json_schema';

/** One of the answers while it comes; `null`: it is not, or no more, one to judge. */
type Choice = readonly IncrementalCheck[] | null;

/** Judges the answers of one stream, each by all schemas, as their parts come. */
export class StreamCheck {
  readonly #outlines: readonly SchemaOutline[];
  readonly #mayBeReasoning: boolean;
  #choices = new Map<number, Choice>();
  /** Whether a text is none that may be handed over as it stands, and only a repair could make one of it. */
  needsRepair = false;

  /** @param mayBeReasoning whether JSON at the beginning of a text may be reasoning that is no part of the answer */
  constructor(outlines: readonly SchemaOutline[], mayBeReasoning: boolean) {
    this.#outlines = outlines;
    this.#mayBeReasoning = mayBeReasoning;
  }

  /**
   * Takes the parts that came together. @param mayRepair whether the JSON in a text may be handed over in its place
   * @returns the verdict of an answer that no schema check would let pass, whatever comes; `null`: none is known to be such
   */
  take(parts: readonly AnswerPart[], mayRepair: boolean): Verdict | null {
    if (parts.some(({ type }) => type === 'restart')) {
      this.#choices = new Map();
      this.needsRepair = false;
    }
    // What refused, or was cut, is judged as such.
    for (const part of parts) if (isExplanation(part)) this.#choices.set(choiceOf(part), null);
    for (const part of parts) {
      const verdict = part.type === 'text' ? this.#takeText(part.text, choiceOf(part), mayRepair) : null;
      if (verdict !== null) return verdict;
    }
    return null;
  }

  #takeText(text: string, choice: number, mayRepair: boolean): Verdict | null {
    let checks = this.#choices.get(choice);
    if (checks === undefined) {
      checks = this.#outlines.map((outline) => new IncrementalCheck(outline, this.#mayBeReasoning));
      this.#choices.set(choice, checks);
    }
    for (const check of checks ?? []) {
      const flaw = check.take(text, mayRepair);
      this.needsRepair ||= check.isFlawed;
      const prefix = choice === 0 ? '' : `choices[${choice}]: `;
      if (flaw !== null) return fail(ID, prefix + flaw.reason, { place: `text:${flaw.offset}` });
    }
    return null;
  }
}

/** Whether the part says why a format is broken. */
function isExplanation(part: AnswerPart): boolean {
  if (part.type === 'refusal') return part.text !== '';
  return part.type === 'finish' && (part.reason === 'length' || part.reason === 'content_filter');
}

/**
 * What of the schemas that an answer will be checked against can be told early: the client's own and the route's. Where
 * tools may be called a text need not be the answer, to which alone the client's own applies.
 */
export function streamedOutlines(
  request: ChatRequest,
  route: Route | null,
  schemas: SchemaChecker,
): readonly SchemaOutline[] {
  const format = request.responseFormat;
  const mayCall = request.tools.length > 0 && request.toolChoice?.mode !== 'none';
  const own = format?.type === 'json_schema' && format.schema !== null && !mayCall ? [format.schema] : [];
  const chosen = (route?.validators ?? []).filter(({ id }) => id === ID).map(({ options }) => options);
  return [...own, ...chosen.filter(isJsonObject)].flatMap((schema) => schemas.outlineOf(schema) ?? []);
}
