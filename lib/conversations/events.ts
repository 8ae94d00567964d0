/**
 * What happens in a conversation, as data: what is received, and what is found
 * out.
 *
 * @module
 */

import type { Endpoint } from "../address/endpoint.ts";
import type { Sockaddr } from "../address/sockaddr.ts";
import type { Observer, SocketEvent } from "../sockets/events.ts";

/** A server begins to read a request. */
export interface ReadingEvent {
  /** Discriminates the union. */
  readonly event: "reading";
  /** Which connection it is about. */
  readonly connection: number;
  /** The descriptor of its socket, if calls are observed. */
  readonly fd?: number;
}

/** A server has read what it will read. */
export interface ReceivedEvent {
  /** Discriminates the union. */
  readonly event: "received";
  /** Which connection it is about. */
  readonly connection: number;
  /** The descriptor of its socket, if calls are observed. */
  readonly fd?: number;
  /** How many bytes came. */
  readonly bytes: number;
}

/** A server begins to answer. */
export interface SendingEvent {
  /** Discriminates the union. */
  readonly event: "sending";
  /** Which connection it is about. */
  readonly connection: number;
  /** The descriptor of its socket, if calls are observed. */
  readonly fd?: number;
}

/** A client received something from its peer. */
export interface ReplyEvent {
  /** Discriminates the union. */
  readonly event: "message";
  /** The other end. */
  readonly peer: Endpoint;
  /** The bytes; valid until the observer returns. */
  readonly data: Uint8Array;
  /** The descriptor of its socket, if calls are observed. */
  readonly fd?: number;
}

/** A name was resolved; its addresses follow. */
export interface HostEvent {
  /** Discriminates the union. */
  readonly event: "host";
  /** The host as it was asked for. */
  readonly host: string;
  /** The canonical name, if it was asked for. */
  readonly canonicalName?: string;
}

/** One address of a host. */
export interface AddressEvent {
  /** Discriminates the union. */
  readonly event: "address";
  /** The host as it was asked for. */
  readonly host: string;
  /** The address. */
  readonly address: Endpoint;
  /** Whether a service was asked for, so that the port means something. */
  readonly service: boolean;
  /** The name of the address, if it was asked for and found. */
  readonly name?: string;
  /** Its bytes as the system's calls take them, if they were asked for. */
  readonly sockaddr?: Sockaddr;
}

/** The time was read. */
export interface TimeEvent {
  /** Discriminates the union. */
  readonly event: "time";
  /** The time, in the form that was asked for. */
  readonly text: string;
}

/** Anything that a conversation reports. */
export type ConversationEvent =
  | ReadingEvent
  | ReceivedEvent
  | SendingEvent
  | ReplyEvent
  | HostEvent
  | AddressEvent
  | TimeEvent;

/** Anything that happens in a program. */
export type ProgramEvent = SocketEvent | ConversationEvent;

/** Observes a conversation and the sockets under it. */
export interface ConversationObserver extends Observer {
  /** Receives what happens. */
  event?(event: ProgramEvent): void;
}
