import { type JsonValue, parseJson } from '../core/json.ts';
import type { Deployment } from '../core/deployment.ts';
import type { ValidatorChoice } from '../core/route.ts';
import { withAskedModel, withRubric } from './asked-models.ts';
import type { Span } from './diagnostic.ts';
import { toJson, type ConfigNode, type Entry } from './document.ts';
import { checkHookName, type HooksContext } from './hooks.ts';
import { at, either, readList } from './read.ts';
import type { Registries } from './registries.ts';
import type { CandidatesContext } from './route-candidates.ts';
import { readSideFile, type FileContext } from './side-file.ts';
import { didYouMean } from './suggest.ts';

export interface ValidatorsContext extends FileContext, HooksContext, CandidatesContext {
  readonly registries: Registries;
}

/** Reads `validate`: a list of names, or of one-entry maps from a name to its options. `candidates` are whose answers they check. */
export function readValidators(
  context: ValidatorsContext,
  field: Entry | undefined,
  path: string,
  candidates: readonly Deployment[],
): readonly ValidatorChoice[] {
  const list = field === undefined ? null : readList(context, field.value, path);
  if (list === null) return [];
  const choices: ValidatorChoice[] = [];
  for (const item of list.items) {
    const choice = readValidator(context, item, path, candidates);
    if (choice === null) continue;
    const isSame = (other: ValidatorChoice): boolean =>
      other.id === choice.id && (choice.id !== 'hook' || other.options === choice.options);
    if (choices.some(isSame)) {
      context.problems.error('duplicate', item.span, `${path} names "${choice.id}" twice`);
    }
    choices.push(choice);
  }
  return choices;
}

function readValidator(
  context: ValidatorsContext,
  item: ConfigNode,
  path: string,
  candidates: readonly Deployment[],
): ValidatorChoice | null {
  const named = nameOf(item);
  if (named === null) {
    context.problems.error(
      'wrong-type',
      item.span,
      `${path} takes names, or one name with its options: { json_schema: ./file.json }`,
    );
    return null;
  }
  const { name, span, optionsNode } = named;
  const validator = context.registries.validators.get(name);
  if (validator === undefined) {
    refuseValidator(context, name, span);
    return null;
  }
  const written = readOptions(context, name, optionsNode, `${path}.${name}`);
  if (written === undefined) return null;
  const problem = validator.checkOptions(written);
  if (problem !== null) {
    context.problems.error('invalid-validator', optionsNode?.span ?? span, `${path}.${name}: ${problem}`);
    return null;
  }
  if (name === 'hook' && typeof written === 'string')
    checkHookName(context, written, optionsNode?.span ?? span, `${path}.hook`);
  const place = { id: name, path: `${path}.${name}`, node: optionsNode ?? item, candidates };
  const options = withAskedModel(context, written, place);
  if (options === null && written !== null) return null;
  return { id: name, options, at: at(context, item.span) };
}

interface NamedValidator {
  readonly name: string;
  readonly span: Span;
  readonly optionsNode: ConfigNode | null;
}

function nameOf(item: ConfigNode): NamedValidator | null {
  if (item.type === 'scalar' && typeof item.value === 'string')
    return { name: item.value, span: item.span, optionsNode: null };
  const [entry, ...others] = item.type === 'map' ? item.entries : [];
  if (entry === undefined || others.length > 0) return null;
  return { name: entry.key, span: entry.keySpan, optionsNode: entry.value };
}

function refuseValidator(context: ValidatorsContext, name: string, span: Span): void {
  const known = [...context.registries.validators.keys()];
  const help = didYouMean(name, known) ?? `use ${either(known)}`;
  context.problems.error('unknown-value', span, `there is no validator "${name}"`, help);
}

/** The options; text after `json_schema` is the path of the schema, and a rubric may be one. `undefined` after an error. */
function readOptions(
  context: ValidatorsContext,
  name: string,
  node: ConfigNode | null,
  path: string,
): JsonValue | undefined {
  if (node === null) return null;
  if (name === 'judge') return withRubric(context, toJson(node), node, path);
  if (name !== 'json_schema' || node.type !== 'scalar' || typeof node.value !== 'string') return toJson(node);
  const text = readSideFile(context, node.value, node.span, path);
  if (text === null) return undefined;
  const schema = parseJson(text);
  if (schema === undefined)
    context.problems.error('invalid-validator', node.span, `${path}: the file ${node.value} is not JSON`);
  return schema;
}
