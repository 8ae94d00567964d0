/**
 * A connection that a server has in hand.
 *
 * @module
 */

import {
  descriptorOf,
  numbered,
  sharesDescriptor,
} from "../../calls/descriptors.ts";
import { emit, receives } from "../../calls/observer.ts";
import { isClosed } from "../close.ts";
import type { Observer } from "../events.ts";
import type { ServeInfo } from "./serve_options.ts";
import type { OwnEnd } from "./own_end.ts";
import type { Knock } from "./park.ts";
import { StreamConn } from "../streams/stream.ts";
import { WatchedConn } from "./watched_conn.ts";

/** A connection in hand: it ends only once. */
export class ServedConnection {
  /** What the handler talks over. */
  readonly conn: StreamConn;
  /** What is under it. */
  readonly watched: WatchedConn;
  readonly info: ServeInfo;
  /** The peer's address, as a text. */
  readonly host: string;
  readonly #observer: Observer | undefined;
  #isOpen = true;

  /**
   * Takes a connection in hand.
   *
   * @param knock the connection, and whose it is
   * @param info what its handler receives
   * @param observer receives its end
   */
  constructor(
    { conn, host }: Knock,
    info: ServeInfo,
    observer: Observer | undefined,
  ) {
    const watched = new WatchedConn(conn, () => this.#reportClosing());
    this.watched = sharesDescriptor(conn, watched);
    this.conn = new StreamConn(this.watched, observer);
    const descriptor = descriptorOf(this.watched);
    if (descriptor !== undefined) descriptor.connection = info.connection;
    this.host = host;
    this.info = info;
    this.#observer = observer;
  }

  /**
   * Reports that it has its place.
   *
   * @param ownEnd reads our end of it
   */
  begin(ownEnd: OwnEnd): void {
    const observer = this.#observer;
    if (!receives(observer, "event")) return;
    const { connection, peer } = this.info;
    const local = ownEnd.of(this.watched.localAddr);
    const accepted = { event: "accepted", connection, peer, local } as const;
    emit(observer, "event", numbered(this.watched, accepted));
  }

  /**
   * Closes the connection.
   *
   * @returns whether it was open
   */
  end(): boolean {
    if (!this.#isOpen) return false;
    this.#isOpen = false;
    this.conn.close();
    return true;
  }

  /** Reports that it is closed, by the server or its handler. */
  #reportClosing(): void {
    const { connection } = this.info;
    const closing = { event: "closing", connection } as const;
    emit(this.#observer, "event", numbered(this.watched, closing));
  }
}

/**
 * Says whether a call failed because its socket was closed at this end, which
 * is no error: the caller that closed it knows.
 *
 * @param error what a handler threw
 */
export function isOwnClose(error: unknown): boolean {
  return isClosed(error) || error instanceof Deno.errors.BadResource ||
    error instanceof Deno.errors.Interrupted;
}
