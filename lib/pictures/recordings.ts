/**
 * The recordings of one or several processes.
 *
 * @module
 */

import type { Endpoint } from "../address/endpoint.ts";
import { History } from "./history.ts";
import { type Fields, readEndpoint } from "./fields.ts";
import { readCall, type RecordedLine } from "./recording.ts";
import { callBehind } from "./event_calls.ts";

/** One process, as far as it was recorded. */
export class RecordedProcess {
  /** The program's name. */
  readonly program: string;
  /** Its process id, if it is known. */
  readonly pid: number | undefined;
  /** What its first line is, and when it was written. */
  readonly #beginning: string;
  /** Where it listens or is bound. */
  address: Endpoint | undefined;
  /** What its calls say. */
  readonly #calls = new History();
  /** What its events say. */
  readonly #events = new History();

  /** @param line any of its lines */
  constructor(line: RecordedLine) {
    this.program = line.program;
    this.pid = line.pid;
    this.#beginning = beginningOf(line);
  }

  /** Whether a line of another recording is this one's first line. */
  beginsWith(line: RecordedLine): boolean {
    return this.pid !== undefined && this.pid === line.pid &&
      this.program === line.program && this.#beginning === beginningOf(line);
  }

  /** Whether its calls were recorded. */
  get hasCalls(): boolean {
    return this.#calls.total > 0;
  }

  /** What it did: its calls, or its events if there are no calls. */
  get history(): History {
    return this.hasCalls ? this.#calls : this.#events;
  }

  /**
   * Adds one of its lines.
   *
   * @param line the line
   * @throws {RecordingError} if a field is of another kind
   */
  add({ event, fields }: RecordedLine): void {
    if (event === "call") {
      this.#calls.add(readCall(fields));
    } else {
      const call = callBehind(event, fields);
      if (call !== undefined) this.#events.add(call);
      if (event === "listening" || event === "bound") this.#bound(fields);
    }
  }

  /**
   * Takes what only another recording of the same process has.
   *
   * @param other its standard output beside its standard error
   */
  complete(other: RecordedProcess): void {
    this.address ??= other.address;
  }

  #bound(fields: Fields): void {
    this.address ??= readEndpoint(fields, "address");
  }
}

/** What tells a line from the others of its process: clocks have microseconds. */
function beginningOf({ event, fields }: RecordedLine): string {
  return `${event} ${fields["time"]}`;
}

/** How many processes are kept. */
const PROCESSES = 40;

/** Recordings, while they are read. */
export class Recordings {
  readonly #processes = new Map<string, RecordedProcess>();
  /** Those of which there is another recording, by their keys. */
  readonly #repeated = new Map<string, RecordedProcess>();
  /** Whether a program said that it could not write all. */
  isIncomplete = false;
  /** How many lines belong to processes that are not kept. */
  #left = 0;

  /** How many lines were left out, as there were too many processes. */
  get left(): number {
    return this.#left;
  }

  /** The programs of whose recordings there was one more. */
  get repeated(): readonly string[] {
    return [...this.#repeated.values()].map(({ program }) => program);
  }

  /**
   * Adds one line.
   *
   * @param source which recording it comes from: the same process id in two of
   * them may stand for two processes of two machines
   * @param line the line
   * @throws {RecordingError} if a field is of another kind
   */
  add(source: number, line: RecordedLine): void {
    const key = `${source} ${line.pid} ${line.program}`;
    let process = this.#processes.get(key);
    if (process === undefined) {
      if (this.#repeated.has(key)) return;
      if (this.#processes.size >= PROCESSES) {
        this.#left++;
        return;
      }
      const before = this.#processes.values()
        .find((each) => each.beginsWith(line));
      if (before !== undefined) {
        this.#repeated.set(key, before);
        return;
      }
      process = new RecordedProcess(line);
      this.#processes.set(key, process);
    }
    process.add(line);
  }

  /** The processes. Two streams of one process are one again. */
  get processes(): readonly RecordedProcess[] {
    const whole: RecordedProcess[] = [];
    const all = [...this.#processes.values()];
    for (const process of all) {
      const calls = process.hasCalls
        ? undefined
        : all.find((other) =>
          other.hasCalls && other.program === process.program &&
          other.pid === process.pid && process.pid !== undefined
        );
      if (calls === undefined) whole.push(process);
      else calls.complete(process);
    }
    return whole;
  }
}
