/**
 * Calls and look-ups as lines, in the style of `strace(1)`.
 *
 * @module
 */

import { ruleName } from "../address/address_order.ts";
import type { CallEvent, WaitingCall } from "../calls/observer.ts";
import type { ResolutionEvent } from "../names/events.ts";
import type { Colours, Paint } from "./colours.ts";
import type { TraceWord } from "./common.ts";
import { displayText, previewOf, quoteBytes } from "./display.ts";

/** The calls that cannot wait. */
const INSTANT: ReadonlySet<string> = new Set([
  ...["socket", "setsockopt", "bind", "listen", "shutdown", "close"],
]);

/** Leaves text as it is. */
const plain: Paint = (text) => text;

/** Writes calls and look-ups as lines in which nothing moves the cursor. */
export class TraceLines {
  readonly #isShort: boolean;
  readonly #isTimed: boolean;
  readonly #colours: Colours | undefined;

  /**
   * @param words what `--trace` was given: `short` leaves out the bytes that were
   * sent or received, `time` begins each line with the seconds since the start
   * @param colours how lines are coloured, if they are
   */
  constructor(words: readonly TraceWord[] = [], colours?: Colours) {
    this.#isShort = words.includes("short");
    this.#isTimed = words.includes("time");
    this.#colours = colours;
  }

  /**
   * Writes one call as strace does.
   *
   * @param call the call
   * @returns as in `send(4, "Hello, world!", 13) = 13 <0.05 ms>` and
   * `connect(3, [::1]:3490) = -1 ECONNREFUSED (Connection refused) <0.18 ms>`
   */
  call(call: CallEvent): string {
    const { code, result, message, remote, emulated } = call;
    const isGivenUp = result === "?";
    const isFailed = code !== undefined || isGivenUp;
    const words = isFailed ? ` (${message})` : emulated ? " (emulated)" : "";
    // The peer of a new connection, and the sender of a datagram.
    const isNamed = !isFailed && remote !== undefined &&
      (call.call === "accept" || call.call === "recvfrom");
    const outcome = `= ${result}${code === undefined ? "" : ` ${code}`}` +
      `${words}${isNamed ? ` ${remote}` : ""}`;
    const isTimed = mayWait(call) && !isGivenUp && !emulated;
    const time = isTimed ? ` <${call.milliseconds.toFixed(2)} ms>` : "";
    const colour = isFailed ? this.#colours?.failure : this.#colours?.success;
    return this.#stamp() + this.#beginning(call) + " " +
      (colour ?? plain)(displayText(outcome)) + time;
  }

  /**
   * Writes a call that has not returned yet.
   *
   * @param call the call
   * @returns as in `accept(3) …`
   */
  waiting(call: WaitingCall): string {
    return `${this.#stamp()}${this.#beginning(call)} …`;
  }

  /**
   * Writes one step of a look-up, indented before the call that it belongs to.
   *
   * @param event the step
   * @returns as in `  10.0.0.1:53: A example.com = 192.0.2.1 <1.20 ms>`
   */
  resolution(event: ResolutionEvent): string {
    return `${this.#stamp()}  ${displayText(resolutionText(event))}`;
  }

  /** The seconds since the start. */
  #stamp(): string {
    return this.#isTimed ? `${(performance.now() / 1000).toFixed(6)} ` : "";
  }

  /** A call up to its closing bracket. */
  #beginning(call: CallEvent | WaitingCall): string {
    const { connection, arguments: [first = "", ...rest] } = call;
    const data = this.#isShort ? [] : quotedStart(call);
    const texts = first === "" ? [] : [first, ...data, ...rest];
    const name = displayText(call.call);
    const text = displayText(`(${texts.join(", ")})`);
    if (this.#colours === undefined) return name + text;
    const paint = connection === undefined
      ? plain
      : this.#colours.connection(connection);
    return this.#colours.call(name) + paint(text);
  }
}

/** Whether it says something how long a call took. */
function mayWait({ call, arguments: [first] }: CallEvent): boolean {
  // Without a host nobody is asked.
  return !INSTANT.has(call) && !(call === "getaddrinfo" && first === "NULL");
}

/** The bytes of a call as an argument. */
function quotedStart(call: CallEvent | WaitingCall): readonly string[] {
  const preview = previewOf(call);
  if (preview === undefined) return [];
  return [quoteBytes(preview.bytes) + (preview.isCut ? "..." : "")];
}

function resolutionText(event: ResolutionEvent): string {
  switch (event.event) {
    case "question": {
      const { source, question, transport } = event;
      const way = transport === "tcp" ? " over TCP" : "";
      return `${source}: ${question} ?${way}`;
    }
    case "answer": {
      const { source, question, answer, milliseconds } = event;
      const time = milliseconds === undefined
        ? ""
        : ` <${milliseconds.toFixed(2)} ms>`;
      return `${source}: ${question} = ${answer.join(", ")}${time}`;
    }
    case "passedOver":
      return `${event.source}: passed over (${event.reason})`;
    case "order": {
      const { address, rule } = event;
      const reason = rule === undefined
        ? "first"
        : `next by RFC 6724 rule ${rule} (${ruleName(rule)})`;
      return `order: ${address} ${reason}`;
    }
    case "summary":
      return event.message;
  }
}
