import type { PromptSection, SectionKind } from '../core/route.ts';
import { EXAMPLE_FACTS, PROMPT_FACTS, promptFacts, type PromptSituation } from '../core/prompt-facts.ts';
import { SuppliedDocument, type Neutralise } from '../core/supplied-text.ts';
import { compileText, templateProblem, type TemplateProblem, type TextTemplate } from '../core/text-template.ts';
import { didYouMean } from './suggest.ts';
import { either } from './read.ts';

/** What is wrong with the file of a template, in which of its lines, and what helps. */
export interface SectionProblem extends TemplateProblem {
  readonly help: string;
}

const KINDS = ['instruction', 'context', 'example', 'format', 'user'] as const;
const HEADING = /^---+[ \t]*([^\s-][^-]*?)[ \t]*---+[ \t]*$/;
const EXAMPLE_FORM = 'write an example as input: … and below it output: …';

/** A part of the file as it stands there. */
interface RawSection {
  readonly kind: (typeof KINDS)[number];
  readonly text: string;
  /** The line of its heading, and that of its first text. */
  readonly line: number;
  readonly textLine: number;
}

/**
 * Reads a template: text with lines such as `--- context ---` between its parts, of which the first is the instruction.
 * Every part is parsed, and filled in once to prove that it can be.
 * @param file its name, for `at`
 * @param neutralise what makes texts of others safe to be written in it
 */
export function readSections(
  text: string,
  file: string,
  neutralise: Neutralise,
): readonly PromptSection[] | SectionProblem {
  const raw = splitSections(text);
  if ('message' in raw) return raw;
  const sections: PromptSection[] = [];
  for (const each of raw) {
    const section =
      each.kind === 'example' ? readExample(each, neutralise, file) : readSection(each, each.kind, neutralise, file);
    if ('message' in section) return section;
    sections.push(section);
  }
  if (sections.length > 0) return sections;
  return { message: 'it is empty', line: 1, help: 'write what the model is told' };
}

function splitSections(text: string): readonly RawSection[] | SectionProblem {
  const sections: RawSection[] = [];
  let kind: RawSection['kind'] = 'instruction';
  let start = 0;
  let headingLine = 1;
  const lines = text.split(/\r?\n/);
  const close = (end: number): void => {
    const own = lines.slice(start, end).join('\n');
    if (own.trim() !== '') sections.push({ kind, text: own, line: headingLine, textLine: start + 1 });
  };
  for (const [index, line] of lines.entries()) {
    const word = HEADING.exec(line)?.[1]?.toLowerCase();
    if (word === undefined) continue;
    const named = KINDS.find((each) => word === each || word === `${each}s`);
    if (named === undefined) {
      const help = didYouMean(word, KINDS) ?? `a part is headed ${either(KINDS.map((each) => `--- ${each} ---`))}`;
      return { message: `there is no part "${word}"`, line: index + 1, help };
    }
    close(index);
    kind = named;
    start = index + 1;
    headingLine = index + 1;
  }
  close(lines.length);
  return sections;
}

function readSection(
  { text: own, line, textLine }: RawSection,
  kind: SectionKind,
  neutralise: Neutralise,
  file: string,
): PromptSection | SectionProblem {
  const text = compilePart(own, textLine, PROMPT_FACTS, neutralise);
  if ('message' in text) return text;
  if (kind === 'user' && !text.variables.has('user')) {
    const message = 'the user part does not say where the user’s text stands';
    return { message, line, help: 'write {{ user }} in it' };
  }
  return { kind, text, at: `${file}:${line}` };
}

function readExample(
  { text, line, textLine }: RawSection,
  neutralise: Neutralise,
  file: string,
): PromptSection | SectionProblem {
  const parts = /^\s*input:[ \t]*(?<input>[^]*?)^[ \t]*output:[ \t]*(?<output>[^]*)$/im.exec(text);
  const { input: asked = '', output: answered = '' } = parts?.groups ?? {};
  if (parts?.index !== 0 || asked.trim() === '' || answered.trim() === '') {
    return { message: 'an example has an input and an output', line, help: EXAMPLE_FORM };
  }
  const lineOf = (offset: number): number => textLine + text.slice(0, offset).split('\n').length - 1;
  const input = compilePart(asked, lineOf(text.indexOf(asked)), EXAMPLE_FACTS, neutralise);
  if ('message' in input) return input;
  const output = compilePart(answered, lineOf(text.length - answered.length), EXAMPLE_FACTS, neutralise);
  if ('message' in output) return output;
  return { kind: 'example', input, output, at: `${file}:${line}` };
}

function compilePart(
  source: string,
  firstLine: number,
  known: ReadonlySet<string>,
  neutralise: Neutralise,
): TextTemplate | SectionProblem {
  const help = `${known === EXAMPLE_FACTS ? 'an example' : 'a template'} knows ${[...known].join(', ')}`;
  const placed = ({ message, line }: TemplateProblem): SectionProblem => ({
    message,
    line: firstLine + line - 1,
    help,
  });
  const compiled = compileText(source, known, neutralise);
  if ('message' in compiled) return placed(compiled);
  try {
    for (const documents of [[], [SAMPLE_DOCUMENT]]) compiled.fill(promptFacts({ ...SAMPLE, documents }));
    return compiled;
  } catch (error) {
    return placed(templateProblem(error));
  }
}

const SAMPLE_DOCUMENT = new SuppliedDocument(1, 'a.txt', 'a', 'a');
const SAMPLE: Omit<PromptSituation, 'documents'> = {
  asked: 'a',
  model: 'a',
  route: 'a',
  family: 'a',
  system: 'a',
  user: 'a',
  tags: { a: 'a' },
};
