import type { Clock } from '../core/clock.ts';
import { Calibrator } from './calibrator.ts';
import { imageTokens } from './image-tokens.ts';
import { bytesOf } from './prompt-bound.ts';
import { piecesOf, type PromptPieces } from './prompt-pieces.ts';
import type { CountedModel, CountedPrompt, TokenCount } from './token-count.ts';
import { TokenizerThread } from './tokenizer-thread.ts';
import { tokenizerFacts } from './tokenizer-facts.ts';
import type { TextCount } from './vocabulary.ts';

/** What a byte count tells when the tokenizer cannot be had: of a text that is mostly white space or one letter, next to nothing. */
const BYTES_PER_TOKEN = 4;
const BYTES_BAND = 1;
/** What vendors make of JSON: half as much, or half as much again. */
const STRUCTURE_BAND = 0.4;
const IMAGE_BAND = 0.2;
const SAMPLE_INTERVAL_MS = 500;
const LONGEST_SAMPLE_CHARACTERS = 100_000;
/** From how many reports on a model is believed that it counts otherwise than it is said to. */
const TELLING_REPORTS = 3;
const OWN_VOCABULARY_BAND = 0.01;

/**
 * Counts the tokens of prompts, on a thread of its own that begins with the first count. What a vendor
 * without a published vocabulary counts is learnt from what it reports of answered requests.
 */
export class TokenCounter {
  readonly #clock: Clock;
  readonly #thread: TokenizerThread;
  readonly #calibrator: Calibrator;
  #sampledAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#thread = new TokenizerThread(clock);
    this.#calibrator = new Calibrator(() => clock.wallTime());
  }

  /**
   * Counts what this model would read: the client's own request, or one adapted to the model.
   * @param patienceMs after which it is guessed by its bytes; as long as it takes when left out
   */
  async count(prompt: CountedPrompt, model: CountedModel, patienceMs?: number): Promise<TokenCount> {
    const pieces = piecesOf(prompt);
    const facts = tokenizerFacts(model);
    const learnt = this.#calibrator.calibration(keyOf(model), facts);
    const images = countImages(pieces, model);
    const isLowerBound = pieces.uncounted + images.uncounted > 0;
    const counted = await this.#countTexts(pieces, patienceMs);
    const toolTokens = pieces.hasTools ? facts.toolPromptTokens : 0;
    const whole = (pieces.frameTokens + counted.texts + counted.structures) * learnt.factor + toolTokens;
    const contradicted = learnt.reports >= TELLING_REPORTS && Math.abs(learnt.factor - 1) > OWN_VOCABULARY_BAND;
    const isExact = facts.isOwnVocabulary && pieces.isPlain && counted.isExact && !isLowerBound && !contradicted;
    if (isExact) return { count: pieces.frameTokens + counted.texts, method: 'exact', errorBand: 0, isLowerBound };
    const total = whole + images.tokens;
    const structureShare = (counted.structures * learnt.factor + toolTokens) / total;
    const band = counted.isRough ? BYTES_BAND : Math.max(learnt.errorBand, OWN_VOCABULARY_BAND);
    return {
      count: Math.round(total),
      method: 'estimated',
      errorBand: Math.min(1, band + structureShare * STRUCTURE_BAND + (images.tokens / total) * IMAGE_BAND),
      isLowerBound,
    };
  }

  /** Counts what this model wrote, with the same patience: how many tokens the text comes to, about. */
  async countText(text: string, model: CountedModel, patienceMs?: number): Promise<number> {
    const { factor } = this.#calibrator.calibration(keyOf(model), tokenizerFacts(model));
    const counted = await this.#counted([text], patienceMs);
    return counted === null ? Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN) : counted.tokens * factor;
  }

  /**
   * Learns from what a vendor reported of a prompt it answered: now and then, from plain prompts, and only
   * while the tokenizer runs and has nothing to do, so that no request pays for it.
   */
  learn(prompt: CountedPrompt, model: CountedModel, reportedTokens: number): void {
    if (!this.#thread.isFree || this.#clock.now() - this.#sampledAt < SAMPLE_INTERVAL_MS) return;
    this.#sampledAt = this.#clock.now();
    const pieces = piecesOf(prompt);
    const isText = pieces.structures.length === 0 && pieces.images.length === 0 && pieces.uncounted === 0;
    if (!isText || charactersOf(pieces.texts) > LONGEST_SAMPLE_CHARACTERS) return;
    void this.#compare(pieces, model, reportedTokens);
  }

  /** Ends the tokenizer's thread. */
  close(): void {
    this.#thread.stop();
  }

  async #compare(pieces: PromptPieces, model: CountedModel, reportedTokens: number): Promise<void> {
    const counted = await this.#thread.count(pieces.texts);
    if (counted === null) return;
    this.#calibrator.learn(keyOf(model), counted.tokens + pieces.frameTokens, reportedTokens);
  }

  async #countTexts(pieces: PromptPieces, patienceMs: number | undefined): Promise<CountedTexts> {
    const [texts, structures] = await Promise.all([
      this.#counted(pieces.texts, patienceMs),
      pieces.structures.length === 0 ? { tokens: 0, isExact: true } : this.#counted(pieces.structures, patienceMs),
    ]);
    if (texts === null || structures === null) {
      const rough = Math.ceil(bytesOf(pieces) / BYTES_PER_TOKEN);
      return { texts: rough, structures: 0, isExact: false, isRough: true };
    }
    return { texts: texts.tokens, structures: structures.tokens, isExact: texts.isExact, isRough: false };
  }

  /** `null`: the tokenizer cannot be had, or not in time. */
  #counted(texts: readonly string[], patienceMs: number | undefined): Promise<TextCount | null> {
    const counting = this.#thread.count(texts);
    if (patienceMs === undefined) return counting;
    return new Promise((resolve) => {
      const timer = this.#clock.setTimer(patienceMs, () => resolve(null));
      void counting.then(resolve).finally(() => timer.cancel());
    });
  }
}

interface CountedTexts {
  readonly texts: number;
  readonly structures: number;
  readonly isExact: boolean;
  /** Whether it is a guess by bytes, since the tokenizer could not be had. */
  readonly isRough: boolean;
}

function keyOf({ kind, modelId, simulated }: CountedModel): string {
  return `${kind}/${modelId}${simulated ? '#sim' : ''}`;
}

function charactersOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}

function countImages(pieces: PromptPieces, model: CountedModel): { tokens: number; uncounted: number } {
  let tokens = 0;
  let uncounted = 0;
  for (const image of pieces.images) {
    const counted = imageTokens(image, model);
    if (counted === null) uncounted++;
    else tokens += counted;
  }
  return { tokens, uncounted };
}
