/**
 * Whether output is coloured.
 *
 * @module
 */

import type { Colours } from "./colours.ts";
import type { ColourWord } from "./common.ts";
import type { Stream } from "./output.ts";

/** The colours of each stream that has any. */
export type StreamColours = Partial<Readonly<Record<Stream, Colours>>>;

/**
 * Loads the colours that are seen; programs without any start up faster.
 *
 * @param when what `--color` was given
 * @returns the colours of each stream that is coloured
 */
export async function loadColours(when: ColourWord): Promise<StreamColours> {
  const stdout = isColoured(when, Deno.stdout);
  const stderr = isColoured(when, Deno.stderr);
  if (!stdout && !stderr) return {};
  const { COLOURS } = await import("./colours.ts");
  return {
    ...(stdout && { stdout: COLOURS }),
    ...(stderr && { stderr: COLOURS }),
  };
}

/**
 * Returns whether a stream is coloured. An option wins over `FORCE_COLOR`, and
 * that over `NO_COLOR`; if all are silent, terminals are coloured.
 */
function isColoured(
  when: ColourWord,
  stream: { isTerminal(): boolean },
): boolean {
  if (when !== "auto") return when === "always";
  const force = Deno.env.get("FORCE_COLOR") ?? "";
  if (force !== "") return force !== "0" && force !== "false";
  return !Deno.noColor && stream.isTerminal();
}
