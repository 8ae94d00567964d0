/**
 * Reads JSON lines from a stream, however long it is.
 *
 * @module
 */

import { RecordingError } from "./fields.ts";
import { readLine } from "./recording.ts";
import type { Recordings } from "./recordings.ts";

/** The longest line, in UTF-16 code units. */
const LONGEST = 16 << 20;

/**
 * What the task, Deno and npm say before a program runs or after it: recordings
 * that were put together have it in their middle. It may be coloured.
 */
// deno-lint-ignore no-control-regex
const BESIDES = /^(?:\x1b\[[\d;]*m)*(?:Task|Download|npm)\b.*[^}]$/;

/**
 * Reads one recording, or several that were put together.
 *
 * What is printed before the first object is passed over, and so is, anywhere,
 * what a task and npm print, and the program's own remark that something was not
 * shown. UTF-16 with a byte order mark, as PowerShell's `>` writes it, is read
 * too.
 *
 * @param chunks the bytes of the recording
 * @param source its number
 * @param recordings takes its lines
 * @throws {RecordingError} if a line is not a program's, or was cut; the message
 * names the line
 */
export async function readRecording(
  chunks: AsyncIterable<Uint8Array>,
  source: number,
  recordings: Recordings,
): Promise<void> {
  let lines = 0;
  let number = 0;
  for await (const whole of splitLines(chunks)) {
    number++;
    // That takes the mark away, too, which each of several recordings may have
    // that were put together.
    const line = whole.trim();
    if (line === "") continue;
    if (!line.startsWith("{")) {
      if (lines === 0 && !line.endsWith("}")) continue;
      if (BESIDES.test(line)) continue;
      if (/^… \d+ \w+ not shown$/.test(line)) {
        recordings.isIncomplete = true;
        continue;
      }
    }
    try {
      recordings.add(source, readLine(line));
    } catch (error) {
      if (!(error instanceof RecordingError)) throw error;
      throw new RecordingError(`line ${number}: ${error.message}`);
    }
    lines++;
  }
  if (lines === 0) {
    throw new RecordingError("nothing in it was written with --json --trace");
  }
}

/** Splits bytes into lines of text. */
async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  let rest: string[] = [];
  let length = 0;
  let number = 1;
  for await (const chunk of withWholeMark(chunks)) {
    decoder ??= decoderOf(chunk);
    const parts = decoder.decode(chunk, { stream: true }).split("\n");
    const last = parts.pop()!;
    for (const part of parts) {
      rest.push(part);
      yield rest.join("");
      number++;
      rest = [];
      length = 0;
    }
    rest.push(last);
    length += last.length;
    if (length > LONGEST) {
      throw new RecordingError(`line ${number}: it is longer than 16 MiB`);
    }
  }
  rest.push(decoder?.decode() ?? "");
  const line = rest.join("");
  if (line !== "") yield line;
}

/** Makes the first chunk long enough for a byte order mark. */
async function* withWholeMark(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let first: Uint8Array | undefined = new Uint8Array();
  for await (const chunk of chunks) {
    if (first === undefined) {
      yield chunk;
      continue;
    }
    const both: Uint8Array = new Uint8Array(first.length + chunk.length);
    both.set(first);
    both.set(chunk, first.length);
    first = both;
    if (first.length < 2) continue;
    yield first;
    first = undefined;
  }
  if (first !== undefined) yield first;
}

/** Finds the encoding by the byte order mark. */
function decoderOf([first, second]: Uint8Array): TextDecoder {
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le");
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be");
  return new TextDecoder();
}
