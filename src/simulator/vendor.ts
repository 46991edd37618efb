import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { type JsonObject, isJsonObject, parseJson, stringMember } from '../core/json.ts';
import { compose } from './brain/think.ts';
import type { SimulatorClock } from './clock.ts';
import { type DeliveryOptions, deliverBody, deliverStream } from './delivery.ts';
import { FAULT_HEADER, FAULT_WORDS, type ParsedFault, parseFaultWord } from './fault.ts';
import { inputTokens, vectorsFor } from './embedding.ts';
import type { Encounter, FaultBoard } from './fault-board.ts';
import { type Persona, isPeakHour, personaOf } from './persona.ts';
import type { PromptMemory } from './prompt-memory.ts';
import {
  type AnswerHead,
  type Call,
  type Protocol,
  RequestRefused,
  type VendorError,
  vendorError,
} from './protocols/protocol.ts';
import { type Question, promptIdentity, promptText } from './question.ts';
import { type Random, randomFrom } from './random.ts';
import type { ReceivedLog } from './received.ts';
import { type Reply, finishReply, refusalReply } from './reply.ts';
import { countTokens } from './tokens.ts';
import type { WallClock } from './wall-clock.ts';

const MOST_BODY_BYTES = 32 * 1_024 * 1_024;
const PEAK_ZONE = 'Asia/Shanghai';
const DELAY_SPREAD = 0.15;
const TOOL_FRAME_TOKENS = 8;

/** What one simulated vendor is made of. */
export interface VendorParts {
  readonly provider: string;
  readonly protocol: Protocol;
  /** Model id on the wire → config name. */
  readonly models: ReadonlyMap<string, string>;
  readonly seed: number;
  readonly clock: SimulatorClock;
  readonly wallClock: WallClock;
  readonly board: FaultBoard;
  readonly received: ReceivedLog;
  readonly memory: PromptMemory;
}

/** A request that named a model the vendor has. */
interface Admitted {
  readonly call: Call;
  readonly body: JsonObject;
  readonly model: string;
  readonly persona: Persona;
  readonly encounter: Encounter;
}

/** One simulated vendor: takes requests of its protocol and answers them. */
export class Vendor {
  readonly #parts: VendorParts;
  #serial = 0;

  constructor(parts: VendorParts) {
    this.#parts = parts;
  }

  /** Answers one request. Never rejects: a client that goes away ends it quietly. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#serial += 1;
    response.setHeader('x-candor-simulated', '1');
    for (const [name, value] of Object.entries(this.#parts.protocol.headers(this.#serial)))
      response.setHeader(name, value);
    try {
      await this.#answer(request, response);
    } catch (error) {
      if (error instanceof RequestRefused) this.#sendError(response, error.vendorError);
      else if (!request.destroyed && !response.destroyed)
        this.#sendError(response, vendorError(500, `the simulator failed: ${String(error)}`));
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { protocol, received, provider } = this.#parts;
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const method = request.method ?? '';
    const text = await readBody(request);
    received.add(provider, method, url, request.headers, text);
    const chat = protocol.locate(method, url);
    const call = chat ?? protocol.embeddings?.locate(method, url) ?? null;
    if (call === null) throw new RequestRefused(404, `Invalid URL (${method} ${url.pathname})`);
    const admitted = this.#admit(call, text, request.headers);
    if (this.#insteadOfAnswer(admitted.encounter, response)) return;
    if (chat === null) {
      await this.#deliverVectors(admitted, response);
      return;
    }
    const question = protocol.read(admitted.body, admitted.persona, request.headers);
    await this.#deliver(admitted, { ...question, stream: call.stream ?? question.stream }, response);
  }

  #admit(call: Call, text: string, headers: IncomingHttpHeaders): Admitted {
    const { protocol, models, provider, board } = this.#parts;
    const body = parseJson(text);
    if (!isJsonObject(body)) throw new RequestRefused(400, 'We could not parse the JSON body of your request.');
    const modelId = call.modelId ?? stringMember(body, 'model');
    if (modelId === null) throw new RequestRefused(400, 'you must provide a model parameter', 'model');
    const model = models.get(modelId);
    const own = ownFault(headers);
    if (model === undefined) {
      const { status, message, param, code } = protocol.unknownModel(modelId);
      throw new RequestRefused(status, message, param, code);
    }
    return {
      call,
      body,
      model,
      persona: personaOf(protocol.kind, model, modelId),
      encounter: board.meet(provider, model, own),
    };
  }

  /** Sends what takes the place of an answer; `false` when nothing does. */
  #insteadOfAnswer(encounter: Encounter, response: ServerResponse): boolean {
    const { instead } = encounter;
    if (instead === null) return false;
    const { protocol } = this.#parts;
    switch (instead.kind) {
      case 'unreachable':
        response.socket?.destroy();
        break;
      case 'status':
        this.#sendError(response, vendorError(instead.status, protocol.outageMessage(instead.status)));
        break;
      case 'rate-limit':
        this.#sendError(
          response,
          vendorError(429, protocol.outageMessage(429), { retryAfterSeconds: instead.retryAfterSeconds }),
        );
        break;
      case 'content-type':
        response.writeHead(200, { 'content-type': instead.value });
        response.end(
          '<!doctype html><html><head><title>Simulated page</title></head><body><h1>Not the API</h1></body></html>\n',
        );
        break;
    }
    return true;
  }

  #sendError(response: ServerResponse, error: VendorError): void {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const { protocol } = this.#parts;
    response.writeHead(error.status, { 'content-type': 'application/json', ...protocol.errorHeaders(error) });
    response.end(protocol.errorBody(error, this.#serial));
  }

  async #deliver(admitted: Admitted, question: Question, response: ServerResponse): Promise<void> {
    const { protocol, clock } = this.#parts;
    const random = randomFrom(this.#parts.seed, 'pace', admitted.model, promptIdentity(question));
    const head = this.#head(admitted, question);
    const replies = this.#replies(admitted, question, head.promptTokens);
    const firstTokenMs = this.#firstTokenMs(admitted, random);
    const options: Omit<DeliveryOptions, 'contentType' | 'keepAlive'> = {
      response,
      clock,
      pace: { firstTokenMs, tokensPerSecond: admitted.persona.tokensPerSecond },
      ending: admitted.encounter.ending,
    };
    if (question.stream) {
      const { framing } = admitted.call;
      const contentType = framing === 'sse' ? protocol.streamContentType : 'application/json; charset=UTF-8';
      await deliverStream(protocol.frames(replies, head, framing), {
        ...options,
        contentType,
        keepAlive: protocol.keepAlive.stream,
      });
    } else {
      const tokens = replies.reduce((sum, reply) => sum + reply.reasoningTokens + reply.answerTokens, 0);
      await deliverBody(protocol.body(replies, head), tokens, {
        ...options,
        contentType: 'application/json',
        keepAlive: protocol.keepAlive.body,
      });
    }
  }

  async #deliverVectors({ call, body, model, persona, encounter }: Admitted, response: ServerResponse): Promise<void> {
    const { protocol, clock, seed } = this.#parts;
    const { embeddings } = protocol;
    if (embeddings === undefined) throw new TypeError(`${protocol.kind} makes no embeddings`);
    const question = embeddings.read(body, call.modelId ?? stringMember(body, 'model') ?? '');
    const vectors = vectorsFor(question, seed, model);
    const promptTokens = question.inputs.reduce((sum, input) => sum + inputTokens(input), 0);
    const firstTokenMs = Math.max(persona.firstTokenMs, encounter.firstTokenMs ?? 0);
    await deliverBody(embeddings.body(vectors, { model: `sim-${model}`, promptTokens, question }), 0, {
      response,
      clock,
      pace: { firstTokenMs, tokensPerSecond: persona.tokensPerSecond },
      ending: encounter.ending,
      contentType: 'application/json',
      keepAlive: protocol.keepAlive.body,
    });
  }

  #head(admitted: Admitted, question: Question): AnswerHead {
    const { protocol, wallClock, memory } = this.#parts;
    const prompt = promptText(question);
    const tools = question.tools.length === 0 ? '' : JSON.stringify(question.tools);
    const promptTokens = countTokens(prompt) + countTokens(tools) + TOOL_FRAME_TOKENS;
    if (promptTokens > admitted.persona.contextTokens) {
      const { status, message, param, code } = protocol.tooLong(promptTokens, admitted.persona);
      throw new RequestRefused(status, message, param, code);
    }
    const cachedTokens = memory.cachedTokens(admitted.model, `${tools}${prompt}`);
    return {
      model: `sim-${admitted.model}`,
      serial: this.#serial,
      createdMs: wallClock.now(),
      promptTokens,
      cachedTokens,
      question,
    };
  }

  #replies(admitted: Admitted, question: Question, promptTokens: number): readonly Reply[] {
    const { encounter, persona, model } = admitted;
    const { protocol, seed } = this.#parts;
    const room = Math.min(question.maxTokens ?? persona.outputTokens, persona.contextTokens - promptTokens);
    return Array.from({ length: question.choices }, (_, choice) => {
      if (encounter.refusal && !protocol.refusesInWords) return refusalReply(protocol.refusalText);
      if (encounter.refusal)
        return finishReply({ reasoning: '', text: protocol.refusalText, calls: [] }, question.stop, room);
      const random = randomFrom(seed, model, choice, promptIdentity(question));
      return finishReply(compose(question, persona.style, random, encounter), question.stop, room);
    });
  }

  #firstTokenMs(admitted: Admitted, random: Random): number {
    const { persona, encounter } = admitted;
    const hour = this.#parts.wallClock.hourIfSet(PEAK_ZONE);
    const isPeak = persona.peakFirstTokenMs !== null && hour !== null && isPeakHour(hour);
    const usual = isPeak ? (persona.peakFirstTokenMs ?? persona.firstTokenMs) : persona.firstTokenMs;
    const spread = usual * (1 + DELAY_SPREAD * (2 * random.next() - 1));
    return Math.max(spread, encounter.firstTokenMs ?? 0);
  }
}

function ownFault(headers: IncomingHttpHeaders): ParsedFault | null {
  const word = headers[FAULT_HEADER];
  if (word === undefined) return null;
  const fault = parseFaultWord(String(word));
  if (fault === null)
    throw new RequestRefused(
      400,
      `unknown simulated fault "${String(word)}"; accepted are ${FAULT_WORDS}`,
      FAULT_HEADER,
    );
  return fault;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Too much is read to its end and thrown away: leaving off would break the connection before the client has its 413.
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MOST_BODY_BYTES) chunks.push(chunk);
  }
  if (bytes > MOST_BODY_BYTES) throw new RequestRefused(413, 'Request body too large.');
  return Buffer.concat(chunks).toString('utf8');
}
