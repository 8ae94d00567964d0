/**
 * What happens on a socket, as data: the library tells it, a reporter turns it
 * into sentences, JSON lines, or nothing.
 *
 * @module
 */

import type { Endpoint } from "../address/endpoint.ts";

/** A server is about to look up its own address. */
export interface ConfiguringEvent {
  /** Tells the kinds of events apart. */
  readonly event: "configuring";
}

/** A server is about to make its socket. */
export interface CreatingEvent {
  /** Tells the kinds of events apart. */
  readonly event: "creating";
}

/** A server is about to bind its socket. */
export interface BindingEvent {
  /** Tells the kinds of events apart. */
  readonly event: "binding";
}

/** A stream socket listens. */
export interface ListeningEvent {
  /** Tells the kinds of events apart. */
  readonly event: "listening";
  /** Set where connections are over TLS. */
  readonly tls?: true;
  /** Where, with the port that was bound. */
  readonly address: Endpoint;
}

/** A datagram socket is bound. */
export interface BoundEvent {
  /** Tells the kinds of events apart. */
  readonly event: "bound";
  /** Where, with the port that was bound. */
  readonly address: Endpoint;
}

/** A server waits for its first peer. */
export interface WaitingEvent {
  /** Tells the kinds of events apart. */
  readonly event: "waiting";
}

/** A server accepted a connection. */
export interface AcceptedEvent {
  /** Tells the kinds of events apart. */
  readonly event: "accepted";
  /** Its number, from 1: what it shares with the events that are about it. */
  readonly connection: number;
  /** The other end. */
  readonly peer: Endpoint;
}

/** A server begins to read a request. */
export interface ReadingEvent {
  /** Tells the kinds of events apart. */
  readonly event: "reading";
  /** Which connection it is about. */
  readonly connection: number;
}

/** A server has read what it will read. */
export interface ReceivedEvent {
  /** Tells the kinds of events apart. */
  readonly event: "received";
  /** Which connection it is about. */
  readonly connection: number;
  /** How many bytes came. */
  readonly bytes: number;
}

/** A server begins to answer. */
export interface SendingEvent {
  /** Tells the kinds of events apart. */
  readonly event: "sending";
  /** Which connection it is about. */
  readonly connection: number;
}

/** Bytes were handed to the system. */
export interface SentEvent {
  /** Tells the kinds of events apart. */
  readonly event: "sent";
  /** The connection, on a server's stream socket. */
  readonly connection?: number;
  /** The host as it was named, for a datagram. */
  readonly to?: string;
  /** How many bytes were sent. */
  readonly bytes: number;
  /** How many there were to send. */
  readonly of: number;
}

/** A server is done with a connection and closes it. */
export interface ClosingEvent {
  /** Tells the kinds of events apart. */
  readonly event: "closing";
  /** Which connection it is about. */
  readonly connection: number;
}

/** A server closes its listening socket. */
export interface ClosingListenerEvent {
  /** Tells the kinds of events apart. */
  readonly event: "closingListener";
}

/** A server has ended all its connections. */
export interface FinishedEvent {
  /** Tells the kinds of events apart. */
  readonly event: "finished";
}

/** A client's socket is connected. */
export interface ConnectedEvent {
  /** Tells the kinds of events apart. */
  readonly event: "connected";
  /** The other end. */
  readonly peer: Endpoint;
}

/** A client received what its peer had to say. */
export interface MessageEvent {
  /** Tells the kinds of events apart. */
  readonly event: "message";
  /** The other end. */
  readonly peer: Endpoint;
  /** The bytes; valid while the event is told. */
  readonly data: Uint8Array;
}

/** A datagram came in. */
export interface DatagramEvent {
  /** Tells the kinds of events apart. */
  readonly event: "datagram";
  /** The other end. */
  readonly peer: Endpoint;
  /** The bytes; valid while the event is told. */
  readonly data: Uint8Array;
}

/** A name was resolved; its addresses follow. */
export interface HostEvent {
  /** Tells the kinds of events apart. */
  readonly event: "host";
  /** The host as it was asked for. */
  readonly host: string;
  /** The canonical name, where it was asked for. */
  readonly canonicalName?: string;
}

/** One address of a host. */
export interface AddressEvent {
  /** Tells the kinds of events apart. */
  readonly event: "address";
  /** The host as it was asked for. */
  readonly host: string;
  /** The address. */
  readonly address: Endpoint;
  /** Whether a service was asked for, so that the port says something. */
  readonly service: boolean;
  /** The name that belongs to the address, where it was asked for and found. */
  readonly name?: string;
}

/** The time was told. */
export interface TimeEvent {
  /** Tells the kinds of events apart. */
  readonly event: "time";
  /** The time, in the form that was asked for. */
  readonly text: string;
}

/** Something went wrong. */
export interface ErrorEvent {
  /** Tells the kinds of events apart. */
  readonly event: "error";
  /** The call that failed, or `usage`, `permission`, `output`, `internal`. */
  readonly step: string;
  /** The errno's or EAI code's name, as in `ECONNREFUSED`. */
  readonly code: string;
  /** strerror's or gai_strerror's words, or one sentence. */
  readonly message: string;
  /** The address that it was about. */
  readonly address?: Endpoint;
  /** The host that it was about. */
  readonly host?: string;
  /** Set where that host is one of several that were asked for. */
  readonly several?: true;
  /** The connection that it was about. */
  readonly connection?: number;
  /** Set on the last word after the errors that led to it. */
  readonly final?: true;
}

/** Anything that a program tells in the course of its work. */
export type SocketEvent =
  | ConfiguringEvent
  | CreatingEvent
  | BindingEvent
  | ListeningEvent
  | BoundEvent
  | WaitingEvent
  | AcceptedEvent
  | ReadingEvent
  | ReceivedEvent
  | SendingEvent
  | SentEvent
  | ClosingEvent
  | ClosingListenerEvent
  | FinishedEvent
  | ConnectedEvent
  | MessageEvent
  | DatagramEvent
  | HostEvent
  | AddressEvent
  | TimeEvent
  | ErrorEvent;

/** A call was made, as the C programs make it. */
export interface CallEvent {
  /** Tells the kinds of events apart. */
  readonly event: "call";
  /** The call's name in C, as in `connect`. */
  readonly call: string;
  /** Its arguments as a C programmer would write them. */
  readonly arguments: readonly string[];
  /** What it returned: a count, 0, -1, or words where C returns a pointer. */
  readonly result: string | number;
  /** The errno's or EAI code's name, where it failed. */
  readonly code?: string;
  /** The words for that code. */
  readonly message?: string;
  /** How long it took, in milliseconds. */
  readonly milliseconds: number;
  /** The call in one step with which Deno made this one, which shares its time. */
  readonly with?: string;
}

/** A question of a look-up was answered. */
export interface AnswerEvent {
  /** Tells the kinds of events apart. */
  readonly event: "answer";
  /**
   * Who answered: `literal`, a hosts file by its path, `RFC 6761` (names of the
   * loopback), or a name server by its address and port.
   */
  readonly source: string;
  /** What was asked: a name, or a record's type and name. */
  readonly question: string;
  /** The addresses or names; or why there are none, as in `NXDOMAIN`. */
  readonly answer: readonly string[];
  /** How long it took, in milliseconds, where somebody else was asked. */
  readonly milliseconds?: number;
}

/** An address was put into its place among those of its host. */
export interface OrderEvent {
  /** Tells the kinds of events apart. */
  readonly event: "order";
  /** The address. */
  readonly address: string;
  /**
   * The rule of RFC 6724 section 6 that puts it behind the one before it, 1 to
   * 10; missing for the first one.
   */
  readonly rule?: number;
}

/** How a look-up came to its result. */
export type ResolutionEvent = AnswerEvent | OrderEvent;

/** Whoever wants to know what happens. */
export interface Observer {
  /** Is told what happens. Must not throw. */
  event(event: SocketEvent): void;
  /** Is told each call. Without it no call is timed. */
  call?(call: CallEvent): void;
  /** Is told how a look-up comes to its result, before its call is told. */
  resolution?(event: ResolutionEvent): void;
}
