import type { Deployment } from '../core/deployment.ts';
import { GatewayError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { deploymentsBehind, modelList, type ListedModel } from '../core/model-list.ts';
import { nearestName } from '../core/nearest-name.ts';
import { anthropicModel, geminiModel } from '../dialects/model-shapes.ts';
import { sendJson, type Endpoint, type EndpointCall } from './endpoint.ts';
import { anthropicPage, geminiPage, type ModelPage } from './model-pages.ts';
import { readQueryWords } from './query-words.ts';

const LIST = 'the list of models';

/** What the SDKs of one vendor read as a list of models, and as one of them. */
interface ModelShape {
  readonly page: (models: readonly ListedModel[], query: string) => ModelPage;
  readonly list: (models: readonly JsonObject[], page: ModelPage) => JsonObject;
  readonly one: (model: ListedModel, deployments: readonly Deployment[]) => JsonObject;
}

const OPENAI: ModelShape = {
  page: (models, query) => {
    readQueryWords(query, [], LIST);
    return { models, members: {} };
  },
  list: (data) => ({ object: 'list', data }),
  one: (model) => model,
};

const ANTHROPIC: ModelShape = {
  page: anthropicPage,
  list: (data, { members }) => ({ data, ...members }),
  one: anthropicModel,
};

const GEMINI: ModelShape = {
  page: geminiPage,
  list: (models, { members }) => ({ models, ...members }),
  one: geminiModel,
};

/** At OpenAI's paths Anthropic's SDKs ask too, and say so. */
function shapeAtOpenAiPath(call: EndpointCall): ModelShape {
  return call.request.headers['anthropic-version'] === undefined ? OPENAI : ANTHROPIC;
}

function list(call: EndpointCall, shape: ModelShape): void {
  const page = shape.page(modelList(call.context.configuration(), now(call)), call.target.query);
  sendJson(
    call,
    200,
    shape.list(
      page.models.map((model) => shaped(model, call, shape)),
      page,
    ),
  );
}

function one(call: EndpointCall, shape: ModelShape): void {
  readQueryWords(call.target.query, [], 'a model');
  const models = modelList(call.context.configuration(), now(call));
  const model = models.find((entry) => entry.id === call.parameter);
  if (model === undefined) throw unknownModel(call.parameter, models);
  sendJson(call, 200, shaped(model, call, shape));
}

function shaped(model: ListedModel, call: EndpointCall, shape: ModelShape): JsonObject {
  return shape.one(model, deploymentsBehind(model.id, call.context.configuration()));
}

function now(call: EndpointCall): number {
  return call.context.steps.clock.wallTime();
}

function unknownModel(id: string, models: readonly ListedModel[]): GatewayError {
  const near = nearestName(
    id,
    models.map((model) => model.id),
  );
  const hint = near === null ? 'the list of models has them all' : `did you mean \`${near}\`?`;
  return new GatewayError('model_not_found', `there is no model or route \`${id.slice(0, 80)}\`: ${hint}`, {
    param: 'model',
  });
}

function endpointsAt(path: string, shapeOf: (call: EndpointCall) => ModelShape): readonly Endpoint[] {
  return [
    { method: 'GET', path, handle: (call) => list(call, shapeOf(call)) },
    { method: 'GET', path: `${path}/{id...}`, handle: (call) => one(call, shapeOf(call)) },
  ];
}

/** What can be asked for, in the shape of whoever asks. */
export const MODEL_ENDPOINTS: readonly Endpoint[] = [
  ...endpointsAt('/v1/models', shapeAtOpenAiPath),
  ...endpointsAt('/anthropic/v1/models', () => ANTHROPIC),
  ...endpointsAt('/v1beta/models', () => GEMINI),
  ...endpointsAt('/gemini/v1beta/models', () => GEMINI),
  ...endpointsAt('/gemini/v1/models', () => GEMINI),
];
