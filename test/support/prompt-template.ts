import { createHash } from 'node:crypto';

import { readSections } from '../../src/config/prompt-sections.ts';
import { neutraliserFor } from '../../src/core/supplied-text.ts';
import type { PromptTemplate } from '../../src/core/route.ts';

/** A template as the config reads it, for any model. */
export function promptTemplate(template: string, model: string | null = null): PromptTemplate {
  const file = 'prompts/task.md';
  const neutralise = neutraliserFor(template);
  const sections = readSections(template, file, neutralise);
  if ('message' in sections) throw new Error(`line ${sections.line}: ${sections.message}`);
  const sha256 = createHash('sha256').update(template).digest('hex');
  return { model, template, sha256, sections, neutralise, file, at: 'candor.yaml:9' };
}
