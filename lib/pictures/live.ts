/**
 * A picture that a program draws of itself.
 *
 * @module
 */

import { drawPicture } from "./draw.ts";
import { type Form, formOf } from "./forms.ts";
import { readLine } from "./recording.ts";
import { Recordings } from "./recordings.ts";

/** The events that say something which no call says: where a server waits. */
const PLACES = ["listening", "bound"];

/**
 * Records one process and draws it. However much it records, it only keeps what
 * is drawn.
 */
export class LivePicture {
  readonly #form: Form;
  readonly #recordings = new Recordings();
  #hasCalls = false;

  /** @param path where the picture goes: the ending says its form */
  constructor(path: string) {
    this.#form = formOf(path);
  }

  /**
   * Returns whether an event is drawn.
   *
   * @param event its kind
   */
  takes(event: string): boolean {
    return event === "call" || PLACES.includes(event);
  }

  /**
   * Adds an event.
   *
   * @param line the event, as `--json --trace` writes it
   * @throws {RecordingError} if it is something else
   */
  add(line: string): void {
    const recorded = readLine(line);
    this.#hasCalls ||= recorded.event === "call";
    this.#recordings.add(0, recorded);
  }

  /**
   * Draws the picture.
   *
   * @param columns how wide a terminal is
   * @returns the picture, or `undefined` if no call was made
   */
  draw(columns: number): string | undefined {
    if (!this.#hasCalls) return undefined;
    const { rows, render } = this.#form;
    return render(drawPicture(this.#recordings, { rows }), columns);
  }
}
