/**
 * Whether both streams of a program end in the same place.
 *
 * @module
 */

import { fstatSync } from "node:fs";

/** The descriptors of stdout and stderr. */
const STREAMS = [1, 2] as const;

/**
 * Returns whether stdout and stderr are the same terminal, file or pipe. It takes
 * no permission.
 */
export function endInOnePlace(): boolean {
  try {
    const [stdout, stderr] = STREAMS.map((fd) => {
      const { dev, ino } = fstatSync(fd, { bigint: true });
      // Where the system numbers nothing, two terminals are the console.
      return ino === 0n ? isTerminal(fd) && "console" : `${dev} ${ino}`;
    });
    return stdout === stderr && stdout !== false;
  } catch {
    // One of them is closed.
    return false;
  }
}

function isTerminal(fd: typeof STREAMS[number]): boolean {
  return (fd === 1 ? Deno.stdout : Deno.stderr).isTerminal();
}
