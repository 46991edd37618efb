import type { ImagePart } from '../core/chat.ts';
import { imageSize, type ImageSize } from './image-size.ts';
import type { CountedModel } from './token-count.ts';

/** How a vendor counts an image. */
type ImageRule =
  /** OpenAI: a base and so much for each tile of 512, after fitting it in 2048 and its short side in 768. */
  | { readonly kind: 'tiles'; readonly base: number; readonly perTile: number }
  /** OpenAI's small models: patches of 32, at most 1536, times a factor. */
  | { readonly kind: 'patches'; readonly factor: number }
  /** Anthropic: pixels by 750, after fitting the long side. */
  | { readonly kind: 'area'; readonly longSide: number; readonly most: number }
  /** Gemini 2: 258, or that for each of the crops a large one is cut into. */
  | { readonly kind: 'crops' }
  | { readonly kind: 'fixed'; readonly tokens: number };

/** By the model's name; the first that fits. Sources, read for 2026-11-01: the vendors' pages on images. */
const RULES: readonly (readonly [RegExp, ImageRule])[] = [
  [/^gpt-4o-mini/, { kind: 'tiles', base: 2833, perTile: 5667 }],
  [/^(?:chatgpt-)?gpt-4o|^gpt-4\.1(?:-\d|$)/, { kind: 'tiles', base: 85, perTile: 170 }],
  [/^gpt-4\.1-mini|^gpt-5-mini/, { kind: 'patches', factor: 1.62 }],
  [/^gpt-4\.1-nano|^gpt-5-nano/, { kind: 'patches', factor: 2.46 }],
  [/^o4-mini/, { kind: 'patches', factor: 1.72 }],
  [/^o[13](?:-|$)/, { kind: 'tiles', base: 75, perTile: 150 }],
  [/^gpt-5(?:-\d|$)/, { kind: 'tiles', base: 70, perTile: 140 }],
  [/^claude-(?:opus-4-[78]|(?:opus|sonnet|haiku|fable)-5)/, { kind: 'area', longSide: 2576, most: 4784 }],
  [/^claude/, { kind: 'area', longSide: 1568, most: 1600 }],
  [/^gemini-2/, { kind: 'crops' }],
  [/^gemini-3/, { kind: 'fixed', tokens: 1120 }],
];

/** Tokens of an image by the vendor's own rule; `null` when there is none, or the size is not known. */
export function imageTokens(image: ImagePart, { modelId, simulated }: CountedModel): number | null {
  const name = modelId.slice(modelId.lastIndexOf('/') + 1);
  const rule = simulated ? undefined : RULES.find(([pattern]) => pattern.test(name))?.[1];
  if (rule === undefined) return null;
  if (rule.kind === 'fixed') return rule.tokens;
  if (rule.kind === 'tiles' && image.detail === 'low') return rule.base;
  const size = image.source.kind === 'data' ? imageSize(image.source.base64) : null;
  return size === null ? null : tokensOf(size, rule);
}

function tokensOf(size: ImageSize, rule: Exclude<ImageRule, { kind: 'fixed' }>): number {
  switch (rule.kind) {
    case 'tiles': {
      const inside = scaled(size, 2048 / Math.max(size.width, size.height));
      const { width, height } = scaled(inside, 768 / Math.min(inside.width, inside.height));
      return rule.base + rule.perTile * Math.ceil(width / 512) * Math.ceil(height / 512);
    }
    case 'patches':
      return Math.ceil(Math.min(1536, Math.ceil(size.width / 32) * Math.ceil(size.height / 32)) * rule.factor);
    case 'area': {
      const { width, height } = scaled(size, rule.longSide / Math.max(size.width, size.height));
      return Math.min(rule.most, Math.ceil((width * height) / 750));
    }
    case 'crops': {
      const { width, height } = size;
      if (width <= 384 && height <= 384) return 258;
      const unit = Math.min(768, Math.max(256, Math.floor(Math.min(width, height) / 1.5)));
      return 258 * Math.ceil(width / unit) * Math.ceil(height / unit);
    }
  }
}

/** Made smaller, never larger. */
function scaled({ width, height }: ImageSize, factor: number): ImageSize {
  const by = Math.min(1, factor);
  return { width: Math.round(width * by), height: Math.round(height * by) };
}
