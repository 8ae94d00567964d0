/** What tests, benches and tasks ask of processes, ports and the system. */

/** A process that takes a signal. */
interface Process {
  kill(signal?: Deno.Signal): void;
}

/** Sends a process a signal, if it still runs. */
export function kill(child: Process, signal: Deno.Signal = "SIGKILL"): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended by itself.
  }
}

/** Returns whether a command is installed. */
export function isInstalled(command: string): boolean {
  try {
    new Deno.Command(command, {
      args: ["--version"],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).outputSync();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** What makes namespaces, enters them, and sets up what is in them. */
const UNSHARING = ["unshare", "nsenter", "ip", "mount"];

/**
 * Returns whether this user may make machines of their own, as far as networks
 * and mounts go. Linux only.
 *
 * @param flags what `unshare` is to make, a network among it
 */
export function mayUnshare(
  flags: readonly string[] = ["--net", "--mount", "--uts"],
): boolean {
  if (Deno.build.os !== "linux" || !UNSHARING.every(isInstalled)) return false;
  const args = [...flags, "ip", "link", "set", "lo", "up"];
  const options = { args, stdout: "null", stderr: "null" } as const;
  return new Deno.Command("unshare", options).outputSync().success;
}

/**
 * Returns a port of 127.0.0.1 that is free, for a process that does not report
 * its own. Somebody else may take it in the meantime.
 */
export function freePort(transport: "tcp" | "udp" = "tcp"): number {
  const where = { hostname: "127.0.0.1", port: 0 };
  if (transport === "tcp") {
    using listener = Deno.listen(where);
    return listener.addr.port;
  }
  const socket = Deno.listenDatagram({ transport, ...where });
  socket.close();
  return (socket.addr as Deno.NetAddr).port;
}

/** Returns the memory that a process has in use, in kB. Linux only. */
export async function memoryOf(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1]);
}

/**
 * Returns the CPU time that a process and the processes it waited for have
 * used, in microseconds. Linux only.
 */
export function cpuOf(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // The name in brackets may hold spaces; behind it are state and numbers.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, 15).reduce((sum, n) => sum + Number(n), 0);
  return ticks * 10_000;
}

/** What Linux says of the IPv6 datagram socket on a port: its columns. */
async function udpColumns(port: number): Promise<string[]> {
  const table = await Deno.readTextFile("/proc/net/udp6");
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")} `;
  const line = table.split("\n").find((line) => line.includes(local)) ?? "";
  return line.trim().split(/ +/);
}

/**
 * Returns how many datagrams the system threw away because the queue of the
 * IPv6 socket on a port was full. Linux only.
 */
export async function dropsOf(port: number): Promise<number> {
  return Number((await udpColumns(port)).at(-1));
}

/** Returns how much waits to be received on such a socket. Linux only. */
export async function queuedBytesOf(port: number): Promise<number> {
  return parseInt((await udpColumns(port))[4]?.split(":")[1] ?? "", 16);
}
