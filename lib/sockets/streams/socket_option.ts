/**
 * Options of a connection's socket.
 *
 * @module
 */

import { call } from "../../calls/call.ts";
import { descriptorOf } from "../../calls/descriptors.ts";
import type { CallObserver } from "../../calls/observer.ts";
import type { RawConn } from "../raw_conn.ts";

/** What C passes to `setsockopt(2)`. */
const OPTIONS = {
  setNoDelay: ["IPPROTO_TCP", "TCP_NODELAY"],
  setKeepAlive: ["SOL_SOCKET", "SO_KEEPALIVE"],
} as const;

/**
 * Sets an option, as `setsockopt(2)` does.
 *
 * @param conn the connection
 * @param name the method that sets it
 * @param on whether it is on
 * @param observer receives the call
 * @throws {TypeError} if the connection has no such option, as over TLS
 * @throws {SocketError} if the system refused
 */
export function setOption(
  conn: RawConn,
  name: keyof typeof OPTIONS,
  on: boolean,
  observer: CallObserver | undefined,
): void {
  const set = conn[name];
  if (set === undefined) {
    throw new TypeError(
      `Over TLS there is no ${name}(): it is an option of the opening`,
    );
  }
  call("setsockopt", () => set.call(conn, on), {
    observer,
    descriptor: descriptorOf(conn),
    text: () => ({ arguments: [...OPTIONS[name], on ? "1" : "0"] }),
  });
}
