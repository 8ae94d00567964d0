/**
 * The fields of a request that decide whether it can be understood: where it
 * goes, and where it ends (RFC 9110 section 7.2, RFC 9112 section 6).
 *
 * @module
 */

import { parseHostPort } from "./uri.ts";

/** The names of these fields. */
export type DecidingField = "host" | "content-length" | "transfer-encoding";

/** The deciding fields of one request, as they come. */
export class DecidingFields {
  readonly #host: string[] = [];
  readonly #length: string[] = [];
  readonly #codings: string[] = [];

  /** Whether the request announces a body. */
  get hasBody(): boolean {
    return this.#length.length > 0 || this.#codings.length > 0;
  }

  /**
   * Adds a field line.
   *
   * @param name the field's name
   * @param line what follows the colon
   */
  add(name: DecidingField, line: string): void {
    const lines = name === "host"
      ? this.#host
      : name === "content-length"
      ? this.#length
      : this.#codings;
    lines.push(trimmed(line));
  }

  /** Says whether each field that came is one, and no two contradict. */
  areSound(): boolean {
    // A field Host may be missing: students type requests into telnet.
    return this.#host.length <= 1 && this.#host.every(isHost) &&
      (this.#length.length === 0 || isLength(this.#length)) &&
      (this.#codings.length === 0 || endsChunked(this.#codings.join(",")));
  }
}

/** Takes away the white space around a value (RFC 9110 section 5.6.3). */
function trimmed(value: string): string {
  let [from, to] = [0, value.length];
  while (isSpace(value[from])) from++;
  while (to > from && isSpace(value[to - 1])) to--;
  return value.slice(from, to);
}

function isSpace(char: string | undefined): boolean {
  return char === " " || char === "\t";
}

/** An empty one is one: so says who has no host to name. */
function isHost(value: string): boolean {
  return parseHostPort(value) !== undefined;
}

/**
 * Says whether field lines are one length: the same in each of them, and in
 * each element of a list, which is what a proxy may have made of several.
 */
function isLength(lines: readonly string[]): boolean {
  const lengths = lines.join(",").split(",").map(trimmed);
  if (!lengths.every((length) => /^[0-9]+$/.test(length))) return false;
  // Not a number's value: a length may have more digits than one can hold.
  const values = lengths.map((length) => length.replace(/^0+(?=.)/, ""));
  return values.every((value) => value === values[0]);
}

/** Says whether the last transfer coding of a list is `chunked`. */
function endsChunked(list: string): boolean {
  // A comma in a quoted string parts nothing, even in one that never ends.
  const unquoted = list.replace(/"(?:[^"\\]|\\.)*"?/g, '""');
  // Elements of a list may be empty (RFC 9110 section 5.6.1.2).
  const codings = unquoted.split(",").map(trimmed).filter((each) => each);
  return codings.at(-1)?.toLowerCase() === "chunked";
}
