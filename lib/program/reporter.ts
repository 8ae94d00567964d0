/**
 * Events made visible: as the C programs' sentences, as JSON lines, as a trace,
 * or not at all.
 *
 * @module
 */

import { bounded } from "../calls/deadline.ts";
import type { FailureEvent } from "../calls/errors.ts";
import type { CallEvent, WaitingCall } from "../calls/observer.ts";
import type { LookUpObserver, ResolutionEvent } from "../names/events.ts";
import type { StreamColours } from "./colours.ts";
import type { TraceWord } from "./common.ts";
import { displayText } from "./display.ts";
import type { Output, WriteOptions } from "./output.ts";
import type { Happening, Narrator } from "./sentences.ts";

/** How one program speaks. */
export interface Narration<E extends Happening> {
  /** Makes the program's sentences of events. */
  readonly says: Narrator<E>;
  /**
   * What `--quiet` leaves: the result, or the payload's own bytes.
   *
   * @default nothing
   */
  readonly results?: Narrator<E, string | Uint8Array> | undefined;
  /**
   * Sentences for somebody who waits and watches: they go to stderr if that is
   * a terminal, and nowhere with `--quiet` or `--json`.
   *
   * @default nothing
   */
  readonly asides?: Narrator<E> | undefined;
  /**
   * Whether the sentences about one connection stay together.
   *
   * @default {false}
   */
  readonly blocks?: boolean | undefined;
  /** What is counted when sentences are not shown, as in `connections`. */
  readonly unit?: string | undefined;
}

/** What a {@linkcode Reporter} shows, and where. */
export interface ReporterOptions<E extends Happening> {
  /** The program's name. */
  readonly program: string;
  /** How it speaks. */
  readonly narration: Narration<E>;
  /** Where it writes. */
  readonly output: Output;
  /** Shows only results and payload. */
  readonly quiet: boolean;
  /** Shows JSON lines instead of sentences. */
  readonly json: boolean;
  /** What `--trace` was given; shows calls as well. */
  readonly trace?: readonly TraceWord[] | undefined;
  /**
   * Whether all is shown in the order in which it happened, so that the sentences
   * about one connection do not stay together.
   *
   * @default {false}
   */
  readonly inOrder?: boolean | undefined;
  /** Writes payload to stdout untouched, and sentences to stderr. */
  readonly raw: boolean;
  /** Whether stderr is a terminal. */
  readonly isWatched?: boolean | undefined;
  /** Colours lines, but neither payload nor JSON. */
  readonly colours?: StreamColours | undefined;
}

const NO_UNIT: WriteOptions = {};
const ONE_UNIT: WriteOptions = { units: 1 };

/** How many connections or datagrams begin with an event. */
function unitsOf({ event }: Happening): WriteOptions {
  return event === "accepted" || event === "datagram" ? ONE_UNIT : NO_UNIT;
}

function isFailure(event: Happening): event is FailureEvent {
  return event.event === "error";
}

function withoutData({ data: _, ...call }: CallEvent): CallEvent {
  return call;
}

/** What only some reporters need, and is loaded only for them. */
interface Parts {
  readonly json: typeof import("./json_lines.ts") | undefined;
  readonly trace: typeof import("./trace_lines.ts") | undefined;
  readonly floor: typeof import("./floor.ts") | undefined;
}

/**
 * Makes a reporter.
 *
 * @param options what to show, and where
 */
export async function openReporter<E extends Happening>(
  options: ReporterOptions<E>,
): Promise<Reporter<E>> {
  const { json, trace, inOrder, narration } = options;
  const hasBlocks = narration.blocks && !inOrder;
  return new Reporter(options, {
    json: json ? await import("./json_lines.ts") : undefined,
    trace: trace ? await import("./trace_lines.ts") : undefined,
    floor: hasBlocks ? await import("./floor.ts") : undefined,
  });
}

/** Turns what happens into what is written. */
export class Reporter<E extends Happening> implements LookUpObserver {
  /** Shows a call; missing if calls are not shown, so that none is timed. */
  readonly call?: (call: CallEvent) => void;
  /** Shows a call that has not returned, to somebody who watches. */
  readonly waiting?: (call: WaitingCall) => void;
  /** Shows a step of a look-up; missing if calls are not shown. */
  readonly resolution?: (event: ResolutionEvent) => void;
  readonly #options: ReporterOptions<E>;
  readonly #jsonLine: ((event: Happening) => string) | undefined;
  readonly #show: (event: E) => void;
  /** How many lines of the trace there was no room for. */
  #callsLost = 0;

  /** Use {@linkcode openReporter}. */
  constructor(options: ReporterOptions<E>, { json, trace, floor }: Parts) {
    this.#options = options;
    const { program, quiet, raw, isWatched, colours } = options;
    const jsonLine = json &&
      ((event: Happening) => json.jsonLine(program, event));
    this.#jsonLine = jsonLine;
    if (jsonLine !== undefined && trace !== undefined) {
      const isShort = options.trace?.includes("short");
      this.call = (event) =>
        this.#trace(jsonLine(isShort ? withoutData(event) : event));
      this.resolution = (event) => this.#trace(jsonLine(event));
    } else if (trace !== undefined) {
      const lines = new trace.TraceLines(options.trace, colours?.stderr);
      this.call = (event) => this.#trace(lines.call(event) + "\n");
      this.resolution = (event) => this.#trace(lines.resolution(event) + "\n");
      if (isWatched) {
        this.waiting = (call) => this.#trace(lines.waiting(call) + "\n");
      }
    }
    this.#show = this.#jsonVoice(jsonLine) ??
      (raw ? this.#rawVoice() : undefined) ??
      (quiet ? this.#quietVoice() : undefined) ??
      this.#blockVoice(floor) ?? this.#plainVoice();
  }

  /** Shows what happened. */
  event(event: E): void {
    if (isFailure(event)) this.failure(event);
    else if (!this.#isAside(event)) this.#show(event);
  }

  /** Shows an error. */
  failure(event: FailureEvent): void {
    const { program, output, colours } = this.#options;
    if (this.#jsonLine !== undefined) {
      this.#write(this.#jsonLine(event));
      return;
    }
    const line = errorLine(program, event);
    output.write("stderr", (colours?.stderr?.failure(line) ?? line) + "\n");
  }

  /**
   * Waits until all is shown, and reports how much of it was not.
   *
   * @param patience the longest wait, in milliseconds; 0 is no limit
   */
  async close(patience: number): Promise<void> {
    const { output } = this.#options;
    await bounded(output.flush(), patience / 2)
      .catch(() => output.giveUp(patience / 2));
    this.#reportLost();
    if (this.#callsLost > 0) this.#reportCallsLost();
  }

  /** Says an aside if somebody watches, and whether the event is one. */
  #isAside(event: E): boolean {
    const { narration, output, quiet, json, isWatched } = this.#options;
    const sentence = narration.asides?.(event);
    if (sentence === undefined) return false;
    if (isWatched && !quiet && !json) output.write("stderr", sentence);
    return true;
  }

  /** JSON lines; with `--quiet` only those of results. */
  #jsonVoice(
    jsonLine: ((event: Happening) => string) | undefined,
  ): ((event: E) => void) | undefined {
    if (jsonLine === undefined) return undefined;
    const { quiet, narration } = this.#options;
    return (event) => {
      if (quiet && narration.results?.(event) === undefined) return;
      this.#write(jsonLine(event), unitsOf(event));
    };
  }

  /** Payload on stdout, sentences on stderr. */
  #rawVoice(): (event: E) => void {
    const { quiet, narration, output } = this.#options;
    return (event) => {
      const result = narration.results?.(event);
      if (result !== undefined) {
        // The sender of raw payload waits until it is flushed.
        output.write("stdout", result, { lent: true });
      } else if (!quiet) {
        output.write("stderr", narration.says(event) ?? "");
      }
    };
  }

  #quietVoice(): (event: E) => void {
    const { results } = this.#options.narration;
    return (event) => {
      const result = results?.(event);
      if (result !== undefined) this.#write(result, unitsOf(event));
    };
  }

  #blockVoice(parts: Parts["floor"]): ((event: E) => void) | undefined {
    if (parts === undefined) return undefined;
    const { output } = this.#options;
    const floor = new parts.Floor({
      show: (text, options) => this.#write(text, options),
      lose: (units) => void (output.lost += units),
    });
    return (event) => floor.say(event, this.#sentence(event) ?? "");
  }

  #plainVoice(): (event: E) => void {
    return (event) => {
      const sentence = this.#sentence(event);
      if (sentence !== undefined) this.#write(sentence, unitsOf(event));
    };
  }

  /** A sentence for stdout, in the colour of its connection. */
  #sentence(event: E & { readonly connection?: number }): string | undefined {
    const { narration, colours } = this.#options;
    const sentence = narration.says(event);
    const { connection } = event;
    if (sentence === undefined || connection === undefined) return sentence;
    return colours?.stdout?.connection(connection)(sentence) ?? sentence;
  }

  /** Writes a line of the trace if there is room, else counts it. */
  #trace(line: string): void {
    const { output } = this.#options;
    if (!output.write("stderr", line)) this.#callsLost++;
    else if (this.#callsLost > 0) this.#reportCallsLost();
  }

  #reportCallsLost(): void {
    if (this.#writeLost(this.#callsLost, "calls")) this.#callsLost = 0;
  }

  /** Writes to stdout if there is room, and returns whether there was. */
  #write(data: string | Uint8Array, options?: WriteOptions): boolean {
    const isTaken = this.#options.output.write("stdout", data, options);
    if (isTaken) this.#reportLost();
    return isTaken;
  }

  #reportLost(): void {
    const { output, narration } = this.#options;
    if (output.lost === 0) return;
    this.#writeLost(output.lost, narration.unit);
    output.lost = 0;
  }

  #writeLost(count: number, units = ""): boolean {
    const unit = count === 1 ? units.replace(/s$/, "") : units;
    const text = `… ${count} ${unit} not shown\n`;
    return this.#options.output.write("stderr", text);
  }
}

/**
 * Writes an error as one line.
 *
 * @param program the program's name
 * @param failure the error
 * @returns as in `client: connect: Connection refused`, without a newline
 */
export function errorLine(program: string, failure: FailureEvent): string {
  const { step, message, final, host, several, count } = failure;
  const isLookUp = step === "getaddrinfo";
  const who = isLookUp && !final ? "" : `${program}: `;
  const what = final ? message : `${step}: ${message}`;
  const whose = isLookUp && several ? ` (${host})` : "";
  const times = count === undefined ? "" : ` (${count} times)`;
  return displayText(who + what + whose + times);
}
