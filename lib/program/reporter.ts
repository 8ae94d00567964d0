/**
 * Events made visible: as the C programs' sentences, as JSON lines, as a trace,
 * or not at all.
 *
 * @module
 */

import { bounded } from "../calls/deadline.ts";
import { decodeLossy, decodeUtf8, displayText } from "./display.ts";
import type { FailureEvent } from "../calls/errors.ts";
import type { CallEvent } from "../calls/observer.ts";
import type {
  ConversationObserver,
  ProgramEvent,
} from "../conversations/events.ts";
import type { ResolutionEvent } from "../names/events.ts";
import type { Narration } from "./narration.ts";
import type { Output, WriteOptions } from "./output.ts";
import { formatCall, formatResolution } from "./trace_lines.ts";

/** What a {@linkcode Reporter} shows, and where. */
export interface ReporterOptions {
  /** The program's name. */
  readonly program: string;
  readonly narration: Narration;
  readonly output: Output;
  /** Only results and payload. */
  readonly quiet: boolean;
  /** JSON lines in place of sentences. */
  readonly json: boolean;
  /** Calls as well. */
  readonly trace: boolean;
  /** Payload goes to stdout untouched, and sentences to stderr. */
  readonly raw: boolean;
  /** Colour the lines on stderr, on a terminal. */
  readonly colours?: Readonly<
    Record<"error" | "call", (line: string) => string>
  >;
}

/** Turns what happens into what is written. */
export class Reporter implements ConversationObserver {
  /** Tells a call; missing where calls are not shown. */
  readonly call?: (call: CallEvent) => void;
  /** Tells a step of a look-up; missing where calls are not shown. */
  readonly resolution?: (event: ResolutionEvent) => void;
  readonly #options: ReporterOptions;
  readonly #show: (event: ProgramEvent) => void;

  /** @param options what to show, and where */
  constructor(options: ReporterOptions) {
    const { narration, quiet, json, trace, raw, output, colours } = options;
    this.#options = options;
    if (trace) {
      const show = (event: CallEvent | ResolutionEvent, text: string) => {
        const line = displayText(text);
        output.write(
          "stderr",
          json
            ? jsonLine(options.program, event)
            : (colours?.call(line) ?? line) + "\n",
        );
      };
      this.call = (event) => show(event, formatCall(event));
      this.resolution = (event) => show(event, formatResolution(event));
    }
    const narrator = narration.narrator();
    if (json) {
      this.#show = (event) => {
        if (!quiet || narration.result(event) !== undefined) {
          this.#write(jsonLine(options.program, event), told(event));
        }
      };
    } else if (raw) {
      this.#show = (event) => {
        const result = narration.result(event);
        // Whoever tells raw payload waits until it is flushed.
        if (result !== undefined) {
          output.write("stdout", result, { lent: true });
        } else if (!quiet) output.write("stderr", narrator(event) ?? "");
      };
    } else if (quiet) {
      this.#show = (event) => {
        const result = narration.result(event);
        if (result !== undefined) this.#write(result, told(event));
      };
    } else if (narration.blocks) {
      const floor = new Floor(
        (text, options) => this.#write(text, options),
        (units) => void (output.lost += units),
      );
      this.#show = (event) => floor.tell(event, narrator(event) ?? "");
    } else {
      this.#show = (event) => this.#write(narrator(event), told(event));
    }
  }

  /** Tells what happened. */
  event(event: ProgramEvent): void {
    if (event.event === "error") this.#error(event);
    else this.#show(event);
  }

  /**
   * Waits until all is shown, and tells how much of it was not.
   *
   * @param patience the longest wait, in milliseconds; 0 waits for ever
   */
  async close(patience: number): Promise<void> {
    const { output } = this.#options;
    await bounded(output.flush(), patience / 2)
      .catch(() => output.giveUp(patience / 2));
    this.#tellLost();
  }

  #error(event: FailureEvent): void {
    const { program, json, output, colours } = this.#options;
    if (json) {
      this.#write(jsonLine(program, event));
      return;
    }
    const line = displayText(errorLine(program, event));
    output.write("stderr", (colours?.error(line) ?? line) + "\n");
  }

  /** Writes to stdout, if there is room. */
  #write(
    data: string | Uint8Array | undefined,
    options?: WriteOptions,
  ): boolean {
    if (data === undefined) return false;
    const taken = this.#options.output.write("stdout", data, options);
    if (taken) this.#tellLost();
    return taken;
  }

  #tellLost(): void {
    const { output, narration } = this.#options;
    if (output.lost === 0) return;
    output.write("stderr", `… ${output.lost} ${narration.unit} not shown\n`);
    output.lost = 0;
  }
}

/** `program: step: reason`, as the C programs print it. */
function errorLine(program: string, event: FailureEvent): string {
  const { step, message, final, host, several, count } = event;
  if (step === "getaddrinfo") {
    return `getaddrinfo: ${message}${several ? ` (${host})` : ""}`;
  }
  const line = final
    ? `${program}: ${message}`
    : `${program}: ${step}: ${message}`;
  return count === undefined ? line : `${line} (${count} times)`;
}

// JSON.stringify leaves these as they are, and a terminal obeys them.
const UNSAFE = /[\u007f-\u009f]/g;

/**
 * One event as a line of JSON.
 *
 * @param program who tells it
 * @param event what happened
 * @returns an object and a newline
 */
export function jsonLine(
  program: string,
  event: ProgramEvent | CallEvent | ResolutionEvent,
): string {
  const { event: kind, ...fields } = event;
  const time = new Date().toISOString();
  const json = JSON.stringify(
    { program, event: kind, time, ...fields },
    (_key, value) => value instanceof Uint8Array ? bytesObject(value) : value,
  );
  return json.replace(
    UNSAFE,
    (char) => "\\u" + char.charCodeAt(0).toString(16).padStart(4, "0"),
  ) + "\n";
}

function bytesObject(
  bytes: Uint8Array,
): { bytes: number; text: string; base64?: string } {
  const text = decodeUtf8(bytes);
  if (text !== undefined) return { bytes: bytes.length, text };
  return {
    bytes: bytes.length,
    text: decodeLossy(bytes),
    base64: bytes.toBase64(),
  };
}

const NONE: WriteOptions = {};
const ONE: WriteOptions = { units: 1 };

/** How many connections or datagrams an event begins to tell of. */
function told({ event }: ProgramEvent): WriteOptions {
  return event === "accepted" || event === "datagram" ? ONE : NONE;
}

/** How much may wait for the floor, in characters. */
const FLOOR_LIMIT = 8 << 20;

/**
 * Keeps what is told about one connection together.
 *
 * One connection at a time has the floor: what is told of it is shown at once.
 * The others wait; when it ends those that are over are shown whole, and the
 * next one to be accepted has the floor.
 */
class Floor {
  readonly #show: (text: string, options: WriteOptions) => boolean;
  readonly #lose: (units: number) => void;
  /** What is told of the connections that wait, in the order of their start. */
  readonly #waiting = new Map<number, string>();
  /** Those of them that are over, and what belongs to no connection. */
  #over: (readonly [text: string, options: WriteOptions])[] = [];
  #overLength = 0;
  #speaker: number | undefined;
  /** Whether the speaker's first words were shown. */
  #isHeard = false;

  constructor(
    show: (text: string, options: WriteOptions) => boolean,
    lose: (units: number) => void,
  ) {
    this.#show = show;
    this.#lose = lose;
  }

  tell(event: ProgramEvent, text: string): void {
    const connection = "connection" in event ? event.connection : undefined;
    if (connection === undefined) {
      this.#tellWhole(text, NONE);
      return;
    }
    const over = event.event === "closing";
    if (event.event === "accepted" && this.#speaker === undefined) {
      this.#speaker = connection;
      this.#isHeard = this.#show(text, ONE);
      return;
    }
    if (connection === this.#speaker) {
      if (this.#isHeard) this.#show(text, { goesOn: true });
      if (over) this.#yield();
      return;
    }
    const block = (this.#waiting.get(connection) ?? "") + text;
    if (over) {
      this.#waiting.delete(connection);
      this.#tellWhole(block, ONE);
    } else {
      this.#waiting.set(connection, block);
    }
  }

  /** Shows what is complete in itself, now or when the floor is free. */
  #tellWhole(text: string, options: WriteOptions): void {
    if (this.#speaker === undefined) {
      this.#show(text, options);
    } else if (this.#overLength > FLOOR_LIMIT) {
      this.#lose(options.units ?? 0);
    } else {
      this.#over.push([text, options]);
      this.#overLength += text.length;
    }
  }

  #yield(): void {
    this.#speaker = undefined;
    for (const [text, options] of this.#over) this.#show(text, options);
    this.#over = [];
    this.#overLength = 0;
  }
}
