import type { Adjustment } from './adjustment.ts';
import type { ChatRequest, Message, Parameters, ResponseFormat, Tool, ToolChoice } from './chat.ts';

/** A request fitted to one deployment by what the config says; the provider encodes this. */
export interface AdaptedRequest {
  /** What the client sent, untouched. */
  readonly request: ChatRequest;
  /** The request's own list when nothing was added, the very same object. */
  readonly messages: readonly Message[];
  /** The request's own parameters when nothing was changed, the very same object. */
  readonly parameters: Parameters;
  /** The format to ask the vendor for; differs from the client's where it is emulated. */
  readonly responseFormat: ResponseFormat | null;
  /** The tools to offer; fewer than the client's where a choice among some of them is emulated. */
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice | null;
  readonly adjustments: readonly Adjustment[];
  /** First 16 hexadecimal digits of the SHA-256 over what the config has this model told on this route; `null`: nothing. */
  readonly template: string | null;
}
