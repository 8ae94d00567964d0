/** What the tests of the frame share. */

import { OrderedOutput } from "../../lib/program/ordered_output.ts";
import type { Stream, Writer } from "../../lib/program/output.ts";
import {
  type Narration,
  openReporter,
  type Reporter,
  type ReporterOptions,
} from "../../lib/program/reporter.ts";
import type { Happening } from "../../lib/program/sentences.ts";
import { Endpoint } from "../../lib/address/endpoint.ts";
import { IpAddress } from "../../lib/address/ip_address.ts";
import { assertMatch } from "../assert.ts";

const encoder = new TextEncoder();

/** The bytes of a text. */
export const encode = (text: string) => encoder.encode(text);

/** Two streams that keep what is written to them, in one list. */
export class Page {
  /** What each write was given, as in `stdout hello`. */
  readonly lines: string[] = [];
  /** The most that one write takes, in bytes. */
  most = Infinity;
  /** What writes to each stream fail with. */
  readonly broken = new Map<Stream, Error>();
  /** Writes wait for this. */
  gate: Promise<void> = Promise.resolve();

  /** What was written to a stream. */
  text(stream: Stream): string {
    const own = this.lines.filter((line) => line.startsWith(stream));
    return own.map((line) => line.slice(stream.length + 1)).join("");
  }

  get writers(): Record<Stream, Writer> {
    return { stdout: this.#writer("stdout"), stderr: this.#writer("stderr") };
  }

  #writer(stream: Stream): Writer {
    return {
      write: async (bytes) => {
        await this.gate;
        const error = this.broken.get(stream);
        if (error !== undefined) throw error;
        const taken = bytes.subarray(0, this.most);
        this.lines.push(`${stream} ${new TextDecoder().decode(taken)}`);
        return taken.length;
      },
    };
  }
}

/** An endpoint on a port that does not matter. */
export function at(host: string, port = 3490): Endpoint {
  return new Endpoint(IpAddress.parse(host), port);
}

/** What a reporter shows by default: sentences. */
export const SENTENCES = {
  quiet: false,
  json: false,
  raw: false,
} as const;

/** What a program writes when events, or calls, reach its reporter. */
export async function written<E extends Happening>(
  program: string,
  narration: Narration<E>,
  report: ((reporter: Reporter<E>) => void) | readonly E[],
  options: Partial<ReporterOptions<E>> = {},
): Promise<{ stdout: string; stderr: string }> {
  const bytes = { stdout: [] as number[], stderr: [] as number[] };
  const writer = (stream: Stream): Writer => ({
    write(chunk) {
      bytes[stream].push(...chunk);
      return Promise.resolve(chunk.length);
    },
  });
  const output = new OrderedOutput((error) => {
    throw error;
  }, { stdout: writer("stdout"), stderr: writer("stderr") });
  const reporter = await openReporter<E>({
    program,
    narration,
    output,
    ...SENTENCES,
    ...options,
  });
  if (typeof report === "function") report(reporter);
  else for (const event of report) reporter.event(event);
  await reporter.close(0);
  const text = (stream: number[]) =>
    new TextDecoder().decode(new Uint8Array(stream));
  return { stdout: text(bytes.stdout), stderr: text(bytes.stderr) };
}

/** The objects of a program's JSON lines, without their time and process. */
export function objects(lines: string): Record<string, unknown>[] {
  return lines.trimEnd().split("\n").map((line) => {
    const { time, pid: _, ...rest }: Record<string, unknown> = JSON.parse(line);
    assertMatch(String(time), TIME);
    return rest;
  });
}

/** RFC 3339 in UTC, with microseconds. */
export const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
