/**
 * What showip reports of one host.
 *
 * @module
 */

import { emit } from "../calls/observer.ts";
import { getAddrInfo } from "../names/addrinfo.ts";
import type { AddrInfo, NameServer } from "../names/hints.ts";
import { Endpoint } from "../address/endpoint.ts";
import { IpAddress } from "../address/ip_address.ts";
import { type Sockaddr, sockaddrOf } from "../address/sockaddr.ts";
import { errorEvent } from "../calls/errors.ts";
import { platform } from "../calls/platform.ts";
import { AddrInfoError } from "../names/addrinfo_error.ts";
import type { AddressEvent, ConversationObserver } from "./events.ts";
import type { Family } from "../address/inet.ts";

/** What is asked of a host. */
export interface ShowHostOptions {
  /** The canonical name as well. */
  readonly canonical: boolean;
  /** The port of this service as well. */
  readonly service: string | undefined;
  /** The name of each address as well. */
  readonly reverse: boolean;
  /** The bytes of each address as well. */
  readonly bytes: boolean;
  /** The name server to ask instead of the system's. */
  readonly nameServer: NameServer | undefined;
  /** Whether the host is one of several. */
  readonly several: boolean;
  /** Only addresses of this family. */
  readonly family: Family | undefined;
  /** The longest wait for one look-up, in milliseconds; 0 is no limit. */
  readonly timeout: number;
  /** Receives what is found. */
  readonly observer: ConversationObserver;
}

/**
 * Reports the addresses of a host, or why there are none.
 *
 * @param host the host
 * @param options what is asked of it
 * @returns whether everything was found; a look-up that failed was reported
 * @throws {PermissionError} if the DNS would have to be asked and may not be
 */
export async function showHost(
  host: string,
  options: ShowHostOptions,
): Promise<boolean> {
  const { observer } = options;
  let list: AddrInfo[];
  try {
    list = await lookUp(host, options);
  } catch (error) {
    reportFailure(error, host, options);
    return false;
  }
  const canonicalName = list[0]?.canonicalName;
  emit(observer, "event", {
    event: "host",
    host,
    ...(canonicalName !== undefined && { canonicalName }),
  });
  let isComplete = true;
  for (const address of endpointsOf(list)) {
    let name: string | undefined;
    try {
      if (options.reverse) name = await nameOf(address, options);
    } catch (error) {
      // Each of the host's addresses is looked up.
      const own = { ...options, several: true };
      reportFailure(error, address.address.toString(), own);
      isComplete = false;
    }
    emit(observer, "event", {
      event: "address",
      host,
      address,
      service: options.service !== undefined,
      ...(name !== undefined && { name }),
      ...(options.bytes && { sockaddr: await bytesOf(address) }),
    });
  }
  return isComplete;
}

/** Lays an address out as this system does. */
async function bytesOf(endpoint: Endpoint): Promise<Sockaddr> {
  // Only who asks for bytes pays for loading it.
  const { scopeId } = await import("../names/interfaces.ts");
  const id = scopeId(endpoint.address.scope);
  return sockaddrOf(endpoint, platform.sockaddr, id);
}

function lookUp(host: string, options: ShowHostOptions): Promise<AddrInfo[]> {
  const { service, family, canonical, nameServer, timeout, observer } = options;
  return getAddrInfo(host, service ?? null, {
    // A service may be known over UDP only.
    socktype: service === undefined ? "stream" : undefined,
    canonicalName: canonical,
    family,
    nameServer,
    timeout,
    observer,
  });
}

/**
 * Writes the address that an event is about.
 *
 * @param event an address of a host
 * @returns the address; with its port if a service was asked for
 */
export function addressText(
  { address, service }: Pick<AddressEvent, "address" | "service">,
): string {
  return String(service ? address : address.address);
}

/** Returns the endpoints, each once: a service may have two socket types. */
function endpointsOf(list: readonly AddrInfo[]): Iterable<Endpoint> {
  const endpoints = new Map<string, Endpoint>();
  for (const { addr: { hostname, port } } of list) {
    // Not unmapped: the address is shown as it was found.
    const endpoint = new Endpoint(IpAddress.parse(hostname), port);
    endpoints.set(endpoint.toString(), endpoint);
  }
  return endpoints.values();
}

/**
 * Returns the name of an address, if it has one.
 *
 * @throws {AddrInfoError} if nobody could say whether it has one
 */
async function nameOf(
  endpoint: Endpoint,
  { timeout, nameServer, observer }: ShowHostOptions,
): Promise<string | undefined> {
  try {
    // Only who asks for names pays for loading it.
    const { getNameInfo } = await import("../names/nameinfo.ts");
    const { host } = await getNameInfo(endpoint.toNetAddr("tcp"), {
      numericService: true,
      nameRequired: true,
      timeout,
      nameServer,
      observer,
    });
    return host;
  } catch (error) {
    // No name is an answer; anything else is not.
    if (error instanceof AddrInfoError && error.code === "EAI_NONAME") {
      return undefined;
    }
    throw error;
  }
}

/** Reports a look-up that failed; any other error is thrown. */
function reportFailure(
  error: unknown,
  host: string,
  { several, observer }: ShowHostOptions,
): void {
  if (!(error instanceof AddrInfoError)) throw error;
  emit(observer, "event", {
    ...errorEvent(error),
    host,
    ...(several && { several }),
  });
}
