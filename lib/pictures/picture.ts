/**
 * A picture of conversations, before it has any form: what is in which row.
 *
 * @module
 */

/** A lifeline: the client's is on the left, the server's on the right. */
export type Side = "left" | "right";

/** A picture. */
export interface Picture {
  /** What it shows. */
  readonly title: string;
  /** The conversations, one below the other. */
  readonly scenes: readonly Scene[];
  /** What the viewer must know about it. */
  readonly notes: readonly string[];
}

/** One conversation: two lifelines and what happened between them. */
export interface Scene {
  /** Which one of several it is. */
  readonly heading?: string;
  /** The client's lifeline, if anything is known of it. */
  readonly left: Lifeline | undefined;
  /** The server's lifeline, if anything is known of it. */
  readonly right: Lifeline | undefined;
  /** How many rows it has; time goes downwards. */
  readonly rows: number;
  /** The calls. */
  readonly boxes: readonly Box[];
  /** The messages. */
  readonly arrows: readonly Arrow[];
  /** Where time or calls are left out. */
  readonly breaks: readonly Break[];
}

/** One end of a conversation. */
export interface Lifeline {
  /** The program. */
  readonly name: string;
  /** Its process and endpoint. */
  readonly details: readonly string[];
  /** Whether its calls are known. */
  readonly recorded: boolean;
}

/** A call. */
export interface Box {
  /** The lifeline that it is on. */
  readonly side: Side;
  /** The row in which it begins. */
  readonly first: number;
  /** The row in which it returns. */
  readonly last: number;
  /** As in `accept(3)`. */
  readonly name: string;
  /** What it returned, as in `= 4`. */
  readonly outcome?: string;
  /** How long it took, as in `1.52 s`. */
  readonly time?: string;
  /** Whether it waited for the other end. */
  readonly waits: boolean;
  /** Whether it failed. */
  readonly failed: boolean;
  /** Whether Parley imitates it. */
  readonly emulated: boolean;
}

/** What an arrow stands for. */
export type ArrowKind = "connection" | "handshake" | "data" | "end" | "reset";

/** A message. */
export interface Arrow {
  /** What it stands for. */
  readonly kind: ArrowKind;
  /** Where it begins; it goes to the other side. */
  readonly from: Side;
  /** The row in which it leaves. */
  readonly departs: number;
  /** The row in which it arrives; `undefined` if it does not. */
  readonly arrives: number | undefined;
  /** Whether it did not arrive, or brings or is what failed. */
  readonly failed: boolean;
  /** As in `13 bytes`. */
  readonly label: string;
  /** Its first bytes, quoted; or where it went, if that is not the other end. */
  readonly data?: string;
}

/** A row in which something is left out. */
export interface Break {
  /** The row. */
  readonly row: number;
  /** The lifeline that it is about; `undefined` for both. */
  readonly side: Side | undefined;
  /** As in `3.0 s` or `998 more calls`. */
  readonly text: string;
}

/**
 * Returns the other side.
 *
 * @param side a side
 * @returns the other one
 */
export function otherSide(side: Side): Side {
  return side === "left" ? "right" : "left";
}
