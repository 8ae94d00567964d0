/**
 * What showip tells of one host.
 *
 * @module
 */

import { emit } from "../calls/observer.ts";
import { getAddrInfo } from "../names/addrinfo.ts";
import type { AddrInfo, NameServer } from "../names/hints.ts";
import { getNameInfo } from "../names/nameinfo.ts";
import { Endpoint, joinHostPort } from "../address/endpoint.ts";
import { IpAddress } from "../address/ip_address.ts";
import { errorEvent } from "../calls/errors.ts";
import { AddrInfoError } from "../names/addrinfo_error.ts";
import type { ConversationObserver } from "./events.ts";
import type { Family } from "../address/inet.ts";

/** What is asked of a host. */
export interface ShowHostOptions {
  /** The canonical name as well. */
  readonly canonical: boolean;
  /** The port of a service as well. */
  readonly service: string | undefined;
  /** The name of each address as well. */
  readonly reverse: boolean;
  /** A name server to ask in place of the system's. */
  readonly nameServer: NameServer | undefined;
  /** Whether the host is one of several that are asked for. */
  readonly several: boolean;
  /** Addresses of this family alone. */
  readonly family: Family | undefined;
  /** The longest wait for one look-up, in milliseconds; 0 waits for ever. */
  readonly timeout: number;
  /** Is told what was found. */
  readonly observer: ConversationObserver;
}

/**
 * Tells the addresses of a host, or why there are none.
 *
 * @param host the host
 * @param options what is asked of it
 * @returns whether it has any
 * @throws {PermissionError} where the DNS would have to be asked and may not be
 */
export async function showHost(
  host: string,
  options: ShowHostOptions,
): Promise<boolean> {
  const { service, observer } = options;
  let list: AddrInfo[];
  try {
    list = await getAddrInfo(host, service ?? "0", {
      ...options,
      // A service may be known over UDP alone.
      socktype: service === undefined ? "stream" : undefined,
      canonicalName: options.canonical,
    });
  } catch (error) {
    if (!(error instanceof AddrInfoError)) throw error;
    const among = options.several ? { several: true as const } : {};
    emit(observer, "event", { ...errorEvent(error), host, ...among });
    return false;
  }
  const [first] = list;
  const canonicalName = first?.canonicalName;
  emit(observer, "event", {
    event: "host",
    host,
    ...(canonicalName === undefined ? {} : { canonicalName }),
  });
  for (const { family, addr } of unique(list)) {
    const name = options.reverse ? await nameOf(addr, options) : undefined;
    emit(observer, "event", {
      event: "address",
      host,
      address: new Endpoint(IpAddress.parse(addr.hostname), addr.port),
      service: service !== undefined,
      ...(name === undefined ? {} : { name }),
    });
  }
  return true;
}

/** The addresses, each endpoint once. */
function unique(list: readonly AddrInfo[]): AddrInfo[] {
  const byText = new Map(
    list.map((info) =>
      [joinHostPort(info.addr.hostname, info.addr.port), info] as const
    ),
  );
  return [...byText.values()];
}

async function nameOf(
  addr: Deno.NetAddr,
  { timeout, nameServer, observer }: ShowHostOptions,
): Promise<string | undefined> {
  try {
    const { host } = await getNameInfo(addr, {
      numericService: true,
      nameRequired: true,
      timeout,
      nameServer,
      observer,
    });
    return host;
  } catch (error) {
    if (!(error instanceof AddrInfoError)) throw error;
    return undefined;
  }
}
