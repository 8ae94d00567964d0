/**
 * The echo service: each datagram back to where it came from, unless that could
 * go on forever.
 *
 * @module
 */

import { Endpoint } from "../address/endpoint.ts";
import type { IpAddress } from "../address/ip_address.ts";
import { numbered } from "../calls/descriptors.ts";
import { errorEvent, PermissionError, SocketError } from "../calls/errors.ts";
import { emit, receives } from "../calls/observer.ts";
import { mayReach } from "../calls/permission.ts";
import { Repeats } from "../calls/repeats.ts";
import { Tally } from "../calls/tally.ts";
import { sourceAddresses } from "../names/interfaces.ts";
import { isClosed } from "../sockets/close.ts";
import type {
  Datagram,
  DatagramSocket,
} from "../sockets/datagrams/datagram.ts";
import type { ConversationObserver } from "./events.ts";
import { RateLimit } from "./rate_limit.ts";

/** Ports below it are those of services, which may answer an answer. */
const FIRST_USER_PORT = 1024;
/** Answers a second to one address, and at once to one that was quiet. */
const ANSWERS = 1000;
/**
 * How many addresses are limited. With more forged ones than that, one gets past
 * its limit if it is used again before it is forgotten: that takes some millions
 * of datagrams a second.
 */
const MAX_ADDRESSES = 4096;

/**
 * Makes sure, as far as can be known beforehand, that datagrams may be sent
 * back to where they come from.
 *
 * The peers are not known yet; but if not even the loopback may be sent to, it
 * is better to say so at once than at the first datagram.
 *
 * @throws {PermissionError} if they may not be
 */
export function requireEcho(): void {
  if (!mayReach("127.0.0.1", 1) && !mayReach("::1", 1)) {
    throw new PermissionError("--allow-net");
  }
}

/**
 * Says whether an answer could come back as the next datagram: from a socket's
 * own endpoint under any of its names, or from a service.
 *
 * @param peer where the datagram says that it came from
 * @param bound where it is bound, all at one port
 * @param own this machine's addresses, as far as they are known
 */
export function couldLoop(
  { address, port }: Endpoint,
  bound: readonly Endpoint[],
  own: readonly IpAddress[],
): boolean {
  if (port < FIRST_USER_PORT) return true;
  if (port !== bound[0]?.port) return false;
  // A sender's address comes without its scope.
  const isPeer = (other: IpAddress) =>
    other.unmapped().withoutScope().equals(address.withoutScope());
  return address.isLoopback || own.some(isPeer) ||
    bound.some((each) => isPeer(each.address));
}

/**
 * Says whether the system would have to guess the interface for an answer.
 *
 * @param peer a sender's address, whose scope Deno drops
 * @param bound where it is bound; if link-local, to one interface
 */
export function lacksScope(
  peer: IpAddress,
  bound: readonly Endpoint[],
): boolean {
  return peer.family === "IPv6" && peer.isLinkLocal &&
    peer.scope === undefined &&
    !bound.some(({ address }) => address.isLinkLocal);
}

/** A link-local address whose interface is not known. */
class ScopeError extends Error {
  readonly code = "EDESTADDRREQ";

  constructor(address: IpAddress) {
    super(
      `the interface of ${address} is not known, as Deno drops a sender's ` +
        "scope; listen on a link-local address to answer",
    );
  }
}

/** What an {@linkcode Echo} needs besides its socket. */
export interface EchoOptions {
  /** Receives what could not be sent, and how many were not answered. */
  readonly observer?: ConversationObserver | undefined;
}

/**
 * Sends datagrams back, at a bounded rate to each address and never to where
 * they would come back from. Disposing of it reports what was left to report.
 */
export class Echo implements Disposable {
  readonly #socket: DatagramSocket;
  readonly #bound: readonly Endpoint[];
  readonly #observer: ConversationObserver | undefined;
  readonly #own = (sourceAddresses() ?? []).map(({ address }) => address);
  readonly #limit = new RateLimit({
    perSecond: ANSWERS,
    burst: ANSWERS,
    maxKeys: MAX_ADDRESSES,
  });
  readonly #unanswered: Tally;
  readonly #failures: Repeats;

  /**
   * @param socket where the datagrams come in
   * @param options who receives what happens
   */
  constructor(socket: DatagramSocket, { observer }: EchoOptions = {}) {
    this.#socket = socket;
    this.#observer = observer;
    this.#bound = socket.addrs.map(Endpoint.from);
    this.#failures = new Repeats(observer);
    this.#unanswered = new Tally({
      step: "not answered",
      code: "EAGAIN",
      unit: "datagram",
      observer,
    });
  }

  /**
   * Sends one datagram back, if it may be.
   *
   * @param datagram what came in
   * @throws {SocketError} if the socket was closed
   */
  async answer({ data, peer }: Datagram): Promise<void> {
    if (
      couldLoop(peer, this.#bound, this.#own) ||
      !this.#limit.take(peer.address.toString())
    ) {
      this.#unanswered.add(peer.address);
      return;
    }
    try {
      if (lacksScope(peer.address, this.#bound)) {
        throw new SocketError("sendto", new ScopeError(peer.address), peer);
      }
      const bytes = await this.#socket.sendTo(data, peer);
      this.#reportSent(peer, bytes, data.length);
    } catch (error) {
      if (isClosed(error)) throw error;
      this.#failures.report(errorEvent(error));
    }
  }

  #reportSent(peer: Endpoint, bytes: number, of: number): void {
    if (!receives(this.#observer, "event")) return;
    // Of several sockets it is not known which one sent it.
    const [local, ...others] = this.#bound;
    const sent = {
      event: "sent",
      to: peer.address.toString(),
      remote: peer,
      ...(local !== undefined && others.length === 0 && { local }),
      bytes,
      of,
    } as const;
    emit(this.#observer, "event", numbered(this.#socket, sent));
  }

  /** Reports what was left to report. */
  [Symbol.dispose](): void {
    this.#failures[Symbol.dispose]();
    this.#unanswered[Symbol.dispose]();
  }
}
