/** Peers that other people wrote: ncat, socat, curl, openssl and more. */

import {
  freePort,
  isInstalled,
  mayUnshare,
  type Result,
  Running,
  type StartOptions,
} from "../harness.ts";

/** A peer, by the name of its command. */
export type Peer =
  | "bash"
  | "curl"
  | "dnsmasq"
  | "fish"
  | "gcc"
  | "ip"
  | "mandoc"
  | "ncat"
  | "nsenter"
  | "openssl"
  | "python3"
  | "script"
  | "socat"
  | "strace"
  | "telnet"
  | "unshare"
  | "zsh";

/** One of this machine's own addresses. */
export interface Loopback {
  readonly version: 4 | 6;
  readonly host: string;
  /** The host as it is written before `:port`. */
  readonly bracketed: string;
}

export const IPV4: Loopback = {
  version: 4,
  host: "127.0.0.1",
  bracketed: "127.0.0.1",
};

export const IPV6: Loopback = { version: 6, host: "::1", bracketed: "[::1]" };

/** If it is set a missing peer is a failure, else its tests are ignored. */
export const required = Deno.env.get("PARLEY_REQUIRE_PEERS") === "1";

/** Registers a test that needs some peers. */
export function peerTest(
  peers: readonly Peer[],
  name: string,
  fn: () => Promise<void>,
): void {
  Deno.test({ name, fn, ignore: !required && !peers.every(isInstalled) });
}

/** Whether a namespace is to be had, or has to be. */
export const mayHaveNamespace = required || mayUnshare();

/** Registers a test that needs a network of its own. */
export function namespaceTest(
  peers: readonly Peer[],
  name: string,
  fn: () => Promise<void>,
): void {
  if (mayHaveNamespace) peerTest(peers, name, fn);
  else Deno.test({ name, fn, ignore: true });
}

/** Registers a test that needs some peers, once for IPv4 and once for IPv6. */
export function peerTestOverBoth(
  peers: readonly Peer[],
  name: string,
  fn: (loopback: Loopback) => Promise<void>,
): void {
  for (const loopback of [IPV4, IPV6]) {
    const { version } = loopback;
    peerTest(peers, `${name} over IPv${version}`, () => fn(loopback));
  }
}

/** Waits for the end of a peer, and disposes of it. */
export async function finish(peer: Running): Promise<Result> {
  await using running = peer;
  return await running.end();
}

/** Starts an ncat that connects. */
export function ncat(
  { host }: Loopback,
  port: number,
  options: StartOptions & { readonly args?: readonly string[] } = {},
): Running {
  const { args = [] } = options;
  return new Running("ncat", [...args, host, String(port)], options);
}

/** socat's words for one end of a connection, as in `TCP6:[::1]:80`. */
export function socatAddress(
  transport: "TCP" | "UDP",
  { version, bracketed }: Loopback,
  port: number,
): string {
  return `${transport}${version}:${bracketed}:${port}`;
}

/**
 * Starts a socat.
 *
 * When one end is over it still waits for the other, and it takes the largest
 * datagram in one piece.
 */
export function socat(
  args: readonly string[],
  options: StartOptions = {},
): Running {
  const line = ["-d", "-d", "-t", "20", "-b", "65536", ...args];
  return new Running("socat", line, options);
}

/** A process, and the port on which it listens. */
export type Listening = Running & { readonly port: number };

/** Starts an ncat that listens. */
export function ncatListening(
  { version, host }: Loopback,
  options: StartOptions & { readonly args?: readonly string[] } = {},
): Promise<Listening> {
  const flags = ["-v", "-l", `-${version}`, ...options.args ?? []];
  return onFreePort(
    (port) => new Running("ncat", [...flags, host, String(port)], options),
    /Listening on/,
  );
}

/** Starts a socat that joins the first peer to come to its other end. */
export function socatListening(
  kind: "TCP-LISTEN" | "UDP-RECVFROM",
  { version, bracketed }: Loopback,
  other: string,
  options: StartOptions & { readonly socketOptions?: string } = {},
): Promise<Listening> {
  const { socketOptions = "" } = options;
  const address = kind.replace("-", `${version}-`);
  return onFreePort(
    (port) =>
      socat(
        [`${address}:${port},bind=${bracketed}${socketOptions}`, other],
        options,
      ),
    /(?:listening|receiving) on/,
  );
}

/** With it a killed socat resets its connection. */
const RESETS = ",linger=0";

/** Starts a peer that resets its connection when it is killed. */
export function resettingClient(port: number): Running {
  return socat([socatAddress("TCP", IPV4, port) + RESETS, "STDIO"]);
}

/** Starts a peer that listens, and resets its connection when it is killed. */
export function resettingServer(): Promise<Listening> {
  const options = { socketOptions: RESETS };
  return socatListening("TCP-LISTEN", IPV4, "STDIO", options);
}

/**
 * The command line of a name server on the loopback of both families that knows
 * its own records, asks nobody, and logs to stderr.
 *
 * @param port where it listens
 * @param records what it knows, as in `host-record=a.example,192.0.2.1`
 */
export function dnsmasqLine(
  port: number,
  records: readonly string[],
): [command: "dnsmasq", ...args: string[]] {
  const flags = [
    ...["no-daemon", "conf-file", "no-resolv", "no-hosts", "bind-interfaces"],
    ...["listen-address=127.0.0.1", "listen-address=::1", `port=${port}`],
  ];
  return ["dnsmasq", ...[...flags, ...records].map((each) => `--${each}`)];
}

/** What dnsmasq logs when its sockets are bound. */
export const DNSMASQ_READY = /started, version/;

/** Starts a name server. */
export function dnsmasq(records: readonly string[]): Promise<Listening> {
  return onFreePort((port) => {
    const [command, ...args] = dnsmasqLine(port, records);
    return new Running(command, args);
  }, DNSMASQ_READY);
}

/** How often a port may be taken by somebody else in the meantime. */
const ATTEMPTS = 5;

/** Starts a process on a free port, and waits until its stderr says so. */
export async function onFreePort(
  launch: (port: number) => Running,
  ready: RegExp,
): Promise<Listening> {
  for (let attempt = 1;; attempt++) {
    const port = freePort();
    const running = launch(port);
    try {
      await running.stderr(ready);
      return Object.assign(running, { port });
    } catch (error) {
      await running[Symbol.asyncDispose]();
      if (attempt === ATTEMPTS) throw error;
    }
  }
}
