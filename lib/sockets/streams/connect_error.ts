/**
 * The error of a host none of whose addresses answered.
 *
 * @module
 */

import { CallError, type SocketError } from "../../calls/errors.ts";

/**
 * None of a host's addresses accepted the connection.
 *
 * @category Errors
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ConnectError, SocketError } from "@parley/parley";
 *
 * const refused = new SocketError("connect", new Deno.errors.ConnectionRefused());
 * assertEquals(new ConnectError("localhost", [refused]).code, "ECONNREFUSED");
 * ```
 */
export class ConnectError extends CallError {
  /** The name of this class. */
  override readonly name = "ConnectError";
  /** Always `connect`. */
  override readonly step = "connect";
  /** The errno's name of the last address that failed. */
  override readonly code: string;
  /** Always `failed to connect`. */
  override readonly reason = "failed to connect";
  /** The error of each address, in the order in which they failed. */
  readonly errors: readonly SocketError[];

  /**
   * Makes the error of all addresses.
   *
   * @param hostname the host that was asked for
   * @param errors the error of each address
   */
  constructor(hostname: string, errors: readonly SocketError[]) {
    const last = errors.at(-1);
    super(
      `Cannot connect to ${JSON.stringify(hostname)}: ` +
        errors.map((error) => error.message).join("; "),
      { cause: last },
    );
    this.code = last?.code ?? "EAI_NODATA";
    this.errors = errors;
    Object.assign(this, { final: true });
  }
}
