import { Drop } from 'liquidjs';

import { languageOf } from './language.ts';
import { ClientWord, type SuppliedDocument } from './supplied-text.ts';
import type { TemplateFacts } from './text-template.ts';

/** What a brief may speak of. */
export const BRIEF_FACTS: ReadonlySet<string> = new Set(['asked', 'model', 'route', 'reason']);

/** What examples may speak of: they become turns of the conversation, so nothing of them is the client's. */
export const EXAMPLE_FACTS: ReadonlySet<string> = new Set(['model', 'route', 'family']);

/** What a template of a prompt may speak of. */
export const PROMPT_FACTS: ReadonlySet<string> = new Set([
  'asked',
  ...EXAMPLE_FACTS,
  'language',
  'system',
  'user',
  'documents',
  'tags',
]);

/** What is known of one request and of the model that it is written for. */
export interface PromptSituation {
  /** What the client put in `model`. */
  readonly asked: string;
  readonly model: string;
  readonly route: string;
  readonly family: string;
  /** The client's own instructions at the start of the conversation; empty: none. */
  readonly system: string;
  /** The last text of the last turn of the user; empty: none. */
  readonly user: string;
  readonly documents: readonly SuppliedDocument[];
  readonly tags: Readonly<Record<string, string>>;
}

/** The facts of a template. The documents, and the language, which is that of `user`, are found out when it asks for them. */
export function promptFacts(situation: PromptSituation): TemplateFacts {
  const { asked, model, route, family, system, user, tags } = situation;
  return {
    asked: new ClientWord(asked),
    model,
    route,
    family,
    system,
    user,
    tags: new Tags(tags),
    get documents() {
      return situation.documents;
    },
    get language() {
      return languageOf(situation.user);
    },
  };
}

/** A tag that the request does not have is nothing, not an error: which ones there are is for clients to say. */
class Tags extends Drop {
  readonly #tags: Readonly<Record<string, string>>;

  constructor(tags: Readonly<Record<string, string>>) {
    super();
    this.#tags = tags;
  }

  override liquidMethodMissing(name: string): ClientWord | null {
    const tag = Object.hasOwn(this.#tags, name) ? this.#tags[name] : undefined;
    return tag === undefined ? null : new ClientWord(tag);
  }
}
