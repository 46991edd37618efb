import type { Deployment } from '../core/deployment.ts';
import type { JsonObject } from '../core/json.ts';
import { deploymentsBehind, modelList, type ListedModel } from '../core/model-list.ts';
import { anthropicModel, geminiModel } from '../dialects/model-shapes.ts';
import { sendJson, type Endpoint, type EndpointCall } from './endpoint.ts';
import { measuredModels } from './measured-models.ts';
import { anthropicPage, geminiPage, type ModelPage } from './model-pages.ts';
import { readQueryWords } from './query-words.ts';
import { unknownName } from './unknown-name.ts';

const LIST = 'the list of models';

/** What the SDKs of one vendor read as a list of models, and as one of them. */
interface ModelShape {
  readonly page: (models: readonly ListedModel[], query: string) => ModelPage;
  readonly list: (models: readonly JsonObject[], page: ModelPage) => JsonObject;
  readonly one: (model: ListedModel, deployments: readonly Deployment[]) => JsonObject;
  /** Whether its entries say what was measured: the shapes of other vendors hold what these define. */
  readonly measured: boolean;
}

const OPENAI: ModelShape = {
  page: (models, query) => {
    readQueryWords(query, [], LIST);
    return { models, members: {} };
  },
  list: (data) => ({ object: 'list', data }),
  one: (model) => model,
  measured: true,
};

const ANTHROPIC: ModelShape = {
  page: anthropicPage,
  list: (data, { members }) => ({ data, ...members }),
  one: anthropicModel,
  measured: false,
};

const GEMINI: ModelShape = {
  page: geminiPage,
  list: (models, { members }) => ({ models, ...members }),
  one: geminiModel,
  measured: false,
};

/** At OpenAI's paths Anthropic's SDKs ask too, and say so. */
function shapeAtOpenAiPath(call: EndpointCall): ModelShape {
  return call.request.headers['anthropic-version'] === undefined ? OPENAI : ANTHROPIC;
}

function list(call: EndpointCall, shape: ModelShape): void {
  const page = shape.page(listed(call, shape), call.target.query);
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
  const models = listed(call, shape);
  const model = models.find((entry) => entry.id === call.parameter);
  if (model === undefined) {
    const known = models.map(({ id }) => id);
    throw unknownName({ what: 'model or route', name: call.parameter, known, param: 'model' });
  }
  sendJson(call, 200, shaped(model, call, shape));
}

function shaped(model: ListedModel, call: EndpointCall, shape: ModelShape): JsonObject {
  return shape.one(model, deploymentsBehind(model.id, call.context.configuration()));
}

function listed({ context }: EndpointCall, shape: ModelShape): readonly ListedModel[] {
  const models = modelList(context.configuration(), context.steps.clock.wallTime());
  return shape.measured ? measuredModels(models, context) : models;
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
