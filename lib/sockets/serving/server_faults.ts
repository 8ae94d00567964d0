/**
 * Reports what goes wrong in a server.
 *
 * @module
 */

import { CallError, errorEvent } from "../../calls/errors.ts";
import { emit } from "../../calls/observer.ts";
import { Repeats } from "../../calls/repeats.ts";
import { Tally } from "../../calls/tally.ts";
import { handOn } from "../handler_error.ts";
import type { ServeInfo, ServeOptions } from "./serve_options.ts";
import { hasPeerLeft } from "../streams/stream_listener.ts";

/** After this long without one, an error of the system is news again, in ms. */
const QUIET = 60_000;

/** Reports the faults of a server's system, peers and handlers. */
export class ServerFaults implements Disposable {
  /** Connections that gave way to those of other addresses. */
  readonly gaveWay: Tally;
  /** Connections that the server's rules refused. */
  readonly refused: Tally;
  readonly #options: Pick<ServeOptions, "observer" | "onError">;
  readonly #repeats: Repeats;
  #lastOfSystem = -Infinity;
  #isOver = false;

  /** @param options the observer */
  constructor(options: Pick<ServeOptions, "observer" | "onError">) {
    const { observer } = options;
    const unit = "connection";
    this.#options = options;
    this.#repeats = new Repeats(observer);
    this.gaveWay = new Tally({
      step: "gave way",
      code: "EUSERS",
      unit,
      observer,
    });
    this.refused = new Tally({
      step: "refused",
      code: "EACCES",
      unit,
      observer,
    });
  }

  /** Reports why nobody was accepted. */
  ofAccept(error: unknown): void {
    if (hasPeerLeft(error)) {
      this.#repeats.report(errorEvent(error));
      return;
    }
    // As long as descriptors are out it happens again and again.
    const now = performance.now();
    if (now - this.#lastOfSystem > QUIET) {
      emit(this.#options.observer, "event", errorEvent(error));
    }
    this.#lastOfSystem = now;
  }

  /** Reports what a handler threw. */
  ofHandler(error: unknown, info: ServeInfo): void {
    const { observer } = this.#options;
    const { connection } = info;
    if (!this.#isOver) {
      const event = { ...errorEvent(error), connection };
      // What a peer does, many may do; a handler's own faults are all shown.
      if (error instanceof CallError) this.#repeats.report(event);
      else emit(observer, "event", event);
    }
    handOn(error, info, this.#options);
  }

  /** Reports the counts, and nothing after them. */
  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const each of [this.#repeats, this.gaveWay, this.refused]) {
      each[Symbol.dispose]();
    }
  }
}
