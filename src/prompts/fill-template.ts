import type { ChatRequest } from '../core/chat.ts';
import type { Deployment } from '../core/deployment.ts';
import { GatewayError } from '../core/errors.ts';
import { familyOf } from '../core/model-family.ts';
import { promptFacts } from '../core/prompt-facts.ts';
import type { PromptTemplate, Route, SectionKind } from '../core/route.ts';
import { templateProblem, type FilledText, type TemplateFacts, type TextTemplate } from '../core/text-template.ts';
import type { SuppliedDocument } from '../core/supplied-text.ts';
import type { PromptForm } from './prompt-form.ts';
import type { SuppliedPrompt } from './supplied-prompt.ts';
import { documentOf } from './write-sections.ts';

/** One part of a template, filled in for one request and one model. */
export interface FilledSection {
  readonly kind: SectionKind;
  /** Whether it speaks of the user's turn, and so belongs into it: nothing a user wrote becomes an instruction. */
  readonly isOfUser: boolean;
  /** Whether it speaks of the client's own instructions. */
  readonly quotesSystem: boolean;
  readonly text: string;
  readonly written: FilledText['written'];
  readonly at: string;
}

/** One example of how the task is done. */
export interface FilledExample {
  readonly kind: 'example';
  readonly input: string;
  readonly output: string;
  readonly at: string;
}

/** For whom a template is filled in. */
export interface TemplateUse {
  readonly request: ChatRequest;
  readonly deployment: Deployment;
  readonly route: Route;
  readonly form: PromptForm;
}

/**
 * The parts of a template for one request, in the order in which the model is told them; those that come to nothing are left out.
 * @throws GatewayError where the request makes the template fail
 */
export function fillTemplate(
  template: PromptTemplate,
  supplied: SuppliedPrompt,
  { request, deployment, route, form }: TemplateUse,
): readonly (FilledSection | FilledExample)[] {
  const { neutralise } = template;
  let documents: readonly SuppliedDocument[] | null = null;
  const facts = promptFacts({
    asked: request.asked,
    model: deployment.model,
    route: route.name,
    family: familyOf(deployment.modelId),
    system: supplied.system,
    user: supplied.user,
    get documents() {
      documents ??= supplied.documents.map(({ name, text }, index) =>
        documentOf({ index: index + 1, name, text }, form.fences, neutralise),
      );
      return documents;
    },
    tags: request.directives.tags,
  });
  const filled = template.sections.map((section): FilledSection | FilledExample => {
    const { kind, at } = section;
    if (kind === 'example') {
      return { kind, input: fill(section.input, facts, at).text, output: fill(section.output, facts, at).text, at };
    }
    const { variables } = section.text;
    const isOfUser = kind === 'user' || variables.has('user') || variables.has('documents');
    const quotesSystem = variables.has('system') && supplied.system !== '';
    return { kind, isOfUser, quotesSystem, ...fill(section.text, facts, at), at };
  });
  const told = filled.filter((section) => section.kind === 'example' || section.text !== '');
  if (!form.contextFirst) return told;
  return [...told.filter(({ kind }) => kind === 'context'), ...told.filter(({ kind }) => kind !== 'context')];
}

function fill(template: TextTemplate, facts: TemplateFacts, at: string): FilledText {
  try {
    const { text, written } = template.fill(facts);
    return { text: text.trim(), written };
  } catch (error) {
    const { message } = templateProblem(error);
    const fix = `Change the template at ${at} so that it holds for such a request too.`;
    throw new GatewayError('internal_error', `The template at ${at} cannot be filled in for this request: ${message}`, {
      fix,
    });
  }
}
