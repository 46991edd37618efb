import type { Adjustment } from '../core/adjustment.ts';
import type { ChatRequest, ContentPart, Message, SystemMessage, UserMessage } from '../core/chat.ts';
import { droppedUnknown } from '../core/dropped-unknown.ts';
import { breakpointPath, partPath } from '../core/part-path.ts';
import type { PromptTemplate } from '../core/route.ts';
import { fillTemplate, type FilledExample, type FilledSection, type TemplateUse } from './fill-template.ts';
import { readSupplied, type SuppliedPrompt } from './supplied-prompt.ts';
import { writeExamples, writeSections, type WrittenSection } from './write-sections.ts';

/** What a template makes of a prompt. */
export interface AppliedTemplate {
  /** What it adds to the system section; `null`: nothing. */
  readonly system: string | null;
  /** Turns before the client's first. */
  readonly turns: readonly Message[];
  /** The client's own, without what stands in the template's texts now. */
  readonly messages: readonly Message[];
  readonly adjustments: readonly Adjustment[];
}

/**
 * Tells a prompt in the words of a template. Parts that speak of the user's turn go into it, all others into the system
 * section. What a part repeats whole stands there alone; whatever else the client sent stays where it is.
 * @throws GatewayError where the request makes the template fail
 */
export function applyTemplate(
  template: PromptTemplate,
  messages: readonly Message[],
  use: TemplateUse,
): AppliedTemplate {
  return new Application(template, messages, use).result();
}

/** One application. Holds what it has found and changed. */
class Application {
  readonly #template: PromptTemplate;
  readonly #messages: readonly Message[];
  readonly #use: TemplateUse;
  readonly #supplied: SuppliedPrompt;
  readonly #filled: readonly (FilledSection | FilledExample)[];
  readonly #adjustments: Adjustment[] = [];

  constructor(template: PromptTemplate, messages: readonly Message[], use: TemplateUse) {
    this.#template = template;
    this.#messages = messages;
    this.#use = use;
    this.#supplied = readSupplied(messages);
    this.#filled = fillTemplate(template, this.#supplied, use);
  }

  result(): AppliedTemplate {
    const { form } = this.#use;
    const examples = this.#filled.filter((section) => section.kind === 'example');
    const told = this.#filled.filter((section) => (section.kind === 'example' ? form.examples === 'system' : true));
    const system = writeSections(this.#withExamples(told, examples), form.fences);
    for (const section of this.#filled) this.#noteSystem(section);
    const kept = this.#withoutRepeatedSystem();
    const messages = this.#withTurn(kept);
    const turns = form.examples === 'turns' ? examples.flatMap(turnsOf) : [];
    return { system: system === '' ? null : system, turns, messages, adjustments: this.#adjustments };
  }

  /** The parts for the system section; all examples stand where the first of them does. */
  #withExamples(
    told: readonly (FilledSection | FilledExample)[],
    examples: readonly FilledExample[],
  ): readonly WrittenSection[] {
    return told.flatMap((section): readonly WrittenSection[] => {
      if (section.kind !== 'example') return section.isOfUser ? [] : [section];
      if (section !== examples[0]) return [];
      return [{ kind: 'example', text: writeExamples(examples, this.#use.form.fences) }];
    });
  }

  #noteSystem(section: FilledSection | FilledExample): void {
    const reason = this.#reason(section.kind);
    const note = { asked: null, kind: 'rewritten', reason, at: section.at } as const;
    if (section.kind === 'example') {
      this.#adjustments.push({ param: 'messages', ...note, sent: { input: section.input, output: section.output } });
    } else if (!section.isOfUser) {
      const { leading, system } = this.#supplied;
      // What quotes the client's own instructions is told under their path, as content.
      const own = section.quotesSystem ? leading[0] : undefined;
      const asked = own === undefined ? null : system;
      const param = own === undefined ? 'messages' : partPath(own, 0);
      this.#adjustments.push({ ...note, param, asked, sent: section.text });
    }
  }

  #reason(kind: FilledSection['kind'] | 'example'): string {
    return `${kind} of the template (${this.#template.at})`;
  }

  /** The client's own instructions stand in the template's text alone, where that repeats them whole. */
  #withoutRepeatedSystem(): readonly Message[] {
    const { leading, system } = this.#supplied;
    const section = this.#sectionRepeating(system, 'quotesSystem');
    if (section === undefined) return this.#messages;
    for (const [index, message] of leading.entries()) {
      this.#dropHints(message, section.at);
      // That is told with the part itself.
      if (index === 0 && !section.isOfUser) continue;
      const asked = message.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
      const reason = `it stands in the ${this.#reason(section.kind)}`;
      const param = partPath(message, 0);
      this.#adjustments.push({ param, asked, sent: null, kind: 'rewritten', reason, at: section.at });
    }
    const gone = new Set<Message>(leading);
    return this.#messages.filter((message) => !gone.has(message));
  }

  #sectionRepeating(text: string, source: 'quotesSystem' | 'isOfUser'): FilledSection | undefined {
    const said = text.trim();
    if (said === '') return undefined;
    return this.#filled.find(
      (section): section is FilledSection =>
        section.kind !== 'example' &&
        section[source] &&
        section.written.has(said) &&
        section.text.includes(this.#template.neutralise(text).trim()),
    );
  }

  /** The messages with the parts that are of the user in the user's last turn. */
  #withTurn(messages: readonly Message[]): readonly Message[] {
    const sections = this.#filled.filter((section) => section.kind !== 'example').filter(({ isOfUser }) => isOfUser);
    const text = writeSections(sections, this.#use.form.fences);
    if (text === '') return messages;
    const { turn } = this.#supplied;
    const repeated = this.#repeatedParts();
    this.#noteTurn(sections, repeated);
    const said = { type: 'text', text } as const;
    if (turn === null) {
      const start = messages.findIndex(({ role }) => role !== 'system' && role !== 'developer');
      const place = start < 0 ? messages.length : start;
      return messages.toSpliced(place, 0, { role: 'user', path: null, original: null, name: null, content: [said] });
    }
    const at = sections[0]?.at ?? this.#template.at;
    this.#dropHints(turn, at);
    const content: ContentPart[] = [];
    const kept = (part: ContentPart): boolean => !repeated.has(part);
    // Documents come first and the request last: the text stands where the request stood, else before everything.
    const place =
      this.#supplied.userPart !== null && repeated.has(this.#supplied.userPart) ? this.#supplied.userPart : null;
    if (place === null) content.push(said);
    for (const [index, part] of turn.content.entries()) {
      if (kept(part)) content.push(unmarked(part, partPath(turn, index)));
      else if (part === place) content.push(said);
    }
    const written: UserMessage = { ...turn, original: null, content };
    return messages.map((message) => (message === turn ? written : message));
  }

  /** The parts of the turn that stand whole in what is told of it. */
  #repeatedParts(): ReadonlySet<ContentPart> {
    const { userPart, user, documents } = this.#supplied;
    const pieces = [...documents, ...(userPart === null ? [] : [{ part: userPart, text: user }])];
    return new Set(pieces.flatMap(({ part, text }) => (this.#sectionRepeating(text, 'isOfUser') ? [part] : [])));
  }

  #noteTurn(sections: readonly FilledSection[], repeated: ReadonlySet<ContentPart>): void {
    const { turn } = this.#supplied;
    const texts = (turn?.content ?? []).flatMap((part) => {
      if (!repeated.has(part)) return [];
      return part.type === 'text' ? [part.text] : part.type === 'file' ? [part.filename ?? ''] : [];
    });
    const first = turn?.content.findIndex((part) => repeated.has(part)) ?? -1;
    const param = turn === null ? 'messages' : first < 0 ? `${turn.path}.content` : partPath(turn, first);
    for (const [index, section] of sections.entries()) {
      const asked = index === 0 && texts.length > 0 ? texts : null;
      const change = { param, asked, sent: section.text, kind: 'rewritten' } as const;
      this.#adjustments.push({ ...change, reason: this.#reason(section.kind), at: section.at });
    }
  }

  /** What goes with a message that is written anew: where to cache up to, names, and members nobody knows. */
  #dropHints(message: SystemMessage | UserMessage, at: string): void {
    const reason = 'the text stands in a template';
    const drop = (param: string, asked: Adjustment['asked']): void => {
      this.#adjustments.push({ param, asked, sent: null, kind: 'dropped', reason, at });
    };
    if (message.role !== 'user' && message.name !== null) drop(`${message.path}.name`, message.name);
    for (const [index, part] of message.content.entries()) {
      if (part.cacheBreakpoint === true) drop(breakpointPath(part, partPath(message, index)), true);
    }
    const { unknownFields, protocolFields, original }: ChatRequest = this.#use.request;
    const fields = [...unknownFields, ...protocolFields];
    this.#adjustments.push(...droppedUnknown({ unknownFields: fields, original }, String(message.path), at));
  }
}

function unmarked(part: ContentPart, path: string): ContentPart {
  const { cacheBreakpoint: _mark, ...rest } = part;
  return { ...rest, path };
}

function turnsOf({ input, output }: FilledExample): readonly Message[] {
  const own = { path: null, original: null, name: null } as const;
  return [
    { ...own, role: 'user', content: [{ type: 'text', text: input }] },
    { ...own, role: 'assistant', content: [{ type: 'text', text: output }], toolCalls: [], reasoning: null },
  ];
}
