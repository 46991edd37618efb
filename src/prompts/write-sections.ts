import type { DocumentForm } from '../core/deployment.ts';
import type { PromptSection } from '../core/route.ts';
import { SuppliedDocument, type Neutralise } from '../core/supplied-text.ts';

/** Names the texts of this file in the hash of a template: another number whenever they change. */
export const FORMAT_VERSION = 1;

/** A part of a prompt as it is told to a model. */
export interface WrittenSection {
  readonly kind: PromptSection['kind'];
  readonly text: string;
}

const TITLES: Readonly<Record<WrittenSection['kind'], { readonly tag: string; readonly heading: string }>> = {
  instruction: { tag: 'instructions', heading: 'Instructions' },
  context: { tag: 'context', heading: 'Context' },
  example: { tag: 'examples', heading: 'Examples' },
  format: { tag: 'format', heading: 'Format' },
  user: { tag: 'request', heading: 'Request' },
};

/** The parts as one text. An instruction or a user's text that stands alone needs no fence. */
export function writeSections(sections: readonly WrittenSection[], fences: DocumentForm): string {
  const [only, ...others] = sections;
  if (only === undefined) return '';
  if (others.length === 0 && (only.kind === 'instruction' || only.kind === 'user')) return only.text;
  return sections.map(({ kind, text }) => fenced(kind, text, fences)).join('\n\n');
}

function fenced(kind: WrittenSection['kind'], text: string, fences: DocumentForm): string {
  const { tag, heading } = TITLES[kind];
  return fences === 'xml' ? element(tag, text) : `# ${heading}\n\n${text}`;
}

function element(tag: string, text: string): string {
  return `<${tag}>\n${text}\n</${tag}>`;
}

/** Examples for a system section. */
export function writeExamples(
  examples: readonly { readonly input: string; readonly output: string }[],
  fences: DocumentForm,
): string {
  const written = examples.map(({ input, output }, index) =>
    fences === 'xml'
      ? element('example', `${element('input', input)}\n${element('output', output)}`)
      : `## Example ${index + 1}\n\nInput:\n${input}\n\nOutput:\n${output}`,
  );
  return written.join(fences === 'xml' ? '\n' : '\n\n');
}

/** A document of the client's; nothing in it passes for a fence. */
export function documentOf(
  { index, name, text }: Pick<SuppliedDocument, 'index' | 'name' | 'text'>,
  fences: DocumentForm,
  neutralise: Neutralise,
): SuppliedDocument {
  const said = neutralise(text.trim());
  const called = neutralise(name.replaceAll(/\s+/g, ' '));
  if (fences === 'markdown') {
    const heading = `## Document ${index}${called === '' ? '' : `: ${called}`}`;
    return new SuppliedDocument(index, name, text, `${heading}\n\n${said}`);
  }
  const source = called === '' ? '' : `${element('source', called)}\n`;
  const body = `${source}${element('document_content', said)}`;
  return new SuppliedDocument(index, name, text, `<document index="${index}">\n${body}\n</document>`);
}
