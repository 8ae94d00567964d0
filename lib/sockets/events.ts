/**
 * What happens on a socket, as data. The library reports it to an observer, who
 * turns it into sentences, JSON lines, or nothing.
 *
 * @module
 */

import type { Endpoint } from "../address/endpoint.ts";
import type { FailureEvent } from "../calls/errors.ts";
import type { LookUpObserver } from "../names/events.ts";

/**
 * A server is about to look up its own address.
 *
 * @category Events
 */
export interface ConfiguringEvent {
  /** Discriminates the union. */
  readonly event: "configuring";
}

/**
 * A server is about to make its socket.
 *
 * @category Events
 */
export interface CreatingEvent {
  /** Discriminates the union. */
  readonly event: "creating";
}

/**
 * A server is about to bind its socket.
 *
 * @category Events
 */
export interface BindingEvent {
  /** Discriminates the union. */
  readonly event: "binding";
}

/**
 * A server is about to listen on its socket.
 *
 * @category Events
 */
export interface OpeningListenerEvent {
  /** Discriminates the union. */
  readonly event: "openingListener";
}

/**
 * A stream socket listens.
 *
 * @category Events
 */
export interface ListeningEvent {
  /** Discriminates the union. */
  readonly event: "listening";
  /** Set if connections are over TLS. */
  readonly tls?: true;
  /** Where, with the port that was bound. */
  readonly address: Endpoint;
  /** The descriptor of its socket, if calls are observed. */
  readonly fd?: number;
}

/**
 * A datagram socket is bound.
 *
 * @category Events
 */
export interface BoundEvent {
  /** Discriminates the union. */
  readonly event: "bound";
  /** Where, with the port that was bound. */
  readonly address: Endpoint;
  /** The descriptor of its socket, if calls are observed. */
  readonly fd?: number;
}

/**
 * A server waits for its first peer.
 *
 * @category Events
 */
export interface WaitingEvent {
  /** Discriminates the union. */
  readonly event: "waiting";
}

/**
 * A server accepted a connection.
 *
 * @category Events
 */
export interface AcceptedEvent {
  /** Discriminates the union. */
  readonly event: "accepted";
  /** Its number, from 1: what it shares with the events that are about it. */
  readonly connection: number;
  /** The other end. */
  readonly peer: Endpoint;
  /** Our end. */
  readonly local: Endpoint;
  /** The descriptor of its socket, if calls are observed. */
  readonly fd?: number;
}

/**
 * A server is done with a connection and closes it.
 *
 * @category Events
 */
export interface ClosingEvent {
  /** Discriminates the union. */
  readonly event: "closing";
  /** Which connection it is about. */
  readonly connection: number;
  /** The descriptor of its socket, if calls are observed. */
  readonly fd?: number;
}

/**
 * A server closes its listening socket.
 *
 * @category Events
 */
export interface ClosingListenerEvent {
  /** Discriminates the union. */
  readonly event: "closingListener";
}

/**
 * A server has ended all its connections.
 *
 * @category Events
 */
export interface FinishedEvent {
  /** Discriminates the union. */
  readonly event: "finished";
}

/**
 * A client has waited for a second to be connected.
 *
 * @category Events
 */
export interface TryingEvent {
  /** Discriminates the union. */
  readonly event: "trying";
  /** The other end, which has not answered yet. */
  readonly peer: Endpoint;
}

/**
 * A client's socket is connected.
 *
 * @category Events
 */
export interface ConnectedEvent {
  /** Discriminates the union. */
  readonly event: "connected";
  /** The other end. */
  readonly peer: Endpoint;
  /** Our end; that of a datagram socket may be every interface. */
  readonly local: Endpoint;
  /** The descriptor of its socket, if calls are observed. */
  readonly fd?: number;
}

/**
 * Bytes were handed to the system: a datagram, or a part of an answer.
 *
 * @category Events
 */
export interface SentEvent {
  /** Discriminates the union. */
  readonly event: "sent";
  /** The connection, on a server's stream socket. */
  readonly connection?: number;
  /** The host as it was named, for a datagram. */
  readonly to?: string;
  /** Where a datagram went. */
  readonly remote?: Endpoint;
  /** Our end, for a datagram; it may be every interface. */
  readonly local?: Endpoint;
  /** How many bytes were sent. */
  readonly bytes: number;
  /** How many there were to send. */
  readonly of: number;
  /** The descriptor of its socket, if calls are observed. */
  readonly fd?: number;
}

/**
 * A datagram came in.
 *
 * @category Events
 */
export interface DatagramEvent {
  /** Discriminates the union. */
  readonly event: "datagram";
  /** The other end. */
  readonly peer: Endpoint;
  /** The bytes. */
  readonly data: Uint8Array;
  /** The descriptor of its socket, if calls are observed and it has only one. */
  readonly fd?: number;
}

/**
 * Anything that the library reports of its sockets.
 *
 * @category Events
 */
export type SocketEvent =
  | ConfiguringEvent
  | CreatingEvent
  | BindingEvent
  | OpeningListenerEvent
  | ListeningEvent
  | BoundEvent
  | WaitingEvent
  | AcceptedEvent
  | ClosingEvent
  | ClosingListenerEvent
  | FinishedEvent
  | TryingEvent
  | ConnectedEvent
  | SentEvent
  | DatagramEvent
  | FailureEvent;

/**
 * Observes sockets, their calls and look-ups.
 *
 * @category Events
 */
export interface Observer extends LookUpObserver {
  /** Receives what happens. */
  event?(event: SocketEvent): void;
}
