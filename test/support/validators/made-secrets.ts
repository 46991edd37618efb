import { createHash } from 'node:crypto';

/** Random letters and digits that are the same every time. Made here, so that no file holds what looks like a key. */
function chance(length: number, alphabet: string): string {
  const bytes = Array.from({ length: 4 }, (_, block) => createHash('sha512').update(`chance ${block}`).digest());
  return Array.from(Buffer.concat(bytes).subarray(0, length), (byte) => alphabet[byte % alphabet.length]).join('');
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const CAPITALS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Keys of the shapes that services give out, and of none of them. */
export const MADE_SECRETS: readonly (readonly [name: string, secret: string])[] = [
  ['AWS', `AKIA${chance(16, CAPITALS)}`],
  ['AWS, the secret half', `aws_secret_access_key = ${chance(40, LETTERS)}`],
  ['GitHub', `ghp_${chance(36, LETTERS)}`],
  ['GitHub, fine-grained', `github_pat_${chance(22, LETTERS)}_${chance(59, LETTERS)}`],
  ['OpenAI', `sk-proj-${chance(48, LETTERS)}`],
  ['OpenAI, as it was', `sk-${chance(48, LETTERS)}`],
  ['Anthropic', `sk-ant-api03-${chance(93, LETTERS)}`],
  ['Google', `AIza${chance(35, LETTERS)}`],
  ['Slack', `xoxb-482915037264-${chance(24, LETTERS)}`],
  ['PEM', `-----BEGIN PRIVATE KEY-----\n${chance(64, LETTERS)}\n${chance(64, LETTERS)}\n-----END PRIVATE KEY-----`],
];
