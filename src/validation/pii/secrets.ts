/** A find in a text, in UTF-16 offsets, `end` excluded, and the secret itself, which is never to be told. */
interface FoundSecret {
  readonly start: number;
  readonly end: number;
  readonly value: string;
}

/** The forms of the keys of well-known services; the part in brackets is what chance has made. */
const SHAPES: readonly RegExp[] = [
  // AWS access keys: docs.aws.amazon.com, "Unique identifiers"; the secret half has no form of its own, only a name before it.
  /\b(?:AKIA|ASIA)([A-Z2-7]{16})\b/g,
  /\baws_?secret_?access_?key["']?\s*[=:]\s*["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])/gi,
  // GitHub, OpenAI, Anthropic, Google, Slack, by their vendors' published prefixes.
  /\bgh[pousr]_([A-Za-z0-9]{36,255})\b/g,
  /\bgithub_pat_(\w{40,255})\b/g,
  /\bsk-ant-([\w-]{24,200})(?![\w-])/g,
  /\bsk-(?!ant-)(?:proj-|svcacct-|admin-)?([\w-]{24,200})(?![\w-])/g,
  /\bAIza([\w-]{35})(?![\w-])/g,
  /\bxox[abeoprs]-([A-Za-z0-9-]{16,200})(?![\w-])/g,
  /\bxapp-([A-Za-z0-9-]{24,200})(?![\w-])/g,
  // RFC 7468, and OpenSSH's own; a header without a key behind it is none.
  /-----BEGIN (?:[A-Z]{2,12} ){0,2}PRIVATE KEY-----\s+((?:[A-Za-z0-9+/=]{16,100}\s+){1,200})/g,
];
/** Bits a character: of random letters and digits more, of patterns and placeholders less. */
const LEAST_ENTROPY_BITS = 3.5;
/** What is short cannot have so many: this share of what it can have is then enough. */
const LEAST_ENTROPY_SHARE = 0.8;
const WORDS = /^[a-z]+(?:[-_][a-z]+)*$/;
const PLACEHOLDER = /example|placeholder|your[-_]|xxxx|\*\*\*|1234567890|abcdefgh/i;

/** Keys and private keys in a text. What is no chance, such as a placeholder, is none. */
export function findSecrets(text: string): readonly FoundSecret[] {
  return SHAPES.flatMap((shape) =>
    Array.from(text.matchAll(shape)).flatMap(({ 0: value, 1: random = '', index }) => {
      const leastBits = Math.min(LEAST_ENTROPY_BITS, LEAST_ENTROPY_SHARE * Math.log2(random.length));
      const isSecret = entropyBits(random) >= leastBits && !WORDS.test(random) && !PLACEHOLDER.test(random);
      return isSecret ? [{ start: index, end: index + value.trimEnd().length, value: value.trimEnd() }] : [];
    }),
  );
}

/** Shannon's entropy of a text's characters, in bits a character. */
function entropyBits(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum - (count / text.length) * Math.log2(count / text.length), 0);
}
