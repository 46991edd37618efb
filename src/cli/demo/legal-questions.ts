import type { JsonObject } from '../../core/json.ts';
import { upTo } from './scene.ts';

/** Decisions that exist, each in a sentence. */
const DECISIONS = [
  'In Marbury v. Madison, 5 U.S. 137 (1803), the court held that a law contrary to the constitution is void.',
  'In Gibbons v. Ogden, 22 U.S. 1 (1824), the court held that commerce between states is for the union to regulate.',
  'In Hamer v. Sidway, 124 N.Y. 538 (1891), the court held that giving up a lawful freedom is good consideration for a contract.',
  'In Jacob v. Kent, 230 N.Y. 239 (1921), the court held that damages for a trifling breach of contract are the difference in value.',
  'In Palsgraf v. Long Island, 248 N.Y. 339 (1928), the court held that negligence is owed to those within foreseeable danger.',
  'In MacPherson v. Buick, 217 N.Y. 382 (1916), the court held that a maker owes a duty of care to whoever uses the thing.',
  'In Munn v. Illinois, 94 U.S. 113 (1876), the court held that prices of a business of public interest may be regulated.',
  'In Erie v. Tompkins, 304 U.S. 64 (1938), the court held that there is no federal general common law.',
  'In Gideon v. Wainwright, 372 U.S. 335 (1963), the court held that whoever is accused of a felony has a right to a lawyer.',
  'In Miranda v. Arizona, 384 U.S. 436 (1966), the court held that a suspect must be told of the right to be silent.',
] as const;

const SUBJECTS = [
  'a contract for a house',
  'a lease of a shop',
  'a promise to a nephew',
  'a duty of care on a railway',
  'a fare for a ferry',
  'the liability of a maker of cars',
] as const;

/** Different questions of law, each with the two decisions that an answer may rest on. */
export function legalQuestions(): readonly string[] {
  const pairs = upTo(DECISIONS.length).flatMap((one) => upTo(one).map((other) => [DECISIONS[other], DECISIONS[one]]));
  return SUBJECTS.flatMap((subject) =>
    pairs.map((sources) => `Which decision governs ${subject}? Cite the sources given.\n\n${sources.join(' ')}`),
  );
}

/** The body of a question, without a model. */
export function legalRequest(question: string): JsonObject {
  return {
    temperature: 0.9,
    messages: [
      { role: 'system', content: 'You answer questions of law.' },
      { role: 'user', content: question },
    ],
  };
}

/** Citations of decisions in the answer that the question does not have: volume, reporter, page. */
export function inventedCitations(answer: string, question: string): readonly string[] {
  return [...answer.matchAll(/\b\d+ [A-Z]\.[\w.]+ \d+\b/g)]
    .map(([cited]) => cited)
    .filter((cited) => !question.includes(cited));
}
