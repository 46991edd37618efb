import { hash } from 'node:crypto';

import { unknownCost, type Cost } from '../catalog/cost.ts';
import type { AdaptedRequest } from '../core/adapted-request.ts';
import { inClientsWords, withoutContent, type Adjustment } from '../core/adjustment.ts';
import type { Answer } from '../core/answer.ts';
import type { Deployment } from '../core/deployment.ts';
import { possiblyBilled, type Failure } from '../core/failure.ts';
import type { JsonObject } from '../core/json.ts';
import { usdFromNano, type NanoUsd } from '../core/money.ts';
import type { Price } from '../core/price.ts';
import type { Secret } from '../core/secret.ts';
import {
  NOT_VALIDATED,
  UNKNOWN_CONFIDENCE,
  type AttemptRecord,
  type AttemptSummary,
  type Confidence,
  type Validation,
  type Verdict,
} from '../core/record.ts';
import type { Route } from '../core/route.ts';
import type { Usage } from '../core/usage.ts';
import type { EncodedRequest } from '../providers/provider.ts';
import type { CountedPrompt } from '../tokens/token-count.ts';
import { recoveryMark } from '../validation/recovery-mark.ts';
import type { Judgement, TextEdit } from '../validation/run.ts';
import type { AnswerSample } from './answer-sample.ts';
import { costOfAnswer, recordedPrice } from './attempt-cost.ts';
import { ReceivedBody } from './received-body.ts';
import { recordedUsage } from './recorded-usage.ts';
import { recordedValidation, tellableVerdict, withVerdict } from './recorded-validation.ts';
import { isDrifted, type ServedPrices } from './served-prices.ts';

/** One attempt while it happens: what was sent, what came back and when. Turned into a record at the end. */
export class Attempt {
  readonly number: number;
  readonly deployment: Deployment;
  readonly encoded: EncodedRequest;
  readonly adjustments: readonly Adjustment[];
  /** The fault this request itself asked for, in the words of `x-candor-sim`; `null`: none. */
  readonly requestedFault: string | null;
  /** The fault the simulator was told to show when the attempt began. */
  readonly #scriptedFault: string | null;
  readonly received: ReceivedBody;
  status: number | null = null;
  requestId: string | null = null;
  modelReported: string | null = null;
  headersAt: number | null = null;
  firstTokenAt: number | null = null;
  /** Whether the meters were told of its first content as it came. */
  isFirstContentTold = false;
  lastAt: number | null = null;
  usage: Usage | null = null;
  /** What its stream has brought, to be estimated where nobody counts it; `null`: no stream came. */
  sample: AnswerSample | null = null;
  answer: Answer | null = null;
  failed: Failure | null = null;
  validation: Validation = NOT_VALIDATED;
  /** How far the answer was from JSON; `undefined`: nobody asked for JSON. */
  parseLevel: number | null | undefined = undefined;
  /** How sure it is that the answer is right. */
  confidence: Confidence = UNKNOWN_CONFIDENCE;
  /** Where JSON that was recovered took the place of the vendor's text. */
  edits: readonly TextEdit[] = [];
  /** Events of the stream that could not be read and were left out. */
  skippedEvents = false;
  /** Oddities, for its record. */
  readonly flags: string[];
  readonly adapted: AdaptedRequest;
  readonly startedAt: number;
  readonly #startedWallTimeMs: number;
  /** The key it is sent with; `null`: none is needed. */
  readonly credential: Secret | null;
  readonly why: AttemptRecord['why'];
  readonly #prices: ServedPrices;
  /** The attempt whose answer this one goes on with, after its vendor paused; `null`: it asks anew. */
  readonly continues: Attempt | null;
  /** When its answer had come, or it failed: what is checked after that takes none of its time. */
  endedAt: number | null = null;
  #isScrubbed = false;
  /** The cost of the usage it was reckoned for. */
  #priced: { readonly usage: Usage | null; readonly price: Price | null; readonly cost: Cost } | null = null;

  constructor(start: {
    number: number;
    deployment: Deployment;
    adapted: AdaptedRequest;
    encoded: EncodedRequest;
    requestedFault: string | null;
    scriptedFault: string | null;
    startedAt: number;
    /** The same in milliseconds since the Unix epoch: prices go by it. */
    startedWallTimeMs: number;
    credential: Secret | null;
    why: AttemptRecord['why'];
    continues: Attempt | null;
    prices: ServedPrices;
  }) {
    this.number = start.number;
    this.deployment = start.deployment;
    this.received = new ReceivedBody(start.credential);
    this.encoded = start.encoded;
    const { request } = start.adapted;
    this.adjustments = start.adapted.adjustments
      .concat(start.encoded.adjustments)
      .map((adjustment) => withoutContent(inClientsWords(adjustment, request)));
    this.requestedFault = start.requestedFault;
    // Members Candor does not know passed within the protocol: that is all there is to say of them.
    this.flags = start.adapted.request.unknownFields.map((path) => `unknown_field:${path}`);
    this.#scriptedFault = start.scriptedFault;
    this.adapted = start.adapted;
    this.startedAt = start.startedAt;
    this.#startedWallTimeMs = start.startedWallTimeMs;
    this.credential = start.credential;
    this.why = start.why;
    this.continues = start.continues;
    this.#prices = start.prices;
    if (start.continues !== null) this.flags.push(`continues_attempt:${start.continues.number}`);
  }

  /** Notes how it ended. */
  end(result: Answer | Failure, at: number): void {
    this.endedAt ??= at;
    this.#scrubReceived();
    if ('failure' in result) {
      this.failed = result;
      return;
    }
    this.arrived(result);
  }

  /** What its model was given to read. */
  get prompt(): CountedPrompt {
    const { request, messages, responseFormat } = this.adapted;
    return { messages, tools: request.tools, responseFormat, embedding: request.embedding };
  }

  /** The text without the key the vendor was sent, which it may quote in any of its words. */
  scrub(text: string): string {
    return this.credential?.scrub(text) ?? text;
  }

  /** What is kept of the vendor's answer must not hold the key either. */
  #scrubReceived(): void {
    if (this.#isScrubbed) return;
    this.#isScrubbed = true;
    this.received.scrub();
    if (this.received.scrubbed) this.flags.push('credential_scrubbed');
  }

  /** Notes the vendor's own id of the request, without whatever of ours it may quote. */
  noteRequestId(id: string | null): void {
    this.requestId = id === null ? null : this.scrub(id);
  }

  /** Notes the answer before it is checked: whatever comes of that, it was paid for. */
  arrived(answer: Answer): void {
    this.answer = answer;
    this.usage = answer.usage;
    this.modelReported = answer.model;
    const isKnown = this.flags.includes('model_alias_drift');
    if (!isKnown && isDrifted(this.deployment, answer.model)) this.flags.push('model_alias_drift');
  }

  /** Notes what came of checking the answer, and the answer as it may be handed over. */
  judge(judgement: Judgement): void {
    const { answer, validation, parseLevel } = judgement;
    this.validation = {
      status: validation.status,
      verdicts: validation.verdicts.map((verdict) => tellableVerdict(verdict, (text) => this.scrub(text))),
    };
    this.parseLevel = parseLevel;
    const mark = recoveryMark(judgement);
    if (mark !== null) this.flags.push(mark);
    this.edits = judgement.edits;
    this.arrived(answer);
  }

  /** Adds what was found after the checks. */
  addVerdict(verdict: Verdict): void {
    this.validation = withVerdict(
      this.validation,
      tellableVerdict(verdict, (text) => this.scrub(text)),
    );
  }

  /** `ok`, or the failure's code without `upstream_`. */
  get kind(): string {
    return this.failed?.kind ?? 'ok';
  }

  get durationMs(): number {
    return this.#since(this.endedAt) ?? 0;
  }

  /** Time to the first content in milliseconds; `null` when none came. */
  get firstTokenMs(): number | null {
    return this.#since(this.firstTokenAt);
  }

  /**
   * `null`: not known. An attempt that was refused before it was worked on costs nothing; one that
   * broke off may have counted only in part; no tokens at all for an answer is no count.
   */
  get cost(): NanoUsd | null {
    if (this.answer === null) return this.failed !== null && !this.possiblyBilled ? 0 : null;
    return this.#answerCost().cost.nanoUsd;
  }

  /** Reckoned anew only for another usage: answer, headers and record all ask for it. */
  #answerCost(): { readonly price: Price | null; readonly cost: Cost } {
    const { usage } = this;
    if (this.#priced === null || this.#priced.usage !== usage) {
      const isOther = this.flags.includes('model_alias_drift');
      const price = this.#prices.of(this.deployment, this.modelReported, isOther);
      const cost = costOfAnswer({ usage, price, adapted: this.adapted, wallTimeMs: this.#startedWallTimeMs });
      this.#priced = { usage, price, cost };
    }
    return this.#priced;
  }

  /** What the record says of the price: of an answer with the arithmetic, else what it would have been. */
  #recordedPrice(): JsonObject | null {
    if (this.answer !== null) {
      const { price, cost } = this.#answerCost();
      return recordedPrice(price, cost, this.usage?.costNanoUsd !== undefined);
    }
    const { price } = this.deployment;
    const reason = this.possiblyBilled ? 'nothing is reported of an answer that broke off' : null;
    const rates = price?.ratesAt(this.#startedWallTimeMs, 0) ?? null;
    return recordedPrice(price, { ...unknownCost(''), rates, nanoUsd: this.cost, unknown: reason }, false);
  }

  /** Whether the vendor may charge for it although no answer came of it. */
  get possiblyBilled(): boolean {
    const accepted = this.status !== null && this.status >= 200 && this.status < 300;
    return this.failed !== null && (accepted || possiblyBilled(this.failed.kind));
  }

  /** `<provider>/<model>@<region>`; the region only where it is known. */
  get servedBy(): string {
    const { name, region } = this.deployment;
    return region === null ? name : `${name}@${region}`;
  }

  summary(): AttemptSummary {
    return {
      deployment: this.deployment.name,
      status: this.status,
      kind: this.kind,
      ms: this.durationMs,
      cost: usdFromNano(this.cost),
    };
  }

  record(route: Route | null): AttemptRecord {
    // One that a fault of our own broke off has never ended.
    this.#scrubReceived();
    return {
      n: this.number,
      why: this.why,
      deployment: this.deployment.name,
      status: this.status,
      kind: this.kind,
      ms: this.durationMs,
      cost: usdFromNano(this.cost),
      model_asked: this.deployment.modelId,
      model_reported: this.modelReported === null ? null : this.scrub(this.modelReported),
      region_reported: null,
      template: this.adapted.template,
      sent: { body: null, sha256: hash('sha256', this.encoded.body) },
      received: { body: null, sha256: this.received.sha256() },
      usage: recordedUsage(this.usage),
      price: this.#recordedPrice(),
      // An answer that has only paused has not ended.
      finish: this.answer?.resume === undefined ? (this.answer?.finishReason ?? null) : null,
      finish_native: this.answer?.finishNative ?? null,
      upstream: { request_id: this.requestId, error: this.failed?.upstream ?? null },
      possibly_billed: this.possiblyBilled,
      timings_ms: {
        queue: null,
        connect: null,
        headers: this.#since(this.headersAt),
        first_token: this.firstTokenMs,
        last: this.#since(this.lastAt),
        total: this.durationMs,
      },
      sim_fault: this.requestedFault ?? this.#scriptedFault,
      adjustments: this.adjustments,
      validation: recordedValidation(this.validation, this.adapted.request, route),
      flags: [...(this.answer?.flags ?? []), ...this.flags],
    };
  }

  #since(at: number | null): number | null {
    return at === null ? null : Math.max(0, Math.round(at - this.startedAt));
  }
}
