/**
 * One conversation of one process: a connection, or the datagrams between one
 * socket and one peer.
 *
 * @module
 */

import type { Endpoint } from "../address/endpoint.ts";
import { isCount } from "./fields.ts";
import { Folded } from "./folded.ts";
import type { RecordedCall } from "./recording.ts";

/** How a conversation's bytes travel. */
export type Transport = "TCP" | "UDP";

/** A call in its place among those of its process. */
export interface Step {
  /** The call. */
  readonly call: RecordedCall;
  /** How many calls of the process returned before it. */
  readonly order: number;
  /** The bytes that were sent or received, if there were any. */
  readonly message?: Message;
}

/** What a call sent or received. */
export interface Message {
  /** Which way it went. */
  readonly way: "sent" | "received";
  /** How many bytes of its direction went before it. */
  readonly from: number;
  /** How many bytes it has. */
  readonly bytes: number;
}

/** How many of a conversation's first and last calls are kept. */
const HEAD = 30;
const TAIL = 20;

const WAYS: ReadonlyMap<string, Message["way"]> = new Map([
  ["send", "sent"],
  ["sendto", "sent"],
  ["recv", "received"],
  ["recvfrom", "received"],
]);

/**
 * Finds which way a call moves bytes.
 *
 * @param call its name in C
 * @returns the way, or `undefined` for a call that moves none
 */
export function wayOf(call: string): Message["way"] | undefined {
  return WAYS.get(call);
}

/** What begins a conversation. */
export interface Beginning {
  /** The descriptor of its socket. */
  readonly fd: number;
  /** How its bytes travel. */
  readonly transport: Transport;
  /** Whether this end accepted it. */
  readonly accepted: boolean;
  /** The own end, if it is known. */
  readonly local: Endpoint | undefined;
  /** The other end, if it is known. */
  readonly remote: Endpoint | undefined;
}

/** A conversation, as one of its ends recorded it. */
export class Conversation implements Beginning {
  readonly fd: number;
  transport: Transport;
  readonly accepted: boolean;
  readonly local: Endpoint | undefined;
  readonly remote: Endpoint | undefined;
  /** Its calls. */
  readonly steps = new Folded<Step>(HEAD, TAIL);
  /** How many bytes went each way. */
  readonly bytes = { sent: 0, received: 0 };
  /** Which way the first bytes went. */
  first: Message["way"] | undefined;

  /** @param beginning what began it */
  constructor({ fd, transport, accepted, local, remote }: Beginning) {
    this.fd = fd;
    this.transport = transport;
    this.accepted = accepted;
    this.local = local;
    this.remote = remote;
  }

  /** Whether this end is the one that was waiting for the other. */
  get isServer(): boolean {
    return this.accepted ||
      (this.transport === "UDP" && this.first === "received");
  }

  /**
   * Adds a call.
   *
   * @param call the call
   * @param order its place among those of its process
   */
  add(call: RecordedCall, order: number): void {
    const way = WAYS.get(call.call);
    // Events say only here of which kind a connected socket is.
    if (call.call === "sendto") this.transport = "UDP";
    const bytes = call.result;
    if (way === undefined || !isCount(bytes)) {
      this.steps.add({ call, order });
      return;
    }
    const message = { way, from: this.bytes[way], bytes };
    this.bytes[way] += bytes;
    this.first ??= way;
    this.steps.add({ call, order, message });
  }
}
