/**
 * One attempt to connect to one address.
 *
 * @module
 */

import { Endpoint, joinHostPort } from "../../address/endpoint.ts";
import { FAMILY_WORDS } from "../../address/inet.ts";
import { IpAddress } from "../../address/ip_address.ts";
import { call, type EarlierCall } from "../../calls/call.ts";
import { startWait } from "../../calls/deadline.ts";
import { SocketError } from "../../calls/errors.ts";
import { emit, receives } from "../../calls/observer.ts";
import { requireNet } from "../../calls/permission.ts";
import { endsOf, type RawConn } from "../raw_conn.ts";
import type { ReachOptions } from "../targets.ts";
import type { LocalEnd } from "./node_connect.ts";

/** After this long an attempt in hand is reported, in milliseconds. */
const SLOW = 1_000;

/** From where an attempt is made, and who receives its calls. */
type AttemptOptions = Pick<
  ReachOptions,
  "localAddress" | "localPort" | "observer"
>;

/**
 * Makes one attempt to connect.
 *
 * @param addr where to
 * @param address the same, if it is no name
 * @param signal ends the attempt
 * @param options from where, and who receives the calls
 * @returns the connection
 * @throws {SocketError} `connect` if it failed
 */
export function attempt(
  addr: Deno.NetAddr,
  address: IpAddress | undefined,
  signal: AbortSignal | undefined,
  options: AttemptOptions,
): Promise<RawConn> {
  const { hostname, port } = addr;
  const { observer } = options;
  const peer = address && new Endpoint(address.unmapped(), port);
  const local = localEnd(address, options);
  // Which one Deno takes for a name shows only in what it connects to.
  const family = address ? FAMILY_WORDS[address.family] : "AF_UNSPEC";
  const run = (): Promise<RawConn> => {
    if (local !== undefined) return connectLocal(addr, local, signal);
    return signal === undefined
      ? Deno.connect({ hostname, port })
      : Deno.connect({ hostname, port, signal });
  };
  const connecting = call<RawConn>("connect", run, {
    address: peer,
    observer,
    before: () => [
      { call: "socket", arguments: [family, "SOCK_STREAM"] },
      ...(local === undefined ? [] : [bindCall(local)]),
    ],
    // Node's socket is made later, and that for a name after its look-up.
    isMadeAtOnce: local === undefined && address !== undefined,
    text: () => ({
      arguments: [joinHostPort(hostname, port)],
      remote: peer,
    }),
    opens: endsOf,
    endedBy: signal,
    blame: (error) => error instanceof SocketError ? error.step : "connect",
  });
  if (peer === undefined || !receives(observer, "event")) return connecting;
  const event = { event: "trying", peer } as const;
  return connecting.finally(
    startWait(SLOW, () => emit(observer, "event", event)),
  );
}

/** Connects from an end that was chosen. */
async function connectLocal(
  to: Deno.NetAddr,
  from: LocalEnd,
  signal: AbortSignal | undefined,
): Promise<RawConn> {
  // Only those who choose it pay for loading Node's sockets.
  const { connectFrom } = await import("./node_connect.ts");
  try {
    return await connectFrom(to, from, signal);
  } catch (error) {
    // It is about our own end, and not about the peer.
    throw isOfBind(error)
      ? new SocketError("bind", error, Endpoint.from(from))
      : error;
  }
}

function bindCall({ hostname, port }: LocalEnd): EarlierCall {
  return { call: "bind", arguments: [joinHostPort(hostname, port)] };
}

/** Whether Node says that it could not bind the local end. */
function isOfBind(error: unknown): boolean {
  return error instanceof Error && "syscall" in error &&
    error.syscall === "bind";
}

/** Our end, if it was chosen. */
function localEnd(
  to: IpAddress | undefined,
  { localAddress, localPort: port = 0 }: AttemptOptions,
): LocalEnd | undefined {
  if (localAddress === undefined && port === 0) return undefined;
  const hostname = localAddress === undefined
    ? to?.wildcard().toString() ?? "::"
    : IpAddress.parse(String(localAddress)).toString();
  requireNet(hostname, port);
  return { hostname, port };
}
