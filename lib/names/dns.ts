/**
 * A stub resolver: questions to name servers, over UDP and, where an answer did
 * not fit, over TCP (RFC 1035 section 4.2, RFC 7766).
 *
 * `Deno.resolveDns` is not enough for it: it tells neither a name that does not
 * exist from one without addresses, nor a server that failed from either.
 *
 * @module
 */

import { deadline, isTimeout, within } from "../calls/deadline.ts";
import {
  type Answer,
  decodeAnswer,
  encodeQuery,
  type RecordType,
} from "./dns_message.ts";
import { Endpoint } from "../address/endpoint.ts";
import { roundedSince } from "../calls/call.ts";

/** Response codes (RFC 1035 section 4.1.1). */
export const Rcode = {
  NoError: 0,
  ServFail: 2,
  NxDomain: 3,
  NotImp: 4,
  Refused: 5,
} as const;

/** What a server answered to one question. */
export interface Reply extends Answer {
  readonly type: RecordType;
  readonly server: Endpoint;
  /** From question to answer, in milliseconds. */
  readonly milliseconds: number;
}

/** Whom to ask, and how patiently. */
export interface AskOptions {
  readonly servers: readonly Endpoint[];
  /** How long one server is waited for, in milliseconds. */
  readonly timeout: number;
  /** How often each server is asked. */
  readonly attempts: number;
  /** Ends it all. */
  readonly signal: AbortSignal;
}

/** Answers after which glibc asks the next server. */
const UNHELPFUL: readonly number[] = [
  Rcode.ServFail,
  Rcode.NotImp,
  Rcode.Refused,
];

/**
 * Asks for records of several types at the same time. A server that is silent,
 * or says that it cannot help, is passed over for the next one.
 *
 * @param name an absolute name, in lower case, without its last dot
 * @param types the types
 * @param options whom to ask
 * @returns a reply for each type, in their order: the last one, where none
 * helped; `undefined`, where none came
 * @throws the signal's reason
 */
export async function ask(
  name: string,
  types: readonly RecordType[],
  { servers, timeout, attempts, signal }: AskOptions,
): Promise<(Reply | undefined)[]> {
  const replies = new Map<RecordType, Reply>();
  const isOpen = (type: RecordType) => {
    const reply = replies.get(type);
    return reply === undefined || UNHELPFUL.includes(reply.rcode);
  };
  for (let attempt = 0; attempt < attempts; attempt++) {
    for (const server of servers) {
      const open = types.filter(isOpen);
      if (open.length === 0) break;
      using limit = deadline(timeout, signal);
      const round = new Round(server, name, limit.signal);
      for (const reply of await round.run(open)) replies.set(reply.type, reply);
      if (!signal.aborted) continue;
      // One family that was answered is better than none.
      if (!isTimeout(signal.reason) || replies.size === 0) throw signal.reason;
      return types.map((type) => replies.get(type));
    }
  }
  return types.map((type) => replies.get(type));
}

/** One server, asked once for each type. */
class Round {
  readonly #server: Endpoint;
  readonly #name: string;
  readonly #signal: AbortSignal;
  readonly #started = performance.now();

  constructor(server: Endpoint, name: string, signal: AbortSignal) {
    this.#server = server;
    this.#name = name;
    this.#signal = signal;
  }

  /** The replies that came in time. */
  async run(types: readonly RecordType[]): Promise<Reply[]> {
    const replies: Reply[] = [];
    try {
      const truncated: RecordType[] = [];
      for await (const reply of this.#overUdp(types)) {
        if (reply.truncated) truncated.push(reply.type);
        else replies.push(reply);
      }
      const whole = await Promise.allSettled(
        truncated.map((type) => this.#overTcp(type)),
      );
      for (const result of whole) {
        if (result.status === "rejected" || !result.value) continue;
        replies.push(result.value);
      }
    } catch {
      // A server that cannot be reached is one that is silent.
    }
    return replies;
  }

  async *#overUdp(types: readonly RecordType[]): AsyncGenerator<Reply> {
    const to = this.#server.toNetAddr("udp");
    const socket = Deno.listenDatagram({
      transport: "udp",
      hostname: this.#server.address.wildcard().toString(),
      port: 0,
    });
    try {
      const open = new Map(types.map((type) => [type, randomId()] as const));
      for (const [type, id] of open) {
        await socket.send(encodeQuery(id, this.#name, type), to);
      }
      const buffer = new Uint8Array(65_535);
      // Deno leaves the scope out of a sender's address.
      const expected = new Endpoint(
        this.#server.address.withoutScope().unmapped(),
        to.port,
      );
      while (open.size > 0) {
        const [data, addr] = await within(
          socket.receive(buffer),
          this.#signal,
        );
        // Anybody can send a datagram; the answer comes from the server, has
        // the question's number and the question itself.
        const from = Endpoint.from(addr as Deno.NetAddr);
        if (!from.equals(expected)) continue;
        for (const [type, id] of open) {
          const answer = decodeAnswer(data, id, this.#name, type);
          if (answer === undefined) continue;
          open.delete(type);
          yield this.#reply(type, answer);
        }
      }
    } finally {
      socket.close();
    }
  }

  async #overTcp(type: RecordType): Promise<Reply | undefined> {
    const { hostname, port } = this.#server.toNetAddr("tcp");
    const id = randomId();
    const query = encodeQuery(id, this.#name, type);
    using conn = await Deno.connect({ hostname, port, signal: this.#signal });
    const framed = new Uint8Array(2 + query.length);
    new DataView(framed.buffer).setUint16(0, query.length);
    framed.set(query, 2);
    for (let at = 0; at < framed.length;) {
      at += await within(conn.write(framed.subarray(at)), this.#signal);
    }
    const [high = 0, low = 0] = await this.#read(conn, 2);
    const message = await this.#read(conn, high << 8 | low);
    const answer = decodeAnswer(message, id, this.#name, type);
    return answer && this.#reply(type, { ...answer, truncated: false });
  }

  async #read(conn: Deno.Conn, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const count = await within(conn.read(bytes.subarray(at)), this.#signal);
      if (count === null) throw new Deno.errors.UnexpectedEof();
      at += count;
    }
    return bytes;
  }

  #reply(type: RecordType, answer: Answer): Reply {
    const milliseconds = roundedSince(this.#started);
    return { ...answer, type, server: this.#server, milliseconds };
  }
}

/** A number that nobody can foresee (RFC 5452). */
function randomId(): number {
  return crypto.getRandomValues(new Uint16Array(1))[0]!;
}
