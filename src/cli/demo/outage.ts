import { arrayMember, isJsonObject, objectMember, stringMember } from '../../core/json.ts';
import type { Random } from '../../simulator/random.ts';
import type { Arm } from './arm.ts';
import { earnCertificate } from './certificate.ts';
import { inventedCitations, legalQuestions, legalRequest } from './legal-questions.ts';
import { type Answered, type Scene, upTo, withRecords } from './scene.ts';

const QUESTIONS = 20;
const OUTAGE_MS = 20_000;
const EVERY_MS = 1_000;
/** So many of the questions make the one model invent a case, and so many the other. */
const GEMINI_INVENTS = 6;
const CLAUDE_INVENTS = 3;
/** Pairs of answers that certainly suffice for a certificate, where the two are equally good. */
const PAIRS = 230;
/** Who has earned a certificate by then; the model before it in the route has none. */
const CERTIFIED_MODEL = 'claude-opus';

type Figures = {
  readonly asked: number;
  readonly answered: number;
  /** By the model that wrote the answer. */
  readonly by: Readonly<Record<string, number>>;
  /** Answers given that cite a decision which the question does not have. */
  readonly with_invented_citations: number;
  /** Refused with 424, since no answer was good enough. */
  readonly refused: number;
  /** Answers of another model than usual that hold a certificate, and were given a prompt of their own. */
  readonly certified: number;
  readonly rewritten: number;
};

/** The usual model is out, and those behind it invent sources. */
export const outage: Scene<Figures> = {
  key: 'outage',
  title: 'outage',
  situation: `openai 503 for ${OUTAGE_MS / 1_000} s, ${QUESTIONS} legal questions`,
  mechanism: 'certificates, a prompt for each model, citations',
  async play(arm, draws) {
    const [questions, others] = [
      legalQuestions().slice(0, QUESTIONS),
      legalQuestions().slice(QUESTIONS, QUESTIONS + PAIRS),
    ];
    const sets = { gemini: chosen(GEMINI_INVENTS, draws), claude: chosen(CLAUDE_INVENTS, draws) };
    const prepared = arm.name === 'candor' ? await earnCertificate(arm, CERTIFIED_MODEL, others) : null;
    const answered = await askDuringOutage(arm, questions, sets);
    return { answered, figures: figuresOf(answered), ...(prepared === null ? {} : { prepared }) };
  },
  isCaught: (plain, candor) =>
    plain.with_invented_citations > 0 &&
    candor.with_invented_citations === 0 &&
    candor.answered > 0 &&
    candor.refused > 0 &&
    candor.answered + candor.refused === QUESTIONS &&
    candor.certified === candor.answered &&
    candor.rewritten === candor.answered &&
    Object.keys(candor.by).join() === CERTIFIED_MODEL,
  tell: ({ answered, by, with_invented_citations: invented, refused, certified, rewritten }, arm) =>
    arm === 'plain'
      ? [`${answered} answered, ${invented} cite invented cases`]
      : [
          `${answered} by ${Object.keys(by).join(', ')}, ${certified} certified, ${rewritten} prompts rewritten`,
          `${refused} refused (HTTP 424), ${invented} invented citations`,
        ],
};

interface Inventors {
  readonly gemini: ReadonlySet<number>;
  readonly claude: ReadonlySet<number>;
}

/** So many of the questions, drawn. */
function chosen(count: number, draws: Random): ReadonlySet<number> {
  const drawn = new Set<number>();
  while (drawn.size < count) drawn.add(draws.pick(upTo(QUESTIONS)));
  return drawn;
}

async function askDuringOutage(
  arm: Arm,
  questions: readonly string[],
  { gemini, claude }: Inventors,
): Promise<readonly Answered[]> {
  arm.faults.addFault({ target: 'openai', fault: 'outage', status: 503, for_ms: OUTAGE_MS });
  const startMs = arm.clock.now();
  const sent = questions.map(async (question, index) => {
    await arm.clock.at(startMs + index * EVERY_MS);
    const faults = [gemini.has(index) ? 'google=invent' : null, claude.has(index) ? 'anthropic=invent' : null];
    const words = faults.filter((word) => word !== null).join(', ');
    const headers = words === '' ? {} : { headers: { 'x-candor-sim': words } };
    return arm.ask({ body: { model: 'legal', ...legalRequest(question) }, ...headers });
  });
  const asked = await arm.clock.run(Promise.all(sent));
  arm.faults.reset();
  return withRecords(arm, asked);
}

function figuresOf(answered: readonly Answered[]): Figures {
  const given = answered.filter(({ asked }) => asked.status === 200);
  const by = new Map<string, number>();
  for (const { record } of given) {
    const model = (stringMember(record, 'served_by') ?? '').replace(/^[^/]*\//, '').replace(/@.*$/, '');
    by.set(model, (by.get(model) ?? 0) + 1);
  }
  return {
    asked: answered.length,
    answered: given.length,
    by: Object.fromEntries(by),
    with_invented_citations: given.filter(hasInvented).length,
    refused: answered.filter(({ asked }) => asked.status === 424).length,
    certified: given.filter(isCertified).length,
    rewritten: given.filter(isRewritten).length,
  };
}

function hasInvented({ asked }: Answered): boolean {
  const messages = arrayMember(asked.request.body, 'messages').filter(isJsonObject);
  return (
    inventedCitations(asked.text, messages.map((message) => stringMember(message, 'content')).join('\n')).length > 0
  );
}

function isCertified({ record }: Answered): boolean {
  const fallback = objectMember(record, 'fallback');
  return fallback !== null && stringMember(fallback, 'certificate') !== null && record['degraded'] === null;
}

function isRewritten({ record }: Answered): boolean {
  const adjustments = arrayMember(record, 'adjustments').filter(isJsonObject);
  const kinds = adjustments.map((adjustment) => stringMember(adjustment, 'kind'));
  return kinds.includes('rewritten') && kinds.includes('brief');
}
