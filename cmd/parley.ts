/** All programs in one. */

import type { ProgramName } from "../lib/program/narration.ts";
import { main, multiCall, type Program } from "../lib/program/program.ts";

/** Every program; loaded when it is called for. */
export const programs: Readonly<
  Record<ProgramName, () => Promise<{ program: Program }>>
> = {
  showip: () => import("./showip.ts"),
  time_console: () => import("./time_console.ts"),
  time_server: () => import("./time_server.ts"),
  server: () => import("./server.ts"),
  client: () => import("./client.ts"),
  listener: () => import("./listener.ts"),
  talker: () => import("./talker.ts"),
};

if (import.meta.main) await main(multiCall(programs));
