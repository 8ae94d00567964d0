/**
 * Colours for a terminal, and whether there are any.
 *
 * @module
 */

import type { ColourWord } from "./common.ts";
import type { Stream } from "./output.ts";

/** Paints text: each line separately, so that none leaves a colour behind. */
export type Paint = (text: string) => string;

/**
 * The numbers of the colours among the 256 of terminals. They are neither light
 * nor dark: a projector shows them on a black ground and on a white one.
 */
export const PALETTE = {
  call: 30,
  success: 28,
  failure: 196,
  connections: [63, 130, 163, 64, 31, 132],
} as const;

/** ECMA-48: sets the colour of the foreground; takes it, and bold, back. */
const END = "\x1b[22;39m";

function paint(colour: number, bold = false): Paint {
  const begin = `\x1b[${bold ? "1;" : ""}38;5;${colour}m`;
  return (text) => text.replace(/.+/g, (line) => begin + line + END);
}

const CONNECTIONS = PALETTE.connections.map((colour) => paint(colour));

/** What there are colours for. */
export const COLOURS = {
  /** The name of a call. */
  call: paint(PALETTE.call),
  /** What a call returned. */
  success: paint(PALETTE.success),
  /** An error, and a call that failed or was given up. */
  failure: paint(PALETTE.failure, true),
  /**
   * Returns the colour of a connection; the first few have different ones.
   *
   * @param number its number, from 1
   */
  connection: (number: number): Paint =>
    CONNECTIONS[(number - 1) % CONNECTIONS.length]!,
};

/** What there are colours for. */
export type Colours = typeof COLOURS;

/** The colours of each stream that has any. */
export type StreamColours = Partial<Readonly<Record<Stream, Colours>>>;

/**
 * Finds out which streams are coloured.
 *
 * @param when what `--color` was given
 * @returns the colours of each stream that is coloured
 */
export function streamColours(when: ColourWord): StreamColours {
  return {
    ...(isColoured(when, Deno.stdout) && { stdout: COLOURS }),
    ...(isColoured(when, Deno.stderr) && { stderr: COLOURS }),
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
