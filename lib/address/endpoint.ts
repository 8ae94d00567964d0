/**
 * An endpoint is an address and a port: what a `struct sockaddr` holds.
 *
 * @module
 */

import type { Family } from "./inet.ts";
import { IpAddress } from "./ip_address.ts";

/** One end as Deno has it: a part of `Deno.NetAddr`. */
interface HostAndPort {
  readonly hostname: string;
  readonly port: number;
}

/**
 * The JSON form of an {@linkcode Endpoint}.
 *
 * @category Addresses
 */
export interface EndpointObject {
  /** The address family. */
  readonly family: Family;
  /** The address's canonical text, with its scope. */
  readonly host: string;
  /** The port, 0 to 65535. */
  readonly port: number;
}

/**
 * One end of a socket: an address and a port, immutable.
 *
 * @category Addresses
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Endpoint } from "@parley/parley";
 *
 * const endpoint = Endpoint.parse("[::1]:80");
 * assertEquals(endpoint.port, 80);
 * assertEquals(endpoint.address.isLoopback, true);
 * assertEquals(endpoint.toString(), "[::1]:80");
 * assertEquals(endpoint.toNetAddr("tcp"), {
 *   transport: "tcp",
 *   hostname: "::1",
 *   port: 80,
 * });
 * ```
 */
export class Endpoint {
  /** The address. */
  readonly address: IpAddress;
  /** The port, 0 to 65535. */
  readonly port: number;

  /**
   * Makes an endpoint.
   *
   * @param address the address
   * @param port the port
   * @throws {RangeError} if the port is not a whole number from 0 to 65535
   * @throws {TypeError} if the address is no `IpAddress`
   */
  constructor(address: IpAddress, port: number) {
    if (!(address instanceof IpAddress)) {
      throw new TypeError(
        `Expected an IpAddress, as IpAddress.parse() returns it, not ${typeof address}`,
      );
    }
    if (!Number.isInteger(port) || port < 0 || port > 65535) {
      throw new RangeError(`A port is 0 to 65535, not ${port}`);
    }
    this.address = address;
    this.port = port;
    Object.freeze(this);
  }

  /**
   * Parses a numeric endpoint: an IPv4 address or an IPv6 address in brackets,
   * a colon, and a port in decimal.
   *
   * @param text as in `127.0.0.1:80`, `[::1]:80` or `[fe80::1%eth0]:80`
   * @returns the endpoint
   * @throws {SyntaxError} if it is none; the message says what is wrong
   *
   * @example
   * ```ts
   * import { assertThrows } from "@std/assert";
   * import { Endpoint } from "@parley/parley";
   *
   * assertThrows(() => Endpoint.parse("::1:80"), SyntaxError, "brackets");
   * ```
   */
  static parse(text: string): Endpoint {
    const wrong = (what: string) =>
      new SyntaxError(`Cannot parse endpoint ${JSON.stringify(text)}: ${what}`);
    const [, bracketed, bare, digits] =
      /^(?:\[(.*)\]|([^[\]]*)):([0-9]+)$/s.exec(text) ?? [];
    if (digits === undefined) throw wrong("no : and port at its end");
    const address = IpAddress.tryParse(bracketed ?? bare!);
    if (address === undefined) throw wrong("no IP address before the port");
    if (address.family === "IPv6" && bracketed === undefined) {
      throw wrong("an IPv6 address needs brackets before a port");
    }
    if (address.family === "IPv4" && bracketed !== undefined) {
      throw wrong("an IPv4 address has no brackets");
    }
    if (Number(digits) > 65535) throw wrong("its port is above 65535");
    return new Endpoint(address, Number(digits));
  }

  /**
   * Reads one of Deno's addresses. An IPv4 peer seen through an IPv6 socket
   * (`::ffff:127.0.0.1`) becomes the IPv4 endpoint that it is.
   *
   * @param addr an address whose hostname is numeric
   * @returns the endpoint
   * @throws {SyntaxError} if the hostname is a name
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { Endpoint } from "@parley/parley";
   *
   * const endpoint = Endpoint.from({ hostname: "::ffff:127.0.0.1", port: 80 });
   * assertEquals(endpoint.toString(), "127.0.0.1:80");
   * ```
   */
  static from({ hostname, port }: HostAndPort): Endpoint {
    return new Endpoint(IpAddress.parse(hostname).unmapped(), port);
  }

  /**
   * Says whether two endpoints are the same.
   *
   * @param other another endpoint
   * @returns whether address and port are equal
   */
  equals(other: Endpoint): boolean {
    return this.port === other.port && this.address.equals(other.address);
  }

  /**
   * Compares two endpoints, for sorting: by address, then by port.
   *
   * @param other another endpoint
   * @returns below 0, 0 or above 0, as `IpAddress.compare` does
   */
  compare(other: Endpoint): number {
    return this.address.compare(other.address) || this.port - other.port;
  }

  /**
   * Writes the endpoint in the form that flags and URLs take.
   *
   * @returns as in `127.0.0.1:80` or `[::1]:80`
   */
  toString(): string {
    return joinHostPort(this.address, this.port);
  }

  /**
   * Returns the plain object that stands for the endpoint in JSON.
   *
   * @returns as in `{"family":"IPv6","host":"::1","port":80}`
   */
  toJSON(): EndpointObject {
    const { address, port } = this;
    return { family: address.family, host: address.toString(), port };
  }

  /**
   * Returns the endpoint as Deno's sockets take it.
   *
   * @param transport `"tcp"` or `"udp"`
   * @returns a `Deno.NetAddr`
   */
  toNetAddr<T extends "tcp" | "udp">(
    transport: T,
  ): { transport: T; hostname: string; port: number } {
    return { transport, hostname: this.address.toString(), port: this.port };
  }

  /** Shows the endpoint's text in `console.log`. */
  [Symbol.for("Deno.customInspect")](): string {
    return `Endpoint(${this})`;
  }
}

/**
 * Writes a host and a port as URLs and permission flags have them: an IPv6
 * address in brackets.
 *
 * @param host a name, an address, or an address's text
 * @param port the port or a service's name; `undefined` for the host alone
 * @returns as in `127.0.0.1:80`, `[::1]:80`, `example.com:http` or `[::1]`
 */
export function joinHostPort(
  host: string | IpAddress,
  port: number | string | undefined,
): string {
  const text = String(host);
  const name = text.includes(":") ? `[${text}]` : text;
  return port === undefined ? name : `${name}:${port}`;
}
