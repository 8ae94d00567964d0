/** What strace shows of a program, socket by socket, beside what `--trace` does. */

import { Endpoint } from "../../lib/address/endpoint.ts";
import { IpAddress } from "../../lib/address/ip_address.ts";
import { Running, type StartOptions } from "../harness.ts";
import { jsonEvents } from "../cmd/support.ts";

/** The calls that are compared; the others are Deno's own. */
const COMPARED = new Set([
  ...["socket", "bind", "listen", "accept", "connect", "shutdown", "close"],
  ...["send", "sendto", "recv", "recvfrom", "setsockopt"],
]);

/** As many bytes are shown of what is sent or received. */
const SHOWN_BYTES = 32;

/** The calls on one socket, from the one that makes it on. */
type Calls = string[];

/** What one run was seen to do. */
export interface Seen {
  /** By strace. */
  readonly system: readonly Calls[];
  /** By `--trace`. */
  readonly ours: readonly Calls[];
}

/** A program that strace watches. */
export class Watched implements AsyncDisposable {
  /** The program. */
  readonly running: Running;
  readonly #program: string;
  readonly #file: string;

  /**
   * Starts a program under strace.
   *
   * @param program its name
   * @param args its command line, to which `--json` and `--trace` are added
   * @param options how it is started
   */
  constructor(
    program: string,
    args: readonly string[],
    options: StartOptions = {},
  ) {
    this.#program = program;
    this.#file = Deno.makeTempFileSync();
    this.running = new Running("strace", [
      // With a file to write to it would heed no signal that is to end it.
      ...["-I", "waiting", "-f", "-qq", "-xx", "-s", String(SHOWN_BYTES)],
      ...["-e", "signal=none"],
      ...["-e", "trace=network,close", "-o", this.#file, Deno.execPath()],
      ...["run", "--quiet", "--allow-all", `cmd/${program}.ts`],
      ...["--json", "--trace", ...args],
    ], { ...options, killedBy: "SIGTERM" });
  }

  /** Waits for its end, and returns what it was seen to do. */
  async seen(): Promise<Seen> {
    const { stderr } = await this.running.end();
    const calls = jsonEvents(this.#program, stderr)
      .filter(({ event }) => event === "call") as unknown as TracedCall[];
    return {
      system: systemSockets(await Deno.readTextFile(this.#file)),
      ours: tracedSockets(calls),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.running[Symbol.asyncDispose]();
    await Deno.remove(this.#file);
  }
}

/** A call as `--json --trace` has it. */
interface TracedCall {
  readonly call: string;
  readonly arguments: readonly string[];
  readonly result: number | string;
  readonly code?: string;
  readonly fd?: number;
  readonly remote?: { readonly host: string; readonly port: number };
  readonly data?: { readonly text: string; readonly base64?: string };
  readonly emulated?: true;
}

/** Sorts the calls of a trace by socket. */
export function tracedSockets(calls: readonly TracedCall[]): Calls[] {
  const sockets: Calls[] = [];
  const open = new Map<number, Calls>();
  const connected = new Set<Calls>();
  const add = (fd: number, ...calls: Calls) => {
    open.set(fd, calls);
    sockets.push(calls);
  };
  for (const traced of calls) {
    const { call, arguments: [, ...args], result, code, fd } = traced;
    const outcome = code === undefined ? `${result}` : `-1 ${code}`;
    if (call === "socket") {
      if (fd !== undefined) add(fd, `socket(${traced.arguments.join(", ")})`);
    }
    const own = fd === undefined ? undefined : open.get(fd);
    if (own === undefined || !COMPARED.has(call) || call === "socket") continue;
    // What was not made, or did not return, the system does not show.
    if (traced.emulated) connected.add(own);
    if (traced.emulated || (result === "?" && call !== "connect")) continue;
    const bytes = JSON.stringify(dataOf(traced));
    const peer = endpointText(traced.remote);
    const isDatagram = connected.has(own);
    if (call === "accept") {
      own.push(`accept() = ${peer}`);
      if (typeof result === "number") add(result, `accepted ${peer}`);
    } else if (call === "send") {
      own.push(
        isDatagram
          ? `sendto(${bytes}, ${args[0]}, ${peer}) = ${outcome}`
          : `send(${bytes}, ${args[0]}) = ${outcome}`,
      );
    } else if (call === "sendto") {
      own.push(`sendto(${bytes}, ${args[0]}, ${peer}) = ${outcome}`);
    } else if (call === "recvfrom" || isDatagram && call === "recv") {
      own.push(`recvfrom(${bytes}, ${args[0]}, ${peer}) = ${outcome}`);
    } else if (call === "recv") {
      own.push(`recv(${bytes}, ${args[0]}) = ${outcome}`);
    } else {
      own.push(`${call}(${args.join(", ")}) = ${outcome}`);
    }
    if (call === "close" && fd !== undefined) open.delete(fd);
  }
  return sockets;
}

function dataOf({ data }: TracedCall): string {
  if (data?.base64 !== undefined) {
    return latin1(Uint8Array.fromBase64(data.base64));
  }
  return latin1(new TextEncoder().encode(data?.text ?? ""));
}

/** Each byte as a character. */
function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function endpointText(
  remote: { readonly host: string; readonly port: number } | undefined,
): string {
  if (remote === undefined) return "";
  return new Endpoint(IpAddress.parse(remote.host), remote.port).toString();
}

/** A line of strace's. */
interface SystemCall {
  readonly name: string;
  readonly args: string;
  readonly result: number;
  readonly code: string | undefined;
}

/** Reads strace's lines, each call where it returned. */
export function* systemCalls(text: string): Generator<SystemCall> {
  const begun = new Map<string, string>();
  for (const line of text.split("\n")) {
    const found = /^(\d+) +(.*)$/.exec(line);
    if (found === null) continue;
    const [, pid = "", rest = ""] = found;
    const unfinished = /^(.*) <unfinished \.\.\.>$/.exec(rest);
    if (unfinished !== null) {
      begun.set(pid, unfinished[1]!);
      continue;
    }
    const whole = rest.replace(
      /^<\.\.\. \w+ resumed>/,
      () => begun.get(pid) ?? "",
    );
    const call = /^(\w+)\((.*)\) += (-?\d+)(?: (E[A-Z0-9]+))?/.exec(whole);
    if (call === null) continue;
    const [, name = "", args = "", result, code] = call;
    yield { name, args, result: Number(result), code };
  }
}

/** Sorts the calls that strace saw by socket. */
export function systemSockets(text: string): Calls[] {
  const sockets: Calls[] = [];
  const open = new Map<number, Calls>();
  /** The sockets whose connect has not returned, and where it goes. */
  const connecting = new Map<Calls, string>();
  const add = (fd: number, ...calls: Calls) => {
    open.set(fd, calls);
    sockets.push(calls);
  };
  for (const { name, args, result, code } of systemCalls(text)) {
    if (name === "socket") {
      const made = /^(AF_INET6?), (SOCK_STREAM|SOCK_DGRAM)/.exec(args);
      if (made !== null && result >= 0) {
        add(result, `socket(${made[1]}, ${made[2]})`);
      }
      continue;
    }
    const fd = Number.parseInt(args);
    const own = open.get(fd);
    if (own === undefined || code === "EAGAIN") continue;
    const outcome = code === undefined ? `${result}` : `-1 ${code}`;
    const peer = peerIn(args);
    const [bytes = "", size = ""] = /"([^"]*)"(?:\.\.\.)?, (\d+)/.exec(args)
      ?.slice(1) ?? [];
    const data = JSON.stringify(unescaped(bytes));
    if (name === "connect" && code === "EINPROGRESS") {
      connecting.set(own, peer);
    } else if (name === "getsockopt" && args.includes("SO_ERROR")) {
      const error = /\[(E[A-Z0-9]+)\]/.exec(args)?.[1];
      const end = error === undefined ? "0" : `-1 ${error}`;
      own.push(`connect(${connecting.get(own)}) = ${end}`);
      connecting.delete(own);
    } else if (name === "accept4" || name === "accept") {
      own.push(`accept() = ${peer}`);
      if (result >= 0) add(result, `accepted ${peer}`);
    } else if (name === "bind" || name === "connect") {
      own.push(`${name}(${peer}) = ${outcome}`);
    } else if (name === "listen" || name === "shutdown") {
      own.push(`${name}(${args.replace(/^\d+, /, "")}) = ${outcome}`);
    } else if (name === "setsockopt") {
      const option = args.replace(/^\d+, /, "").replace(
        /\[(\d+)\], \d+$/,
        "$1",
      );
      if (!LISTED.test(args)) own.push(`${name}(${option}) = ${outcome}`);
    } else if (name === "sendto" && peer === "") {
      own.push(`send(${data}, ${size}) = ${outcome}`);
    } else if (name === "recvfrom" && peer === "") {
      own.push(`recv(${data}, ${size}) = ${outcome}`);
    } else if (name === "sendto" || name === "recvfrom") {
      own.push(`${name}(${data}, ${size}, ${peer}) = ${outcome}`);
    } else if (name === "close") {
      const where = connecting.get(own);
      if (where !== undefined) own.push(`connect(${where}) = ?`);
      own.push(`close() = ${outcome}`);
      open.delete(fd);
    } else if (!OWN.has(name)) {
      own.push(`${name}(${args}) = ${outcome}`);
    }
  }
  return sockets.filter((calls) => !isProbe(calls, sockets)).map(asked);
}

/** What Deno asks its sockets, and no program of C's has to. */
const OWN = new Set(["getsockname", "getpeername", "getsockopt"]);

/** The options of datagram sockets that Deno sets by itself. */
const LISTED = /, (SO_BROADCAST|IP_MULTICAST_LOOP|IPV6_MULTICAST_LOOP), /;

/**
 * Whether a socket only finds out whether `::` takes IPv4 as well: it is closed,
 * and another one is bound to its port.
 */
function isProbe(calls: Calls, all: readonly Calls[]): boolean {
  const port = (each: Calls) =>
    each.map((call) => /^bind\(.*:(\d+)\) = 0$/.exec(call)?.[1])
      .find((found) => found !== undefined);
  const isUsed = calls.some((call) =>
    !/^(socket|setsockopt|bind|listen|close)/.test(call)
  );
  const later = all.slice(all.indexOf(calls) + 1);
  const failed = calls.find((call) => call.startsWith("bind("))
    ?.endsWith("EADDRINUSE");
  return !isUsed && calls.at(-1) === "close() = 0" && later.length > 0 &&
    (failed || port(calls) !== undefined);
}

/** Leaves out that Deno ends our half of a connection before it closes it. */
function asked(calls: Calls): Calls {
  return calls.filter((call, i) =>
    !(call.startsWith("shutdown(") && calls[i + 1] === "close() = 0")
  );
}

/** The address among the arguments of a call. */
function peerIn(args: string): string {
  const port = /sin6?_port=htons\((\d+)\)/.exec(args)?.[1];
  const host = /(?:inet_addr\(|inet_pton\(AF_INET6, )"([^"]*)"/.exec(args)?.[1];
  if (port === undefined || host === undefined) return "";
  const address = IpAddress.parse(unescaped(host)).unmapped();
  return new Endpoint(address, Number(port)).toString();
}

/** Each byte that strace wrote in hexadecimal as a character. */
function unescaped(text: string): string {
  return text.replace(
    /\\x([0-9a-f]{2})/g,
    (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
