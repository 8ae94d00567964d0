/**
 * Draws what programs recorded with `--json --trace`.
 *
 * @module
 */

import { drawPicture } from "../lib/pictures/draw.ts";
import { type FormName, FORMS } from "../lib/pictures/forms.ts";
import { readRecording } from "../lib/pictures/read_lines.ts";
import { RecordingError } from "../lib/pictures/fields.ts";
import { Recordings } from "../lib/pictures/recordings.ts";
import { choice } from "../lib/program/choice.ts";
import { FileError, inputFiles, readInput } from "../lib/program/files.ts";
import { columnsOf } from "../lib/program/live_picture.ts";
import { main } from "../lib/program/main.ts";
import { flag, text } from "../lib/program/options.ts";
import { defineProgram, type Program } from "../lib/program/program.ts";
import { sentences } from "../lib/program/sentences.ts";

/** A picture was drawn. */
interface PictureEvent {
  readonly event: "picture";
  readonly format: FormName;
  readonly text: string;
}

const forms = Object.keys(FORMS) as FormName[];

/** @ignore */
export const program: Program = defineProgram({
  name: "picture",
  summary: "draws what programs recorded with --json --trace",
  operands: "[FILE…]",
  options: {
    format: choice(
      "FORM",
      `draw it as ${forms.join(", ")} (default: text)`,
      forms,
      "text",
    ),
    data: flag("quote what was sent"),
    calls: flag("draw every call, with its arguments"),
    "no-times": flag("leave out durations"),
    title: text("TEXT", "set the title"),
  },
  example: "picture --format svg server.json client.json > tcp.svg",
  permissions: ["--allow-read=."],
  offline: true,
  says: () => sentences<PictureEvent>({ picture: ({ text }) => text }),
  results: ({ text }) => text,
  async run({ options, operands, observer }) {
    const recordings = new Recordings();
    for (const [source, path] of inputFiles(operands).entries()) {
      await readRecording(readInput(path), source, recordings)
        .catch((error) => {
          if (!(error instanceof RecordingError)) throw error;
          const reason = error.message;
          throw new FileError("read", path, { code: "EINVAL", reason });
        });
    }
    const { format, title, data, calls } = options;
    const { rows, render } = FORMS[format];
    const times = !options["no-times"];
    const drawn = drawPicture(recordings, { title, data, calls, times, rows });
    const text = render(drawn, columnsOf(Deno.stdout));
    observer.event({ event: "picture", format, text });
  },
});

if (import.meta.main) await main(program);
