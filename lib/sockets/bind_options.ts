/**
 * Where a socket is bound.
 *
 * @module
 */

import type { Family } from "../address/inet.ts";
import type { Observer } from "./events.ts";

/**
 * Where a socket is bound.
 *
 * @category Streams
 */
export interface BindOptions {
  /** A port, 0 to 65535, or a service's name; 0 takes any free port. */
  readonly port: number | string;
  /**
   * Names or numeric addresses of this machine; all addresses of a name are
   * bound. They must not overlap.
   *
   * @default {[]} every interface
   */
  readonly hostname?: string | readonly string[] | undefined;
  /**
   * This family only.
   *
   * @default {undefined} both
   */
  readonly family?: Family | undefined;
  /**
   * The longest wait for the addresses of a name, in milliseconds; 0 is no
   * limit.
   *
   * @default {0}
   */
  readonly timeout?: number | undefined;
  /** Ends the opening; a socket that is open does not heed it. */
  readonly signal?: AbortSignal | undefined;
  /** Receives each call. */
  readonly observer?: Observer | undefined;
}
