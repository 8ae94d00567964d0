/** A name server on the loopback that does as a script says. */

import { inetPton } from "../../lib/address/inet.ts";
import {
  answer,
  type Bytes,
  framed,
  nodata,
  nxdomain,
  type Query,
  readQuery,
  type Record,
  record,
} from "./messages.ts";

/** A question that a server got. */
export interface Question extends Query {
  readonly transport: "udp" | "tcp";
  /** How often this server has been asked for this name and type, from 1. */
  readonly attempt: number;
  /** The port from which it came. */
  readonly port: number;
  /** Its place among all questions that the servers of a process got. */
  readonly order: number;
  /** When it came, in milliseconds since some moment. */
  readonly at: number;
}

/** What a server does, one step after the other. */
export interface Step {
  readonly message: Bytes;
  /** Milliseconds to wait, or something to wait for. */
  readonly after?: number | Promise<unknown>;
  /** Over UDP: who sends it, if it is not the server itself. */
  readonly from?: "another port";
  /** Over TCP: so many bytes of the length and the message, no more. */
  readonly only?: number;
  /** Over TCP: so many bytes at a time. */
  readonly pieces?: number;
}

/** What a script says to a question; nothing at all if it is undefined. */
export type Reply = undefined | "close" | Bytes | readonly (Bytes | Step)[];

/** Decides what a server does. */
export type Script = (question: Question) => Reply;

/** How a server listens. */
export interface ServeOptions {
  /** @default {"127.0.0.1"} */
  readonly hostname?: string;
  /** 0 is any free one. @default {0} */
  readonly port?: number;
  /** Whether it speaks UDP. @default {true} */
  readonly udp?: boolean;
  /** Whether it takes connections. @default {true} */
  readonly tcp?: boolean;
}

let order = 0;

/** Sooner than that nobody asks again, in milliseconds. */
export const SOON = 150;

function textsOf(questions: readonly Question[]): string[] {
  return questions.map(({ type, name }) => `${type} ${name}`).toSorted();
}

/** A name server at work. */
export class NameServer implements AsyncDisposable {
  readonly hostname: string;
  readonly port: number;
  /** All that it was asked, over either transport. */
  readonly questions: Question[] = [];
  readonly #script: Script;
  readonly #socket: Deno.DatagramConn | undefined;
  readonly #listener: Deno.TcpListener | undefined;
  readonly #stranger: Deno.DatagramConn | undefined;
  readonly #conns = new Set<Deno.TcpConn>();
  readonly #served: Promise<unknown>[] = [];
  readonly #stop = new AbortController();
  readonly #waiting: { count: number; wake: () => void }[] = [];

  /** Starts it. */
  constructor(script: Script, options: ServeOptions = {}) {
    const { hostname = "127.0.0.1", port = 0, udp = true, tcp = true } =
      options;
    this.#script = script;
    this.hostname = hostname;
    [this.#socket, this.#listener] = bind(hostname, port, udp, tcp);
    const { addr } = this.#socket ?? this.#listener ?? { addr: { port } };
    this.port = (addr as Deno.NetAddr).port;
    if (this.#socket !== undefined) {
      this.#stranger = bindUdp(hostname, 0);
      this.#served.push(this.#overUdp(this.#socket));
    }
    if (this.#listener !== undefined) {
      this.#served.push(this.#overTcp(this.#listener));
    }
  }

  /** As the hint `nameServer` takes it. */
  get nameServer(): { readonly ipAddr: string; readonly port: number } {
    return { ipAddr: this.hostname, port: this.port };
  }

  /** As `--dns` takes it. */
  get address(): string {
    return `${this.hostname}:${this.port}`;
  }

  /** What it was asked, as in `A host.example`, in the order of their texts. */
  get asked(): string[] {
    return textsOf(this.questions);
  }

  /**
   * What it was asked over a transport before a question could have been asked
   * again because this process was too busy to answer it.
   */
  askedAtFirst(transport: "udp" | "tcp"): string[] {
    const over = this.questions.filter((each) => each.transport === transport);
    const [first] = over;
    if (first === undefined) return [];
    return textsOf(over.filter(({ at }) => at < first.at + SOON));
  }

  /** Waits until it has been asked so often. */
  async heard(count: number): Promise<void> {
    if (this.questions.length >= count) return;
    await new Promise<void>((wake) => this.#waiting.push({ count, wake }));
  }

  #note(bytes: Bytes, transport: "udp" | "tcp", port: number): Question {
    const query = readQuery(bytes);
    const same = this.questions.filter(({ name, type }) =>
      name === query.name && type === query.type
    );
    const attempt = same.length + 1;
    const at = performance.now();
    const question = {
      ...query,
      ...{ transport, attempt, port, at, order: order++ },
    };
    this.questions.push(question);
    for (const { count, wake } of this.#waiting) {
      if (this.questions.length >= count) wake();
    }
    return question;
  }

  async #overUdp(socket: Deno.DatagramConn): Promise<void> {
    const answering = new Set<Promise<void>>();
    for await (const [data, peer] of socket) {
      const { port } = peer as Deno.NetAddr;
      const question = this.#note(data as Bytes, "udp", port);
      const answered = this.#sendAll(socket, question, peer)
        // The one that asked may have heard enough, and the test be over.
        .catch(() => {});
      answering.add(answered);
      answered.then(() => answering.delete(answered));
    }
    await Promise.all(answering);
  }

  async #sendAll(
    socket: Deno.DatagramConn,
    question: Question,
    peer: Deno.Addr,
  ): Promise<void> {
    for (const step of steps(this.#script(question))) {
      await this.#wait(step.after);
      const sender = step.from === undefined ? socket : this.#stranger;
      await sender?.send(step.message, peer);
    }
  }

  async #overTcp(listener: Deno.TcpListener): Promise<void> {
    for await (const conn of listener) {
      this.#conns.add(conn);
      // The client may hang up at any time.
      this.#served.push(this.#serve(conn).catch(() => {}));
    }
  }

  async #serve(conn: Deno.TcpConn): Promise<void> {
    try {
      const { port } = conn.remoteAddr;
      for (;;) {
        const head = await read(conn, 2);
        if (head === undefined) return;
        const message = await read(conn, head[0]! << 8 | head[1]!);
        if (message === undefined) return;
        const reply = this.#script(this.#note(message, "tcp", port));
        if (reply === "close") return;
        for (const step of steps(reply)) {
          await this.#wait(step.after);
          if (!await write(conn, step)) return;
        }
      }
    } finally {
      this.#conns.delete(conn);
      conn.close();
    }
  }

  /** Waits; what a server that is closed still wants to say is not said. */
  async #wait(after: number | Promise<unknown> | undefined): Promise<void> {
    if (after === undefined) return;
    const { signal } = this.#stop;
    const stopped = Promise.withResolvers<never>();
    const onStop = () => stopped.reject(new Error("stopped"));
    signal.throwIfAborted();
    signal.addEventListener("abort", onStop);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const waited = typeof after === "number"
      ? new Promise((resolve) => timer = setTimeout(resolve, after))
      : after;
    try {
      await Promise.race([waited, stopped.promise]);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", onStop);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#socket?.close();
    this.#stranger?.close();
    this.#listener?.close();
    for (const conn of this.#conns) conn.close();
    this.#conns.clear();
    // What is served may still be growing.
    for (const each of this.#served) await each;
  }
}

function bindUdp(hostname: string, port: number): Deno.DatagramConn {
  return Deno.listenDatagram({ transport: "udp", hostname, port });
}

/** Binds both, on the same port. */
function bind(
  hostname: string,
  port: number,
  udp: boolean,
  tcp: boolean,
): [Deno.DatagramConn | undefined, Deno.TcpListener | undefined] {
  for (;;) {
    const listener = tcp ? Deno.listen({ hostname, port }) : undefined;
    if (!udp) return [undefined, listener];
    try {
      return [bindUdp(hostname, listener?.addr.port ?? port), listener];
    } catch (error) {
      listener?.close();
      // Somebody else has that port's other half.
      if (port === 0 && error instanceof Deno.errors.AddrInUse) continue;
      throw error;
    }
  }
}

function steps(reply: Reply): readonly Step[] {
  if (reply === undefined || reply === "close") return [];
  if (reply instanceof Uint8Array) return [{ message: reply }];
  return reply.map((each) =>
    each instanceof Uint8Array ? { message: each } : each
  );
}

/** Reads so many bytes; `undefined` at the end. */
async function read(
  conn: Deno.TcpConn,
  length: number,
): Promise<Bytes | undefined> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = await conn.read(bytes.subarray(at));
    if (count === null) return undefined;
    at += count;
  }
  return bytes;
}

/** Writes a message; returns whether the connection is to go on. */
async function write(conn: Deno.TcpConn, step: Step): Promise<boolean> {
  const { pieces = Infinity, only } = step;
  const bytes = framed(step.message).subarray(0, only);
  for (let at = 0; at < bytes.length;) {
    at += await conn.write(bytes.subarray(at, at + pieces));
  }
  return only === undefined;
}

/** Records by their name and type, as in `"a.example A": ["192.0.2.1"]`. */
export type Zone = Readonly<{ [nameAndType: string]: readonly string[] }>;

/**
 * Makes a script that answers from a zone: a name that is not in it does not
 * exist.
 */
export function zone(zone: Zone): Script {
  return (question) => {
    const name = question.name.toLowerCase();
    const records = recordsOf(question.name, name, question.type, zone);
    if (records.length > 0) {
      return answer(question, { authoritative: true, records });
    }
    const exists = Object.keys(zone).some((key) => key.startsWith(`${name} `));
    return exists ? nodata(question) : nxdomain(question);
  };
}

/** The records of a name, behind the alias that it is. */
function recordsOf(
  owner: string,
  name: string,
  type: Query["type"],
  zone: Zone,
): Record[] {
  const records = (zone[`${name} ${type}`] ?? []).map((data) =>
    record(owner, type, data)
  );
  const [alias] = zone[`${name} CNAME`] ?? [];
  if (alias === undefined || type === "CNAME") return records;
  return [
    record(owner, "CNAME", alias),
    ...recordsOf(alias, alias.toLowerCase(), type, zone),
  ];
}

/** Says the same addresses of every name, those of the type asked for. */
export function always(...addresses: string[]): (query: Query) => Bytes {
  return (query) => {
    const family = query.type === "A" ? "IPv4" : "IPv6";
    const fitting = addresses.filter((each) =>
      inetPton(family, each) !== undefined
    );
    if (fitting.length === 0) return nodata(query);
    const records = fitting.map((each) => record(query.name, query.type, each));
    return answer(query, { records });
  };
}

/** Says nothing. */
export const silent: Script = () => undefined;
