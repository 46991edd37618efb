import type { Style } from '../persona.ts';
import { asSentence, sentencesOf, stemsOf } from './text.ts';

const COUNT_WORDS: Readonly<Record<string, number>> = {
  one: 1,
  a: 1,
  single: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
};

/** The sentences that say most of a text, in its own words and order. `stems` are what the reader asked about. */
export function keySentences(text: string, count: number, stems: ReadonlySet<string> = new Set()): readonly string[] {
  const sentences = sentencesOf(text);
  const frequency = new Map<string, number>();
  for (const stem of stemsOf(text)) frequency.set(stem, (frequency.get(stem) ?? 0) + 1);
  const scored = sentences.map((sentence, index) => {
    const words = [...new Set(stemsOf(sentence))];
    const weight =
      words.reduce((sum, word) => sum + (frequency.get(word) ?? 0) + (stems.has(word) ? 5 : 0), 0) /
      Math.sqrt(words.length + 1);
    // What comes first in a text usually says what it is about.
    return { sentence, index, weight: weight * (index === 0 ? 1.4 : 1) };
  });
  const best = scored.toSorted((left, right) => right.weight - left.weight).slice(0, count);
  return best.toSorted((left, right) => left.index - right.index).map((entry) => asSentence(entry.sentence));
}

/** How many sentences or points a prompt asks for; `null` when it does not say. */
export function askedCount(prompt: string): number | null {
  const match =
    /\b(?:in|into|with|as|give|list|exactly|write)\s+(?:me\s+)?(?:at most\s+|exactly\s+|up to\s+|the\s+)?(\d{1,2}|one|a single|a|two|three|four|five|six|seven|eight)\s+(?:\w+\s+)?(?:sentences?|bullets?(?:\s+points?)?|points?|lines?|paragraphs?)\b/i.exec(
      prompt,
    );
  const written = match?.[1]?.toLowerCase().replace('a single', 'single');
  if (written === undefined) return null;
  return COUNT_WORDS[written] ?? Number(written);
}

/** Sentences laid out in the model's hand. */
export function layOut(
  sentences: readonly string[],
  style: Style,
  asked: { readonly bullets: boolean; readonly plain: boolean },
): string {
  if (asked.bullets) return sentences.map((sentence) => `- ${sentence}`).join('\n');
  if (asked.plain || sentences.length < 2) return sentences.join(' ');
  switch (style.layout) {
    case 'bullets':
      return sentences.map((sentence) => `* ${sentence}`).join('\n');
    case 'numbered':
      return sentences.map((sentence, index) => `${index + 1}. ${sentence}`).join('\n');
    case 'headed':
      return `**${sentences[0] ?? ''}**\n\n${sentences.slice(1).join(' ')}`;
    default:
      return `${style.opening}${sentences.join(' ')}${style.closing}`;
  }
}

/** A summary of the text, as the prompt asks and in the model's hand. */
export function summarize(prompt: string, material: string, style: Style): string {
  const asked = askedCount(prompt);
  const sentences = keySentences(material, asked ?? style.sentences);
  return layOut(sentences, style, { bullets: /\bbullet/i.test(prompt), plain: asked !== null });
}
