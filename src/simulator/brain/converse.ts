import type { Style } from '../persona.ts';
import type { ReceivedImage } from '../question.ts';
import type { Facts } from './facts.ts';
import { keySentences, layOut } from './summarize.ts';
import { isInstruction, materialOf, overlap, sentencesOf, stemsOf } from './text.ts';

const SAY =
  /\b(?:say|reply|respond|answer|repeat|echo|output|write|return|print)\b(?:\s+(?:with|back|only|just|exactly|the|word|words|phrase|following|single|this|one|text|sentence|to))*\s*:?\s*(?:"([^"]+)"|'([^']+)'|`([^`]+)`|([\p{L}\p{N}_-]+)[.!]?\s*$)/iu;
const SUM = /(-?\d+(?:\.\d+)?)\s*(\+|-|−|\*|x|×|\/|÷|plus|minus|times|divided by|multiplied by)\s*(-?\d+(?:\.\d+)?)/i;
const GREETING = /^\s*(?:hi|hello|hey|good (?:morning|afternoon|evening)|ping)\b[\s!.,]*(?:there|all)?[\s!.]*$/i;

/** An answer in prose to anything the other ways of answering leave: from the text the prompt supplies, or plainly without. */
export function converse(prompt: string, background: string, style: Style): string {
  if (GREETING.test(prompt)) return style.sentences > 2 ? 'Hello! What would you like me to look at?' : 'Hello!';
  const said = SAY.exec(prompt);
  const wording = said?.[1] ?? said?.[2] ?? said?.[3] ?? said?.[4];
  if (wording !== undefined) return wording;
  const result = reckon(prompt);
  if (result !== null) return result;
  return (
    fromText(prompt, background, style) ??
    `This simulated model knows only what the prompt says, and the prompt does not answer this: "${shortened(prompt)}"`
  );
}

function reckon(prompt: string): string | null {
  const match = SUM.exec(prompt);
  if (match === null || !/\?|\bcalculate|compute|what is|how much|=\s*$/i.test(prompt)) return null;
  const left = Number(match[1]);
  const right = Number(match[3]);
  const sign = (match[2] ?? '').toLowerCase();
  const value = /^[+p]/.test(sign)
    ? left + right
    : /^[-−]|^minus/.test(sign)
      ? left - right
      : /^[*x×t]|^multi/.test(sign)
        ? left * right
        : left / right;
  return Number.isFinite(value)
    ? `${left} ${match[2] ?? ''} ${right} = ${Number(value.toPrecision(12))}`
    : 'Division by zero has no result.';
}

/** Sentences of the supplied text that speak of what is asked; `null` when none does. */
function fromText(prompt: string, background: string, style: Style): string | null {
  const sentences = sentencesOf(`${background}\n${materialOf(prompt)}`);
  const questions = sentences.filter((sentence) => sentence.endsWith('?'));
  const statements = sentences.filter((sentence) => !sentence.endsWith('?') && !isInstruction(sentence));
  const wanted = new Set(stemsOf(questions.length > 0 ? questions.join(' ') : prompt));
  const about = statements.filter((sentence) => overlap(sentence, wanted) >= (questions.length > 0 ? 1 : 2));
  if (about.length === 0) return null;
  return layOut(keySentences(about.join('\n'), Math.min(style.sentences, about.length), wanted), style, {
    bullets: false,
    plain: about.length < 3,
  });
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 120 ? `${line.slice(0, 117)}...` : line;
}

/** What was received of images, in words. */
export function describeImages(images: readonly ReceivedImage[]): string {
  return images
    .map((image) =>
      image.bytes === null
        ? 'I received an image by its address.'
        : `I received an image of type ${image.mediaType}, ${image.bytes} bytes.`,
    )
    .join(' ');
}

/** What the text says, as one sentence of facts; `null` when it says nothing countable. */
export function tellFacts(facts: Facts): string | null {
  const parts = [
    ...facts.identifiers.map((fact) => `${fact.label} ${fact.text}`),
    ...facts.numbers
      .filter((number) => number.currency !== null)
      .map((number) => `amount ${number.value} ${number.currency ?? ''}`),
    ...facts.numbers
      .filter(
        (number) =>
          number.counted !== null &&
          number.currency === null &&
          !facts.identifiers.some((fact) => fact.at === number.at),
      )
      .map((number) => `${number.value} ${number.counted ?? ''}`),
    ...facts.dates.map((date) => `date ${date.text}`),
    ...facts.names.map((name) => `named: ${name.text}`),
    ...facts.emails.map((email) => `email ${email.text}`),
  ];
  return parts.length === 0 ? null : `The text says: ${parts.join('; ')}.`;
}
