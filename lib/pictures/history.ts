/**
 * What one process did, sorted into conversations while it is read.
 *
 * @module
 */

import type { Endpoint } from "../address/endpoint.ts";
import {
  type Beginning,
  Conversation,
  type Step,
  type Transport,
  wayOf,
} from "./conversation.ts";
import { Folded } from "./folded.ts";
import type { RecordedCall } from "./recording.ts";

/** How many conversations, and calls outside of them, are kept. */
const CONVERSATIONS = [40, 8] as const;
const COMMON = [32, 24] as const;

/** How many open sockets are known; more than any process has. */
const MOST_SOCKETS = 1 << 17;

/** A socket that holds conversations. */
interface Socket {
  /** Whether it has one peer for as long as it is open. */
  readonly connected: boolean;
  /** By peer. */
  readonly conversations: Map<string, Conversation>;
}

/** A conversation in its place among the calls outside of it. */
export interface Chapter {
  /** The conversation. */
  readonly conversation: Conversation;
  /** How many calls of the process returned before its first one. */
  readonly order: number;
}

/** What one process did. */
export class History {
  /** The conversations, in the order in which they began. */
  readonly chapters = new Folded<Chapter>(...CONVERSATIONS);
  /** The calls that belong to none of them, or to all. */
  readonly common = new Folded<Step>(...COMMON);
  /** How many calls there were. */
  total = 0;
  /** Where it listened or was bound. */
  address: Endpoint | undefined;
  /** What a socket is of which nothing is known. */
  #unknown: "dropped" | undefined;
  #binds = false;
  #begins = false;
  #listens = false;
  /** The sockets that are open: their transport, what they hold, or that it was dropped. */
  readonly #sockets = new Map<number, Socket | Transport | "dropped">();

  /**
   * Adds a call, in the order in which they returned.
   *
   * @param call the call
   */
  add(call: RecordedCall): void {
    const order = this.total++;
    const found = this.#conversationOf(call, order);
    if (found === undefined) this.common.add({ call, order });
    else if (found !== "dropped") found.add(withoutEnds(call), order);
    if (call.call === "close" && call.fd !== undefined) {
      this.#sockets.delete(call.fd);
    }
  }

  /** Whether it was bound to an address and waited for others to begin. */
  get isServer(): boolean {
    return this.#binds && !this.#begins;
  }

  /** Whether it waited for datagrams: it was bound, and did not listen. */
  get takesDatagrams(): boolean {
    return this.isServer && !this.#listens;
  }

  #conversationOf(
    call: RecordedCall,
    order: number,
  ): Conversation | "dropped" | undefined {
    const { fd, local, result } = call;
    switch (call.call) {
      case "socket":
        if (typeof result === "number" && result >= 0) {
          const isDatagram = call.arguments.includes("SOCK_DGRAM");
          this.#open(fd ?? result, isDatagram ? "UDP" : "TCP");
        }
        return undefined;
      case "bind":
      case "listen":
        this.#binds = true;
        this.#listens ||= call.call === "listen";
        if (result === 0) this.address = local ?? this.address;
        return undefined;
      case "accept":
        this.#binds = true;
        this.#listens = true;
        return typeof result === "number" && result >= 0
          ? this.#accepted(call, result, order)
          : undefined;
      case "connect":
        this.#begins = true;
        return result === 0 && fd !== undefined
          ? this.#connected(call, fd, order)
          : undefined;
    }
    return fd === undefined ? undefined : this.#onSocket(call, fd, order);
  }

  #accepted(call: RecordedCall, fd: number, order: number): Conversation {
    const { local, remote } = call;
    const transport = "TCP";
    const end = { fd, transport, accepted: true, local, remote } as const;
    return this.#begin(end, true, order);
  }

  #connected(call: RecordedCall, fd: number, order: number): Conversation {
    const { local, remote } = call;
    const isDatagram = this.#sockets.get(fd) === "UDP" || call.emulated;
    const transport = isDatagram ? "UDP" : "TCP";
    const end = { fd, transport, accepted: false, local, remote } as const;
    return this.#begin(end, true, order);
  }

  /** Finds the conversation of a call on a socket that is open. */
  #onSocket(
    call: RecordedCall,
    fd: number,
    order: number,
  ): Conversation | "dropped" | undefined {
    const { local, remote } = call;
    const socket = this.#sockets.get(fd) ?? this.#unknown;
    if (socket === "dropped") return socket;
    const way = wayOf(call.call);
    if (typeof socket === "object") {
      const { connected, conversations } = socket;
      const [only] = conversations.values();
      if (connected) return only;
      if (way === undefined) {
        return conversations.size === 1 ? only : undefined;
      }
      const known = conversations.get(String(remote));
      if (known !== undefined) return known;
    }
    // A wait for any peer may end without one, and a send may fail.
    const isDone = typeof call.result === "number" && call.result >= 0;
    if (way === undefined || remote === undefined || !isDone) return undefined;
    if (call.call === "sendto") this.#begins ||= !this.#binds;
    // Where no socket() was recorded, the call says which kind it is.
    const isDatagram = typeof socket === "object" || socket === "UDP" ||
      call.call === "sendto" || call.call === "recvfrom";
    const transport = isDatagram ? "UDP" : "TCP";
    const end = { fd, transport, accepted: false, local, remote } as const;
    return this.#begin(end, !isDatagram, order);
  }

  #begin(
    beginning: Beginning,
    connected: boolean,
    order: number,
  ): Conversation {
    const { fd, remote } = beginning;
    const conversation = new Conversation(beginning);
    let socket = this.#sockets.get(fd);
    if (typeof socket !== "object" || connected) {
      socket = { connected, conversations: new Map() };
      this.#open(fd, socket);
    }
    socket.conversations.set(String(remote), conversation);
    const evicted = this.chapters.add({ conversation, order });
    if (evicted !== undefined) this.#drop(evicted.conversation);
    return conversation;
  }

  #open(fd: number, socket: Socket | Transport): void {
    if (this.#sockets.size < MOST_SOCKETS) this.#sockets.set(fd, socket);
    else this.#unknown = "dropped";
  }

  /** Forgets a conversation that is not drawn. */
  #drop(conversation: Conversation): void {
    const { fd, remote } = conversation;
    const socket = this.#sockets.get(fd);
    if (typeof socket !== "object") return;
    const key = String(remote);
    if (socket.conversations.get(key) !== conversation) return;
    socket.conversations.delete(key);
    if (socket.conversations.size === 0) this.#sockets.set(fd, "dropped");
  }
}

/** What a step keeps of a call whose conversation knows the ends. */
function withoutEnds(call: RecordedCall): RecordedCall {
  const { local: _local, remote: _remote, ...rest } = call;
  return rest;
}
