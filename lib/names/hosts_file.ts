/**
 * The hosts file as a source of names.
 *
 * @module
 */

import type { IpAddress } from "../address/ip_address.ts";
import { V4_LOOPBACK } from "../address/loopback.ts";
import { emit } from "../calls/observer.ts";
import { mayRead } from "../calls/permission.ts";
import { AddrInfoError } from "./addrinfo_error.ts";
import type { LookUpObserver } from "./events.ts";
import { HostsTable } from "./hosts.ts";
import {
  type AddressQuestion,
  eachOnce,
  type Eventual,
  type Found,
  type HostQuestion,
  reportAnswer,
  type Source,
} from "./source.ts";
import {
  type FileValue,
  isExhausted,
  type Kept,
  mayBeRead,
  type NoText,
  noText,
  Stamp,
  whyNoText,
} from "./system_files.ts";

/** A file up to this size, in bytes, is read at once, and kept for good. */
const SMALL = 65_536;
/** How long a larger one is kept after its last use, in milliseconds. */
const KEEP = 10_000;
/** How long the loop is held at a time while one is parsed, in milliseconds. */
const SLICE = 10;

/** A hosts file, read again only if it has changed. */
export class HostsFile implements Source {
  readonly #path: string;
  #kept: Kept<HostsTable> | undefined;
  /** The reading that is under way. */
  #reading: Promise<FileValue<HostsTable>> | undefined;
  #lastUse = 0;
  #timed = false;
  readonly #keep: number;
  readonly #dropped = Promise.withResolvers<void>();

  /**
   * Makes the source of one file; nothing is read yet.
   *
   * @param path the file
   * @param options how long a large file is kept after its last use, in
   * milliseconds
   */
  constructor(path: string, { keep = KEEP }: { readonly keep?: number } = {}) {
    this.#path = path;
    this.#keep = keep;
  }

  /** Resolves when a large file has been let go for the first time. */
  get dropped(): Promise<void> {
    return this.#dropped.promise;
  }

  /** Looks a name up; see {@linkcode Source}. */
  findHost(question: HostQuestion): Eventual<Found> {
    const { observer } = question;
    return this.#use(observer, (table) => {
      const found = hostIn(table, question);
      if (found === undefined) return undefined;
      const { name } = question;
      reportAnswer(observer, this.#path, name, found.addresses.map(String));
      return found;
    });
  }

  /** Looks an address up; see {@linkcode Source}. */
  findName({ address, observer }: AddressQuestion): Eventual<string> {
    return this.#use(observer, (table) => {
      const entry = table.byAddress((each) =>
        each.equals(address) ||
        (address.family === "IPv4" && v4Of(each)?.equals(address) === true)
      );
      if (entry === undefined) return undefined;
      reportAnswer(observer, this.#path, String(address), [entry.name]);
      return entry.name;
    });
  }

  #use<T>(
    observer: LookUpObserver | undefined,
    find: (table: HostsTable) => T | undefined,
  ): Eventual<T> {
    const file = this.#read();
    const use = (file: FileValue<HostsTable>) => {
      if (file.state === "read") return find(file.value);
      this.#passOver(file, observer);
    };
    return file instanceof Promise ? file.then(use) : use(file);
  }

  /** As for glibc, a file that says nothing is no reason to stop. */
  #passOver(
    file: NoText,
    observer: LookUpObserver | undefined,
  ): void {
    if (file.state === "unreadable" && isExhausted(file.error)) {
      throw new AddrInfoError("EAI_SYSTEM", { cause: file.error });
    }
    emit(observer, "resolution", {
      event: "passedOver",
      source: this.#path,
      reason: whyNoText(file, this.#path),
    });
  }

  /** Returns the file's table: at once if it is known or small. */
  #read(): FileValue<HostsTable> | Promise<FileValue<HostsTable>> {
    if (!mayRead(this.#path)) return { state: "not allowed" };
    if (this.#reading !== undefined) return this.#reading;
    try {
      const info = Deno.statSync(this.#path);
      if (!mayBeRead(info)) return { state: "not a file" };
      const stamp = new Stamp(info);
      if (this.#kept !== undefined && stamp.confirms(this.#kept.stamp)) {
        this.#lastUse = performance.now();
        return { state: "read", value: this.#kept.value };
      }
      if (info.size > SMALL) {
        return this.#reading = this.#readLarge(stamp).finally(() =>
          this.#reading = undefined
        );
      }
      const value = HostsTable.parse(Deno.readTextFileSync(this.#path));
      this.#kept = { stamp, value };
      return { state: "read", value };
    } catch (error) {
      return noText(error);
    }
  }

  /** Reads a file that would hold the loop for too long. */
  async #readLarge(stamp: Stamp): Promise<FileValue<HostsTable>> {
    try {
      const value = await parseInSlices(await Deno.readFile(this.#path));
      this.#kept = { stamp, value };
      this.#lastUse = performance.now();
      this.#dropLater(this.#keep);
      return { state: "read", value };
    } catch (error) {
      return noText(error);
    }
  }

  /** Lets a large table go when nobody has used it for a while. */
  #dropLater(milliseconds: number): void {
    if (this.#timed) return;
    this.#timed = true;
    const timer = setTimeout(() => {
      this.#timed = false;
      const left = this.#lastUse + this.#keep - performance.now();
      if (left > 0) return this.#dropLater(left);
      this.#kept = undefined;
      this.#dropped.resolve();
    }, milliseconds);
    // A program that is done does not wait for it.
    if (milliseconds > 0) Deno.unrefTimer(timer);
  }
}

/** Returns the addresses that a table has for a name. */
function hostIn(
  table: HostsTable,
  { name, families, v4ByItself }: HostQuestion,
): Found | undefined {
  const addresses: IpAddress[] = [];
  let canonicalName: string | undefined;
  for (const entry of table.byName(name)) {
    const v4 = v4ByItself ? v4Of(entry.address) : undefined;
    const both = v4 === undefined ? [entry.address] : [entry.address, v4];
    const wanted = both.filter(({ family }) => families.includes(family));
    if (wanted.length === 0) continue;
    canonicalName ??= entry.name;
    addresses.push(...wanted);
  }
  if (canonicalName === undefined) return undefined;
  return { addresses: eachOnce(addresses), canonicalName };
}

/** Returns the IPv4 address for which glibc takes an IPv6 address. */
function v4Of(address: IpAddress): IpAddress | undefined {
  if (address.family === "IPv4") return undefined;
  if (address.isMapped) return address.unmapped();
  return address.isLoopback ? V4_LOOPBACK : undefined;
}

/** Parses a large file's bytes, and lets others run in between. */
async function parseInSlices(bytes: Uint8Array): Promise<HostsTable> {
  const table = new HostsTable();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let rest = "";
  let since = performance.now();
  for (let at = 0; at < bytes.length; at += SMALL) {
    const chunk = bytes.subarray(at, at + SMALL);
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) table.addLine(line);
    if (performance.now() - since < SLICE) continue;
    await new Promise((resolve) => setTimeout(resolve, 0));
    since = performance.now();
  }
  table.addLine(rest + decoder.decode());
  return table;
}
