import type { HookName } from '../core/hook-run.ts';
import type { Hook, Hooks } from '../core/hooks.ts';
import type { Route } from '../core/route.ts';
import type { Span } from './diagnostic.ts';
import { entryAt, type ConfigNode, type Entry } from './document.ts';
import { HOOK_WORDS } from './grammar.ts';
import { readReference, type HookModules, type HookReference } from './hook-modules.ts';
import { readFields, readMap, type ReadContext } from './read.ts';
import { didYouMean } from './suggest.ts';

export interface HooksContext extends ReadContext {
  readonly folder: string;
  /** `null`: nothing was evaluated. */
  readonly hookModules: HookModules | null;
}

interface SectionContext extends HooksContext {
  readonly models: ReadonlyMap<string, unknown>;
}

/** Reads the functions of a configuration: those of `hooks`, and those its routes name. */
export function readHooks(
  context: SectionContext,
  field: Entry | undefined,
  routes: ReadonlyMap<string, Route>,
): Hooks {
  const fields = field === undefined ? new Map<string, Entry>() : readFields(context, field.value, 'hooks', HOOK_WORDS);
  const reader = new HooksReader(context, fields ?? new Map<string, Entry>());
  const task = reader.one('task');
  const prompt = reader.byModel('prompt');
  const params = reader.byModel('params');
  const confidence = reader.one('confidence');
  const onRecord = reader.one('onRecord');
  const validate = reader.named(routes);
  // What a function does with what it is given is checked whenever it is called.
  return { task, prompt, params, validate, confidence, onRecord, sources: reader.sources } as Hooks;
}

type UnknownHook = Hook<unknown>;

class HooksReader {
  readonly sources = new Map<string, string>();
  readonly #context: SectionContext;
  readonly #fields: ReadonlyMap<string, Entry>;

  constructor(context: SectionContext, fields: ReadonlyMap<string, Entry>) {
    this.#context = context;
    this.#fields = fields;
  }

  one(name: HookName): UnknownHook | null {
    const field = this.#fields.get(name);
    return field === undefined ? null : this.#function(field.value, `hooks.${name}`);
  }

  byModel(name: HookName): ReadonlyMap<string, UnknownHook> {
    const { problems, models } = this.#context;
    const hooks = new Map<string, UnknownHook>();
    for (const { key, keySpan, value } of this.#members(name)) {
      const path = `hooks.${name}.${key}`;
      if (!models.has(key)) {
        const message = `${path}: there is no model "${key}"`;
        problems.error('unknown-model', keySpan, message, didYouMean(key, models.keys()));
      }
      const hook = this.#function(value, path);
      if (hook !== null) hooks.set(key, hook);
    }
    return hooks;
  }

  /** Those that routes ask for; one under `hooks.validate` that no route names would never run. */
  named(routes: ReadonlyMap<string, Route>): ReadonlyMap<string, UnknownHook> {
    const { problems } = this.#context;
    const names = [...routes.values()]
      .flatMap(({ validators }) => validators)
      .flatMap(({ id, options }) => (id === 'hook' && typeof options === 'string' ? [options] : []));
    for (const { key, keySpan, value } of this.#members('validate')) {
      this.#function(value, `hooks.validate.${key}`);
      const help = `write { hook: '${key}' } under \`validate\` of a route`;
      if (!names.includes(key)) problems.warn('unused-hook', keySpan, `no route names hooks.validate.${key}`, help);
    }
    const hooks = new Map<string, UnknownHook>();
    for (const name of names) {
      const reference = readReference(name, this.#context);
      const hook = reference === null ? null : this.#take(reference);
      if (hook !== null) hooks.set(name, hook);
    }
    return hooks;
  }

  #members(name: HookName): readonly Entry[] {
    const field = this.#fields.get(name);
    return field === undefined ? [] : (readMap(this.#context, field.value, `hooks.${name}`)?.entries ?? []);
  }

  #function(node: ConfigNode, path: string): UnknownHook | null {
    const { origin, problems } = this.#context;
    const reference = { module: origin, path };
    const written = node.type === 'scalar' ? node.value : null;
    const hook = written === `${origin}#${path}` ? this.#take(reference) : null;
    if (hook === null) problems.error('wrong-type', node.span, `${path} must be a function`);
    return hook;
  }

  /** `null`: there is no such function. */
  #take(reference: HookReference): UnknownHook | null {
    const { hookModules } = this.#context;
    const found = hookModules?.find(reference.module, reference.path) ?? null;
    if (found === null || hookModules === null || 'problem' in found) return null;
    const sha256 = hookModules.sha256(reference.module);
    this.sources.set(reference.module, sha256);
    return { run: found.run, at: `${reference.module}#${reference.path}`, sha256 };
  }
}

/** Reports what is wrong with the name of a function under `validate`. */
export function checkHookName(context: HooksContext, written: string, span: Span, path: string): void {
  const { problems, hookModules } = context;
  const reference = readReference(written, context);
  if (reference === null) {
    const help = 'write hook: ./hooks/checks.ts#name_of_an_export';
    problems.error('invalid-validator', span, `${path}: "${written}" names no function`, help);
    return;
  }
  if (hookModules === null) {
    problems.error('invalid-validator', span, `${path}: functions are evaluated by \`loadConfigFile\` only`);
    return;
  }
  const found = hookModules.find(reference.module, reference.path);
  if (!('problem' in found)) return;
  const help = found.names.length === 0 ? null : didYouMean(reference.path, found.names);
  problems.error('invalid-validator', span, `${path}: ${reference.module} ${found.problem}`, help);
}

/** The modules beside the config that `hook` names, as paths from its folder. */
export function hookFiles(
  root: ConfigNode,
  context: { readonly folder: string; readonly origin: string },
): readonly string[] {
  const routes = entryAt(root, 'routes')?.value;
  const modules = new Set<string>();
  for (const route of routes?.type === 'map' ? routes.entries : []) {
    const list = entryAt(route.value, 'validate')?.value;
    for (const item of list?.type === 'list' ? list.items : []) {
      const written = item.type === 'map' ? entryAt(item, 'hook')?.value : undefined;
      const text = written?.type === 'scalar' && typeof written.value === 'string' ? written.value : '';
      const reference = text.includes('#') ? readReference(text, context) : null;
      if (reference !== null) modules.add(reference.module);
    }
  }
  return [...modules];
}
