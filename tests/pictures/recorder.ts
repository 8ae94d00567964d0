/** Recordings as the programs write them, made by hand. */

import { Endpoint } from "../../lib/address/endpoint.ts";

/** What a call has besides its name. */
interface CallFields {
  readonly args?: readonly string[];
  readonly result?: number | string;
  readonly fd?: number;
  readonly connection?: number;
  readonly local?: string;
  readonly remote?: string;
  readonly data?: string | Uint8Array;
  readonly ms?: number;
  readonly code?: string;
  readonly message?: string;
  readonly with?: string;
  readonly emulated?: true;
}

/** Writes the JSON lines of one process. */
export class Recorder {
  readonly #program: string;
  readonly #pid: number;
  /** The process's clock, in microseconds since 2026. */
  #now: number;
  #lines: string[] = [];

  constructor(program: string, pid: number, now = 0) {
    this.#program = program;
    this.#pid = pid;
    this.#now = now;
  }

  /** All lines. */
  get text(): string {
    return this.#lines.join("");
  }

  /** Lets time pass, in milliseconds. */
  pause(ms: number): this {
    this.#now += Math.round(ms * 1000);
    return this;
  }

  call(call: string, fields: CallFields = {}): this {
    const { args = [], result = 0, local, remote, data, ms = 0.05, ...rest } =
      fields;
    const start = this.#time();
    if (rest.with === undefined) this.pause(ms);
    const time = this.#time();
    return this.#write("call", time, {
      call,
      arguments: args,
      result,
      ...rest,
      milliseconds: ms,
      start,
      end: time,
      ...(local && { local: Endpoint.parse(local) }),
      ...(remote && { remote: Endpoint.parse(remote) }),
      ...(data && { data: preview(data) }),
    });
  }

  event(event: string, fields: Readonly<Record<string, unknown>> = {}): this {
    return this.#write(event, this.#time(), fields);
  }

  #write(event: string, time: string, fields: object): this {
    const head = { program: this.#program, pid: this.#pid, event, time };
    this.#lines.push(JSON.stringify({ ...head, ...fields }) + "\n");
    return this;
  }

  #time(): string {
    const ms = Date.UTC(2026, 0, 1) + Math.floor(this.#now / 1000);
    const micros = String(this.#now % 1000).padStart(3, "0");
    return new Date(ms).toISOString().replace("Z", `${micros}Z`);
  }
}

/** The first 32 bytes, as the programs record them. */
function preview(data: string | Uint8Array): object {
  const all = typeof data === "string" ? new TextEncoder().encode(data) : data;
  const bytes = all.slice(0, 32);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { bytes: bytes.length, text };
  } catch {
    const text = new TextDecoder().decode(bytes);
    return { bytes: bytes.length, text, base64: bytes.toBase64() };
  }
}
