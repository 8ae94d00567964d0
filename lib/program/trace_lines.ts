/**
 * Calls and look-ups as lines, in the style of `strace(1)`.
 *
 * @module
 */

import type { CallEvent } from "../calls/observer.ts";
import type { ResolutionEvent } from "../names/events.ts";
import { ruleName } from "../address/address_order.ts";

/**
 * Writes one step of a look-up, indented before the call that it belongs to.
 *
 * @param event the step
 * @returns as in `  10.0.0.1:53: A example.com = 192.0.2.1 <1.20 ms>`
 */
export function formatResolution(event: ResolutionEvent): string {
  switch (event.event) {
    case "question": {
      const { source, question, transport } = event;
      const way = transport === "tcp" ? " over TCP" : "";
      return `  ${source}: ${question} ?${way}`;
    }
    case "answer": {
      const { source, question, answer, milliseconds } = event;
      const time = milliseconds === undefined
        ? ""
        : ` <${milliseconds.toFixed(2)} ms>`;
      return `  ${source}: ${question} = ${answer.join(", ")}${time}`;
    }
    case "passedOver":
      return `  ${event.source}: passed over (${event.reason})`;
    case "order": {
      const { address, rule } = event;
      const reason = rule === undefined
        ? "first"
        : `next by RFC 6724 rule ${rule} (${ruleName(rule)})`;
      return `  order: ${address} ${reason}`;
    }
    case "summary":
      return `  ${event.message}`;
  }
}

/**
 * One call as strace writes it.
 *
 * @param call the call
 * @returns as in `connect([::1]:3490) = -1 ECONNREFUSED (Connection refused)
 * <0.18 ms>`
 */
export function formatCall(call: CallEvent): string {
  const failed = call.code === undefined
    ? ""
    : ` ${call.code} (${call.message})`;
  const shared = call.with === undefined ? "" : ` (with ${call.with})`;
  return `${call.call}(${call.arguments.join(", ")}) = ${call.result}` +
    `${failed}${shared} <${call.milliseconds.toFixed(2)} ms>`;
}
