import type { Deployment } from '../core/deployment.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { familyOf } from '../core/model-family.ts';
import { isPinnedName } from '../core/pinned-name.ts';
import type { Route } from '../core/route.ts';
import type { Span } from './diagnostic.ts';
import { entryAt, type ConfigNode } from './document.ts';
import type { CandidatesContext } from './route-candidates.ts';
import { isPath, readSideFile, type FileContext } from './side-file.ts';
import { didYouMean } from './suggest.ts';

/** Validators that ask a model themselves, and the word that names it. */
const ASKED: Readonly<Record<string, string>> = { judge: 'model', confidence: 'agreement' };

/** One validator of a route, where it stands, and whose answers it checks. */
export interface AskingValidator {
  readonly id: string;
  readonly path: string;
  readonly node: ConfigNode;
  readonly candidates: readonly Deployment[];
}

/** The options of a `judge` with the text of its rubric, also where that lies in a file. `undefined` after an error. */
export function withRubric(
  context: FileContext,
  options: JsonValue,
  node: ConfigNode,
  path: string,
): JsonValue | undefined {
  const rubric = isJsonObject(options) ? options['rubric'] : undefined;
  if (!isJsonObject(options) || typeof rubric !== 'string' || !isPath(rubric)) return options;
  const span = entryAt(node, 'rubric')?.value.span ?? node.span;
  const text = readSideFile(context, rubric, span, `${path}.rubric`);
  return text === null ? undefined : { ...options, rubric: text };
}

/**
 * The options with the vendor's names of the model they name, as `snapshots`: with another one it is another check. They
 * stay as they are where they name none. `null` after an error: there is no such model, or it is of the family of all
 * whose answers it would check.
 */
export function withAskedModel(
  context: CandidatesContext,
  options: JsonValue,
  { id, path, node, candidates }: AskingValidator,
): JsonValue | null {
  const word = ASKED[id];
  if (word === undefined || !isJsonObject(options)) return options;
  const name = options[word];
  if (typeof name !== 'string') return options;
  const span = entryAt(node, word)?.value.span ?? node.span;
  const where = `${path}.${word}`;
  const asked = deploymentsOf(context, name);
  if (asked.length === 0) {
    const help = didYouMean(name, [...context.models.keys(), ...context.deployments.keys()]);
    // A model that has errors of its own is not reported a second time.
    if (context.models.get(name) !== null) {
      context.problems.error('unknown-model', span, `${where} names model "${name}", which is not defined`, help);
    }
    return null;
  }
  if (!checkFamily(context, asked, { where, name, span }, candidates)) return null;
  if (id === 'judge') warnAboutSnapshot(context, asked, span, where);
  return withSnapshots(options, asked);
}

function deploymentsOf({ models, deployments }: CandidatesContext, name: string): readonly Deployment[] {
  const deployment = deployments.get(name);
  return models.get(name)?.deployments ?? (deployment === undefined ? [] : [deployment]);
}

/** The models and deployments that checks of these routes ask, as the config names them. */
export function modelsAskedByChecks(routes: Iterable<Route>): readonly string[] {
  return [...routes].flatMap(({ validators }) =>
    validators.flatMap(({ id, options }) => {
      const name = isJsonObject(options) ? options[ASKED[id] ?? ''] : undefined;
      return typeof name === 'string' ? [name] : [];
    }),
  );
}

interface NamedModel {
  readonly where: string;
  readonly name: string;
  readonly span: Span;
}

/** What one family gets wrong it also takes for right. */
function checkFamily(
  { problems }: CandidatesContext,
  asked: readonly Deployment[],
  { where, name, span }: NamedModel,
  candidates: readonly Deployment[],
): boolean {
  const families = new Set(asked.map(({ modelId }) => familyOf(modelId)));
  const own = [
    ...new Set(candidates.filter(({ modelId }) => families.has(familyOf(modelId))).map(({ model }) => model)),
  ];
  if (own.length === 0) return true;
  const isAll = candidates.every(({ model }) => own.includes(model));
  const message = `${where}: ${name} is of the family of ${own.join(', ')}, whose answers it cannot judge`;
  const help = 'name a model of another family than those of `try`';
  if (isAll) problems.error('contradiction', span, message, help);
  else problems.warn('same-family', span, message, `${help}, or nothing is known of their answers`);
  return !isAll;
}

function warnAboutSnapshot(
  { problems }: CandidatesContext,
  asked: readonly Deployment[],
  span: Span,
  where: string,
): void {
  const moving = asked.find(({ modelId, simulated }) => !simulated && !isPinnedName(modelId));
  if (moving === undefined) return;
  const message = `${where}: "${moving.modelId}" is no pinned snapshot: its vendor may change who judges`;
  problems.warn('moving-judge', span, message, `give models.${moving.model} the \`id\` of a dated snapshot`);
}

function withSnapshots(options: JsonObject, asked: readonly Deployment[]): JsonObject {
  return { ...options, snapshots: asked.map(({ modelId, simulated }) => (simulated ? `sim-${modelId}` : modelId)) };
}
