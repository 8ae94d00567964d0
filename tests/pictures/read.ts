/** Reads recordings from text. */

import { type DrawOptions, drawPicture } from "../../lib/pictures/draw.ts";
import type { Picture } from "../../lib/pictures/picture.ts";
import { readRecording } from "../../lib/pictures/read_lines.ts";
import { Recordings } from "../../lib/pictures/recordings.ts";

/** Reads recordings, one a text. */
export async function read(...texts: readonly string[]): Promise<Recordings> {
  const recordings = new Recordings();
  for (const [source, text] of texts.entries()) {
    const blob = new Blob([text]);
    await readRecording(blob.stream(), source, recordings);
  }
  return recordings;
}

/** Draws recordings, one a text. */
export async function draw(
  texts: readonly string[],
  options?: DrawOptions,
): Promise<Picture> {
  return drawPicture(await read(...texts), options);
}
