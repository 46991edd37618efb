import type { StreamedEvent } from '../../core/client-dialect.ts';
import {
  isJsonObject,
  numberMember,
  objectMember,
  parseJson,
  stringMember,
  type JsonObject,
  type JsonValue,
} from '../../core/json.ts';
import { editMembers } from '../../core/json-edit.ts';
import { locateMembers } from '../../core/json-scan.ts';

/** The events of a vendor of the client's own protocol: each passes with the bytes of its data, but for our id. */
export class PassedEvents {
  readonly #id: Buffer;
  #hasStarted = false;
  #blocks = 0;
  /** How many blocks came before the vendor paused: it counts from 0 again when it goes on. */
  #offset = 0;
  #isPaused = false;
  /** The event that says why the answer ends, and whatever came after it. */
  readonly #ending: Buffer[] = [];
  #finish: string | null = null;

  constructor(id: string) {
    this.#id = Buffer.from(JSON.stringify(id));
  }

  /** The bytes an event becomes; none for those that belong to the end. */
  encode({ event, native, parts }: StreamedEvent): readonly Buffer[] {
    if (native === null) return [];
    const type = stringMember(native, 'type') ?? event.name ?? '';
    if (type === 'message_start') {
      this.#isPaused = false;
      // One message may be announced twice, and what goes on after a pause is announced too: SDKs take one only.
      if (this.#hasStarted) return [];
      this.#hasStarted = true;
      return [frame(type, this.#withId(event.data))];
    }
    const finish = parts.find((part) => part.type === 'finish');
    if (finish?.resume !== undefined) {
      this.#isPaused = true;
      this.#offset = this.#blocks;
    }
    if (this.#isPaused) return [];
    if (finish !== undefined) {
      this.#finish = event.data;
      return [];
    }
    const passed = frame(type, this.#withIndex(native, event.data));
    if (this.#finish === null) return [passed];
    this.#ending.push(passed);
    return [];
  }

  /** Whether the vendor has said why its answer ends. An answer that was changed after it had come has no events that pass. */
  get hasFinish(): boolean {
    return this.#finish !== null;
  }

  #withIndex(native: JsonObject, data: string): string {
    const index = numberMember(native, 'index');
    if (index !== null) this.#blocks = Math.max(this.#blocks, this.#offset + index + 1);
    const isMoved = index !== null && this.#offset > 0;
    if (!isMoved && native['candor'] === undefined) return data;
    return edited(Buffer.from(data), { ...NOT_OURS, ...(isMoved ? { index: jsonOf(this.#offset + index) } : {}) });
  }

  #withId(data: string): string {
    const bytes = Buffer.from(data);
    const span = locateMembers(bytes).get('message');
    if (span === undefined) return data;
    const message = bytes.subarray(...span);
    const changed = edited(message, { id: this.#id, ...NOT_OURS });
    return edited(bytes, { message: Buffer.from(changed), ...NOT_OURS });
  }

  /**
   * The end of the answer, with our members in the event that says why it ends.
   * @param candor `undefined`: the client wants none
   * @param total the counts of the whole, which the vendor itself does not know after a pause
   */
  finish(candor: JsonObject | undefined, total: JsonObject): Buffer {
    if (this.#finish === null) throw new TypeError('a Messages stream was finished before its message_delta');
    const native = parseJson(this.#finish);
    const usage = isJsonObject(native) ? objectMember(native, 'usage') : null;
    const finish = edited(Buffer.from(this.#finish), {
      candor: candor === undefined ? null : jsonOf(candor),
      ...(this.#offset === 0 ? {} : { usage: jsonOf({ ...usage, ...total }) }),
    });
    return Buffer.concat([frame('message_delta', finish), ...this.#ending]);
  }
}

/** A vendor's member that is named like ours must not pass for it. */
const NOT_OURS = { candor: null };

function jsonOf(value: JsonValue): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function edited(object: Buffer, changes: Readonly<Record<string, Buffer | null>>): string {
  return editMembers(object, locateMembers(object), new Map(Object.entries(changes))).toString('utf8');
}

/** Data with line breaks in it, as JSON may have between its tokens, takes a field for each line. */
function frame(type: string, data: string): Buffer {
  const name = type === '' ? '' : `event: ${type}\n`;
  return Buffer.from(`${name}data: ${data.replaceAll('\n', '\ndata: ')}\n\n`);
}
