import { isJsonObject, objectMember, parseJson, stringMember } from '../../core/json.ts';
import type { Random } from '../../simulator/random.ts';
import { INVOICE_SCHEMA } from './arm-config.ts';
import type { DemoRequest } from './demo-client.ts';
import { type Answered, askInTurn, attemptsOf, type Scene, upTo } from './scene.ts';

const EXTRACTIONS = 30;
const EVERY = 3;
const CUSTOMERS = ['the public library', 'the garden club', 'the night school', 'the rowing club', 'the town choir'];
const GOODS = ['chairs', 'lamps', 'tables', 'notebooks', 'music stands'];
const CURRENCIES = ['EUR', 'USD', 'GBP', 'CHF'];

type Figures = {
  readonly asked: number;
  /** Answers with status 200 that are not the JSON asked for. */
  readonly broken: number;
  readonly right: number;
  readonly refused: number;
  /** Right answers whose text Candor mended, and those it asked for again. */
  readonly repaired: number;
  readonly asked_again: number;
};

/** Every third answer of a model is malformed. */
export const malformedJson: Scene<Figures> = {
  key: 'malformed_json',
  title: 'malformed JSON',
  situation: `deepseek, ${EXTRACTIONS} extractions`,
  mechanism: 'json_schema, repair and reask',
  async play(arm, draws) {
    const invoices = upTo(EXTRACTIONS).map((index) => invoiceText(index, draws));
    arm.faults.addFault({ target: 'deepseek', fault: 'malformed_json', every: EVERY });
    const answered = await askInTurn(arm, invoices.map(extraction));
    arm.faults.reset();
    return { answered, figures: figuresOf(answered) };
  },
  isCaught: (plain, candor) =>
    plain.broken > 0 &&
    candor.broken === 0 &&
    candor.right + candor.refused === EXTRACTIONS &&
    candor.right >= plain.right &&
    candor.repaired > 0 &&
    candor.asked_again > 0,
  tell: ({ broken, refused, repaired, asked_again }, arm) =>
    arm === 'plain'
      ? [`${broken} broken answers returned`]
      : [
          `${broken} broken, ${repaired} repaired, ${asked_again} asked again${refused === 0 ? '' : `, ${refused} refused`}`,
        ],
};

const SYSTEM = {
  role: 'system',
  content: `Read the invoice. Answer with one JSON object of this JSON Schema and nothing else: ${JSON.stringify(INVOICE_SCHEMA)}`,
};

/** The request to read an invoice. */
export function extraction(invoice: string): DemoRequest {
  return { body: { model: 'extract', messages: [SYSTEM, { role: 'user', content: invoice }] } };
}

function invoiceText(index: number, draws: Random): string {
  const [customer, goods, currency] = [draws.pick(CUSTOMERS), draws.pick(GOODS), draws.pick(CURRENCIES)];
  return `Invoice: A-${1041 + index}. Customer: ${customer}. ${3 + (index % 7)} ${goods}. Total: ${240 + 35 * index} ${currency}.`;
}

function figuresOf(answered: readonly Answered[]): Figures {
  const given = answered.filter(({ asked }) => asked.status === 200);
  const right = given.filter(({ asked }) => isInvoice(asked.text));
  const again = right.filter(({ record }) => attemptsOf(record).length > 1);
  const repaired = right.filter((each) => !again.includes(each) && isRepaired(each));
  return {
    asked: answered.length,
    broken: given.length - right.length,
    right: right.length,
    refused: answered.length - given.length,
    repaired: repaired.length,
    asked_again: again.length,
  };
}

function isRepaired({ record }: Answered): boolean {
  const validation = objectMember(record, 'validation');
  return validation !== null && stringMember(validation, 'status') === 'repaired';
}

/** Whether an application could use it: what it asked for, and nothing around it. */
function isInvoice(text: string): boolean {
  const value = parseJson(text);
  if (!isJsonObject(value)) return false;
  const { invoice: number, customer, total, currency } = value;
  const known: readonly unknown[] = INVOICE_SCHEMA.properties.currency.enum;
  return (
    typeof number === 'string' && typeof customer === 'string' && typeof total === 'number' && known.includes(currency)
  );
}
