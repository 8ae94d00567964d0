/**
 * Keeps the sentences about one connection together.
 *
 * @module
 */

import type { WriteOptions } from "./output.ts";
import type { Happening } from "./sentences.ts";

/** How much may wait for the floor, in characters. */
const LIMIT = 8 << 20;

const NO_UNIT: WriteOptions = {};
const ONE_UNIT: WriteOptions = { units: 1 };

/** Where a {@linkcode Floor} shows sentences. */
export interface Stage {
  /** Shows a text if there is room, and returns whether there was. */
  show(text: string, options: WriteOptions): boolean;
  /** Counts connections that are not shown. */
  lose(units: number): void;
}

/**
 * Keeps the sentences about one connection together.
 *
 * One connection at a time has the floor: its sentences are shown at once. Those
 * of the others wait; when it ends, those that are over are shown whole, and the
 * next one to be accepted has the floor.
 */
export class Floor {
  readonly #stage: Stage;
  /** The sentences of the connections that wait, in the order of their start. */
  readonly #waiting = new Map<number, string>();
  /** Those that are over, and what belongs to no connection. */
  #over: (readonly [text: string, options: WriteOptions])[] = [];
  #overLength = 0;
  #speaker: number | undefined;
  /** Whether the speaker's first sentence was shown. */
  #isHeard = false;

  /** @param stage where sentences are shown */
  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /**
   * Shows a sentence now or when its turn comes.
   *
   * @param event what it is about
   * @param text the sentence; "" if there is none
   */
  say(event: Happening & { readonly connection?: number }, text: string): void {
    const { connection } = event;
    if (connection === undefined) {
      this.#sayWhole(text, NO_UNIT);
    } else if (event.event === "accepted" && this.#speaker === undefined) {
      this.#speaker = connection;
      this.#isHeard = this.#stage.show(text, ONE_UNIT);
    } else if (connection === this.#speaker) {
      if (this.#isHeard) this.#stage.show(text, { goesOn: true });
      if (event.event === "closing") this.#yield();
    } else {
      this.#wait(connection, text, event.event === "closing");
    }
  }

  #wait(connection: number, text: string, isOver: boolean): void {
    const block = (this.#waiting.get(connection) ?? "") + text;
    if (!isOver) {
      this.#waiting.set(connection, block);
      return;
    }
    this.#waiting.delete(connection);
    this.#sayWhole(block, ONE_UNIT);
  }

  /** Shows what is complete in itself, now or when the floor is free. */
  #sayWhole(text: string, options: WriteOptions): void {
    if (this.#speaker === undefined) {
      this.#stage.show(text, options);
    } else if (this.#overLength > LIMIT) {
      this.#stage.lose(options.units ?? 0);
    } else {
      this.#over.push([text, options]);
      this.#overLength += text.length;
    }
  }

  #yield(): void {
    this.#speaker = undefined;
    for (const [text, options] of this.#over) this.#stage.show(text, options);
    this.#over = [];
    this.#overLength = 0;
  }
}
