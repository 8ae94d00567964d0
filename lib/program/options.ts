/**
 * A program's command line.
 *
 * @module
 */

import { parseArgs as untypedParseArgs } from "@std/cli/parse-args";
import type { NameServer } from "../names/hints.ts";
import { inetPton } from "../address/inet.ts";
import { parsePort, type SockType } from "../names/services.ts";
import { servicePort } from "../names/system_services.ts";

/** The part of `parseArgs` that is used; its package comes without types. */
const parseArgs: (
  args: string[],
  options: { boolean: string[]; string: string[] },
) => Readonly<Record<string, unknown>> & { readonly _: readonly string[] } =
  untypedParseArgs;

/** A command line that says something wrong. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** One option. */
export interface Option<T> {
  /** What it does, in a few words. */
  readonly help: string;
  /** Its value in the help, as in `PORT`; missing for one that takes none. */
  readonly value?: string;
  /** Its one-letter form. */
  readonly short?: string;
  /** What it is where it was not given. */
  readonly default: T;
  /**
   * Reads its value.
   *
   * @throws {UsageError} where the value is none
   */
  readonly parse: (text: string, name: string) => T;
}

/** The options of a program by their long names. */
export type OptionTable = Readonly<Record<string, Option<unknown>>>;

/** What the options of a table were given. */
export type Parsed<O extends OptionTable> = {
  readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never;
};

/** An option that is given or not. */
export function flag(help: string, short?: string): Option<boolean> {
  return {
    help,
    default: false,
    parse: () => true,
    ...(short === undefined ? {} : { short }),
  };
}

/** An option that takes any text. */
export function text(value: string, help: string): Option<string | undefined>;
export function text(
  value: string,
  help: string,
  fallback: string,
): Option<string>;
export function text(
  value: string,
  help: string,
  fallback?: string,
): Option<string | undefined> {
  return { value, help, default: fallback, parse: (text) => text };
}

/** An option that takes an address or a name, which are not empty. */
export function host(help: string): Option<string | undefined> {
  return {
    value: "ADDRESS",
    help,
    default: undefined,
    parse: (text, name) => requireText(text, name),
  };
}

/**
 * Text that must not be empty.
 *
 * @throws {UsageError} where it is
 */
export function requireText(text: string, name: string): string {
  if (text === "") throw new UsageError(`${name} is empty`);
  return text;
}

/** An option that counts something. */
export function count(value: string, help: string): Option<number | undefined>;
export function count(
  value: string,
  help: string,
  fallback: number,
  max?: number,
): Option<number>;
export function count(
  value: string,
  help: string,
  fallback?: number,
  max: number = Number.MAX_SAFE_INTEGER,
): Option<number | undefined> {
  return {
    value,
    help,
    default: fallback,
    parse(text, name) {
      const number = Number(text);
      if (/^[0-9]+$/.test(text) && number >= 1 && number <= max) return number;
      throw new UsageError(
        `${name}: ${quote(text)} is not a number from 1 to ${max}`,
      );
    },
  };
}

/** The longest time that a timer takes, in seconds. */
const MAX_SECONDS = 2_147_483;

/** An option that takes seconds and gives milliseconds. */
export function seconds(help: string, fallback: number): Option<number> {
  return {
    value: "SECONDS",
    help,
    default: fallback * 1000,
    parse(text, name) {
      const number = Number(text);
      if (/^[0-9]+(\.[0-9]+)?$/.test(text) && number <= MAX_SECONDS) {
        // Less than a millisecond is not "for ever", which 0 means.
        return number === 0 ? 0 : Math.max(1, Math.round(number * 1000));
      }
      throw new UsageError(
        `${name}: ${quote(text)} is not a number of seconds ` +
          `from 0 to ${MAX_SECONDS}`,
      );
    },
  };
}

/** An option that takes a port or a service's name. */
export function port(
  help: string,
  fallback: number,
  socktype: SockType,
  lowest: 0 | 1,
): Option<number> {
  return {
    value: "PORT",
    help: `${help} (${fallback})`,
    default: fallback,
    parse: (text, name) => requirePort(text, name, socktype, lowest),
  };
}

/**
 * A port by its number or its service's name.
 *
 * @param text what was given
 * @param name what it was given for
 * @param socktype the transport
 * @param lowest 0 where any free port may be taken, else 1
 * @throws {UsageError} where the text is neither
 */
export function requirePort(
  text: string,
  name: string,
  socktype: SockType,
  lowest: 0 | 1,
): number {
  const port = /^[0-9]/.test(text)
    ? parsePort(text)
    : servicePort(text, socktype);
  if (port !== undefined && port >= lowest) return port;
  throw new UsageError(
    `${name}: ${quote(text)} is neither a port from ${lowest} to 65535 ` +
      "nor a service",
  );
}

/** An option that takes a service, by its port or its name on any transport. */
export function service(help: string): Option<string | undefined> {
  return {
    value: "NAME",
    help,
    default: undefined,
    parse(text, name) {
      const known = servicePort(text, "datagram") !== undefined;
      if (!known) requirePort(text, name, "stream", 1);
      return text;
    },
  };
}

/** An option that takes a name server's address, and its port if it says so. */
export function nameServer(help: string): Option<NameServer | undefined> {
  return {
    value: "ADDRESS[:PORT]",
    help,
    default: undefined,
    parse(text, name) {
      const bare = { ipAddr: text, port: 53 };
      if (isAddress(text)) return bare;
      const colon = text.lastIndexOf(":");
      const port = parsePort(text.slice(colon + 1));
      const ipAddr = text.slice(0, Math.max(0, colon))
        .replace(/^\[(.*:.*)\]$/, "$1");
      const bracketed = text.startsWith("[") === ipAddr.includes(":");
      if (bracketed && isAddress(ipAddr) && port) return { ipAddr, port };
      throw new UsageError(
        `${name}: ${quote(text)} is not a numeric address, ` +
          "as in 127.0.0.1:53 or [::1]:53",
      );
    },
  };
}

function isAddress(text: string): boolean {
  return (inetPton("IPv4", text) ?? inetPton("IPv6", text)) !== undefined;
}

function quote(text: string): string {
  return JSON.stringify(text);
}

/** A command line, read. */
export interface CommandLine<O extends OptionTable> {
  readonly options: Parsed<O>;
  readonly operands: readonly string[];
}

/**
 * Writes every option as `--name=value`, so that a value may begin with a dash
 * and an operand is never taken for a value.
 *
 * @throws {UsageError} where an option is unknown, or its value is missing or
 * not wanted
 */
function normalize(args: readonly string[], table: OptionTable): string[] {
  const normal: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === "--") return [...normal, ...args.slice(i)];
    if (arg === "-" || !arg.startsWith("-")) {
      normal.push(arg);
    } else if (!arg.startsWith("--")) {
      for (const letter of arg.slice(1)) {
        normal.push(`--${nameOfLetter(letter, table)}=true`);
      }
    } else {
      const equals = arg.indexOf("=");
      const name = arg.slice(2, equals < 0 ? undefined : equals);
      if (!Object.hasOwn(table, name)) throw unknownOption(`--${name}`);
      const { value } = table[name]!;
      if (value === undefined && equals >= 0) {
        throw new UsageError(`--${name} takes no value`);
      }
      if (value === undefined) normal.push(`${arg}=true`);
      else if (equals >= 0) normal.push(arg);
      else if (++i < args.length) normal.push(`${arg}=${args[i]}`);
      else throw new UsageError(`${arg} needs a value: ${arg} ${value}`);
    }
  }
  return normal;
}

/** The option that a letter stands for; letters take no values. */
function nameOfLetter(letter: string, table: OptionTable): string {
  const row = Object.entries(table).find(([, { short }]) => short === letter);
  if (row === undefined) throw unknownOption(`-${letter}`);
  return row[0];
}

function unknownOption(option: string): UsageError {
  return new UsageError(`unknown option ${option}`);
}

/**
 * Reads a command line. Options may stand anywhere; `--` ends them; the last of
 * several equal ones counts.
 *
 * @param args the arguments
 * @param table the options that there are
 * @returns what the options were given, and the operands
 * @throws {UsageError} where an option is unknown or a value is none
 */
export function parseCommandLine<O extends OptionTable>(
  args: readonly string[],
  table: O,
): CommandLine<O> {
  const names = Object.keys(table);
  const parsed = parseArgs(normalize(args, table), {
    boolean: names.filter((name) => table[name]!.value === undefined),
    string: [...names.filter((name) => table[name]!.value !== undefined), "_"],
  });
  const options = Object.fromEntries(names.map((name) => {
    const { default: fallback, parse } = table[name]!;
    const given = parsed[name];
    return given === undefined || given === false
      ? [name, fallback]
      : [name, parse(String(given), `--${name}`)];
  }));
  return { options: options as Parsed<O>, operands: parsed._ };
}
