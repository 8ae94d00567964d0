/**
 * All programs in one.
 *
 * @module
 */

import { main } from "../lib/program/main.ts";
import { multiCall, type Programs } from "../lib/program/multi_call.ts";

/**
 * Every program; loaded when it is called for.
 *
 * @ignore
 */
export const programs: Programs = {
  showip: () => import("./showip.ts"),
  time_console: () => import("./time_console.ts"),
  time_server: () => import("./time_server.ts"),
  server: () => import("./server.ts"),
  client: () => import("./client.ts"),
  listener: () => import("./listener.ts"),
  talker: () => import("./talker.ts"),
  picture: () => import("./picture.ts"),
};

if (import.meta.main) await main(multiCall(programs));
