/**
 * The picture that a program draws at its end of what it did.
 *
 * @module
 */

import type { CallEvent } from "../calls/observer.ts";
import { jsonLine } from "./json_lines.ts";
import { requireText } from "./options.ts";
import type { Output } from "./output.ts";
import { OutputFile } from "./output_file.ts";
import type { Happening, ProgramObserver } from "./sentences.ts";

/** Records what happens, and draws it. */
export interface Drawing {
  /** Returns whether an event of this kind is drawn. */
  takes(event: string): boolean;
  /** Adds an event, as a JSON line. */
  add(line: string): void;
  /**
   * Draws all that was added.
   *
   * @param columns how wide a terminal is
   * @returns the picture, or `undefined` if there is nothing to draw
   */
  draw(columns: number): string | undefined;
}

/** Loads what draws. */
type LoadDrawing = () => Promise<{
  /** Begins a drawing; the path's ending says which form it has. */
  readonly LivePicture: new (path: string) => Drawing;
}>;

/**
 * Makes sure that a program's picture can be written, and begins it.
 *
 * @param program the program's name
 * @param path where it goes; `-` is stderr
 * @throws {PermissionError} if the file may not be written
 * @throws {UsageError} if it cannot be written
 */
export type BeginPicture = (
  program: string,
  path: string,
) => Promise<ProgramPicture>;

/** How standard error is named among files. */
const STDERR = "-";

/**
 * Gives a program its pictures.
 *
 * @param load loads what draws; only done if there is something to draw
 * @returns begins a picture
 */
export function picture(load: LoadDrawing): BeginPicture {
  return async (program, path) => {
    const option = "--picture";
    const file = requireText(path, option) === STDERR
      ? undefined
      : await OutputFile.prepare(option, path);
    const { LivePicture } = await load();
    return new ProgramPicture(program, new LivePicture(path), file);
  };
}

/** A program's picture, from before its first call to its end. */
export class ProgramPicture implements Disposable {
  readonly #program: string;
  readonly #drawing: Drawing;
  readonly #file: OutputFile | undefined;

  /**
   * Begins a picture.
   *
   * @param program the program's name
   * @param drawing draws it
   * @param file where it goes; stderr by default
   */
  constructor(program: string, drawing: Drawing, file?: OutputFile) {
    this.#program = program;
    this.#drawing = drawing;
    this.#file = file;
  }

  /**
   * Records what an observer receives.
   *
   * @param observer receives the same
   * @returns what receives it in its place
   */
  record<E extends Happening>(
    observer: ProgramObserver<E>,
  ): ProgramObserver<E> {
    return {
      event: (event) => {
        this.#add(event);
        observer.event(event);
      },
      call: (call: CallEvent) => {
        this.#add(call);
        observer.call?.(call);
      },
      ...(observer.waiting && {
        waiting: (call) => observer.waiting?.(call),
      }),
      ...(observer.resolution && {
        resolution: (event) => observer.resolution?.(event),
      }),
    };
  }

  /**
   * Draws the picture, and writes it.
   *
   * @param output where a program writes
   * @throws {FileError} if its file cannot be written
   */
  async finish(output: Output): Promise<void> {
    // A file is not for this terminal.
    const isFile = this.#file !== undefined;
    const text = this.#drawing.draw(isFile ? COLUMNS : columnsOf(Deno.stderr));
    if (text === undefined) return;
    if (this.#file === undefined) output.write("stderr", text);
    else await this.#file.write(text);
  }

  /** Leaves the file as it is. */
  [Symbol.dispose](): void {
    this.#file?.[Symbol.dispose]();
  }

  #add(event: Happening): void {
    if (!this.#drawing.takes(event.event)) return;
    this.#drawing.add(jsonLine(this.#program, event));
  }
}

/** How wide a picture is where no terminal says it. */
const COLUMNS = 80;

/** Returns how many columns a stream has; 80 if it is no terminal. */
export function columnsOf(stream: { isTerminal(): boolean }): number {
  // A terminal that does not know its size has 0.
  return stream.isTerminal() && Deno.consoleSize().columns || COLUMNS;
}
