import type { Random } from '../random.ts';
import { keywordsOf } from './text.ts';

const CREATIVE =
  /\b(?:poem|haiku|story|tale|jokes?|slogans?|taglines?|limerick|song|lyrics|verse|fable|ode|headlines?|names? ideas?|brainstorm|jingle|toast)\b/i;
const FORM_WORDS =
  /^(?:poem|haiku|story|joke|tell|tale|slogan|tagline|limerick|song|lyrics|verse|fable|ode|headline|write|compose|create|short|brainstorm|jingle|toast|make|please|some|few|one|two|three|four|five|lines?|words?|sentences?|paragraphs?)s?$/;

/** Whether the prompt asks for something made up. */
export function isCreative(prompt: string): boolean {
  return (
    CREATIVE.test(prompt) &&
    /\b(?:write|compose|create|make|give|invent|brainstorm|draft|tell|need|want|suggest)\b/i.test(prompt)
  );
}

/** A short text made of the prompt's own words, in the form it asks for. */
export function create(prompt: string, random: Random): string {
  const words = keywordsOf(prompt).filter((word) => !FORM_WORDS.test(word));
  const word = (index: number): string => words[index % Math.max(1, words.length)] ?? 'morning';
  if (/\b(?:slogans?|taglines?|headlines?|names? ideas?|brainstorm|jingle)\b/i.test(prompt)) {
    return [
      `1. ${title(word(0))}, and nothing less.`,
      `2. Where ${word(1)} meets ${word(2)}.`,
      `3. ${title(word(0))}: made for ${word(3)}.`,
    ].join('\n');
  }
  if (/\bhaiku\b/i.test(prompt))
    return `${title(word(0))} at first light\n${word(1)} turns slowly to ${word(2)}\n${word(0)}, then silence`;
  if (/\b(?:story|tale|fable)\b/i.test(prompt)) return story(word, random);
  if (/\bjokes?\b/i.test(prompt))
    return `Why did the ${word(0)} never finish? It was waiting for the ${word(1)} to start.`;
  return poem(word, random);
}

function story(word: (index: number) => string, random: Random): string {
  const place = random.pick(['at the end of the street', 'behind the old harbour', 'under the station roof']);
  const turn = random.pick(['Nobody had asked for it.', 'It took the whole night.', 'The rain helped.']);
  return (
    `There was ${article(word(0))} ${word(0)} ${place}, and it had never been in a hurry. One evening the ${word(1)} came, looking for ${word(2)}. ` +
    `${turn} By morning the ${word(0)} and the ${word(1)} had agreed on one thing: ${word(2)} is found by those who stay.`
  );
}

function poem(word: (index: number) => string, random: Random): string {
  const close = random.pick(['and that is enough', 'and the day begins', 'and nothing is lost']);
  return `The ${word(0)} keeps what the ${word(1)} forgot,\na little ${word(2)}, a little not;\nwe ask the ${word(1)}, it does not say,\nthe ${word(0)} remembers it anyway,\n${close}.`;
}

function title(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function article(word: string): string {
  return /^[aeiou]/i.test(word) ? 'an' : 'a';
}
