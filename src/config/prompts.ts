import { createHash } from 'node:crypto';

import type { Deployment } from '../core/deployment.ts';
import { familyOf } from '../core/model-family.ts';
import type { PromptTemplate } from '../core/route.ts';
import { neutraliserFor } from '../core/supplied-text.ts';
import { textName } from './config-reader.ts';
import type { Entry } from './document.ts';
import { readSections } from './prompt-sections.ts';
import { at, readText } from './read.ts';
import { isPath, type FileContext } from './side-file.ts';

/** Stands in a path for the model. */
const PLACE = '{model}';
const HELP = 'write the path of a file: ./prompts/legal.{model}.md';

/** Reads `prompts: ./file.md`, or a path with `{model}` in it, which each model of the route has a file for. */
export function readPrompts(
  context: FileContext,
  field: Entry | undefined,
  path: string,
  candidates: readonly Deployment[],
): readonly PromptTemplate[] {
  const pattern = field === undefined ? null : readText(context, field.value, path);
  if (field === undefined || pattern === null) return [];
  if (!isPath(pattern)) {
    context.problems.error('invalid-prompts', field.value.span, `${path} is not a path`, HELP);
    return [];
  }
  const files = new TemplateFiles(context, field, path);
  if (!pattern.includes(PLACE)) return files.firstOf([pattern], null);
  const models = new Map(candidates.map(({ model, modelId }) => [model, familyOf(modelId)]));
  return [...models].flatMap(([model, family]) => {
    const names = [...new Set([model, family, 'default'])].map((name) => pattern.replaceAll(PLACE, name));
    return files.firstOf(names, model);
  });
}

/** The templates of one route, each file read once. */
class TemplateFiles {
  readonly #context: FileContext;
  readonly #field: Entry;
  readonly #path: string;
  readonly #known = new Map<string, TemplateFile | null>();

  constructor(context: FileContext, field: Entry, path: string) {
    this.#context = context;
    this.#field = field;
    this.#path = path;
  }

  /** The template in the first of these files that is there; none after an error. */
  firstOf(names: readonly string[], model: string | null): readonly PromptTemplate[] {
    const { problems, folder, reader } = this.#context;
    const { value, keySpan } = this.#field;
    for (const name of names) {
      const file = textName(folder, name);
      const outcome = reader.read(file);
      if ('text' in outcome) {
        const template = this.#read(outcome.text, file);
        return template === null ? [] : [{ ...template, model, at: at(this.#context, keySpan) }];
      }
      if (outcome.isMissing === true) continue;
      problems.error('unreadable-file', value.span, `${this.#path}: the file ${name} ${outcome.problem}`);
      return [];
    }
    const message =
      model === null
        ? `${this.#path}: the file ${names[0]} does not exist`
        : `${this.#path} has no file for ${model}: there is none of ${names.join(', ')}`;
    problems.error('unreadable-file', value.span, message, model === null ? HELP : `write ${names[0]}`);
    return [];
  }

  #read(text: string, file: string): TemplateFile | null {
    const known = this.#known.get(file);
    if (known !== undefined) return known;
    const neutralise = neutraliserFor(text);
    const sections = readSections(text, file, neutralise);
    if ('message' in sections) {
      const message = `${this.#path}: ${file}:${sections.line}: ${sections.message}`;
      this.#context.problems.error('invalid-prompts', this.#field.value.span, message, sections.help);
    }
    const sha256 = createHash('sha256').update(text).digest('hex');
    const template = 'message' in sections ? null : { template: text, sha256, sections, neutralise, file };
    this.#known.set(file, template);
    return template;
  }
}

/** What is the same for every model that has this file. */
type TemplateFile = Omit<PromptTemplate, 'model' | 'at'>;
