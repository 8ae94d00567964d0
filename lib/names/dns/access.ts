/**
 * How the program may ask the DNS: which servers, and by which way.
 *
 * @module
 */

import { Endpoint } from "../../address/endpoint.ts";
import { PermissionError } from "../../calls/errors.ts";
import { emit } from "../../calls/observer.ts";
import {
  mayReach,
  mayUseNet,
  mayUseNetUnlisted,
  netPermissionError,
} from "../../calls/permission.ts";
import { AddrInfoError } from "../addrinfo_error.ts";
import type { LookUpObserver } from "../events.ts";
import { DNS_PORT, type NameServer } from "../hints.ts";
import {
  DEFAULT_CONFIG,
  parseResolvConf,
  type ResolverConfig,
  serverAddress,
} from "./resolv_conf.ts";
import {
  CachedFile,
  isExhausted,
  RESOLV_CONF,
  whyNoText,
} from "../system_files.ts";

/** How the DNS may be asked. */
export type Access =
  /** By ourselves. */
  | {
    readonly config: ResolverConfig;
    readonly servers: readonly Endpoint[];
    /** Whether no UDP socket may or can be bound. */
    readonly overTcp: boolean;
  }
  /** Only by Deno: the servers are not known. */
  | "through Deno";

const file = RESOLV_CONF === undefined
  ? undefined
  : new CachedFile(RESOLV_CONF, (text) => known(parseResolvConf(text)));

/**
 * Finds out which servers may be asked, and how.
 *
 * @param nameServer a server to ask instead of the system's
 * @param observer receives the servers that may not be asked
 * @throws {PermissionError} if no server may be asked
 * @throws {AddrInfoError} `EAI_SYSTEM` if this machine has no descriptor left
 */
export function dnsAccess(
  nameServer: NameServer | undefined,
  observer: LookUpObserver | undefined,
): Access {
  const found = nameServer === undefined
    ? systemServers(observer)
    : givenServer(nameServer);
  if (found === undefined) return "through Deno";
  const { config, all } = found;
  // Without --unstable-net there is none.
  const hasUdp = Deno.listenDatagram !== undefined;
  // The whole network is asked for once, and not each of its ends.
  if (mayUseNet()) return { config, servers: all, overTcp: !hasUdp };
  const granted = all.filter(({ address, port }) => mayReach(address, port));
  const passOver = (server: Endpoint, end: Endpoint) =>
    emit(observer, "resolution", {
      event: "passedOver",
      source: server.toString(),
      reason: `needs --allow-net=${end}`,
    });
  for (const server of all) {
    if (!granted.includes(server)) passOver(server, server);
  }
  const [first] = all;
  if (granted.length === 0) {
    throw netPermissionError(first!.address, first!.port);
  }
  const overUdp = granted.filter(({ address }) =>
    hasUdp && mayReach(address.wildcard(), 0)
  );
  if (overUdp.length === 0) return { config, servers: granted, overTcp: true };
  for (const server of granted) {
    if (overUdp.includes(server)) continue;
    passOver(server, new Endpoint(server.address.wildcard(), 0));
  }
  return { config, servers: overUdp, overTcp: false };
}

/** The servers that are known, whether they may be asked or not. */
interface Known {
  readonly config: ResolverConfig;
  readonly all: readonly Endpoint[];
}

function known(config: ResolverConfig): Known {
  const all = config.nameServers.map((each) => new Endpoint(each, DNS_PORT));
  return { config, all: eachServerOnce(all) };
}

function eachServerOnce(servers: readonly Endpoint[]): Endpoint[] {
  return servers.filter((server, i) =>
    servers.findIndex((each) => each.equals(server)) === i
  );
}

/** What the system searches is not what another server knows. */
const GIVEN_CONFIG: ResolverConfig = { ...DEFAULT_CONFIG, search: [] };

/** The server that was given last: it is mostly the same one. */
let given: { ipAddr: string; port: number; known: Known } | undefined;

function givenServer({ ipAddr, port = DNS_PORT }: NameServer): Known {
  if (given?.ipAddr === ipAddr && given.port === port) return given.known;
  const address = serverAddress(ipAddr);
  if (address === undefined) {
    throw new TypeError(`A name server is an address, not ${ipAddr}`);
  }
  const known = { config: GIVEN_CONFIG, all: [new Endpoint(address, port)] };
  given = { ipAddr, port, known };
  return known;
}

/** What holds without a file. */
const DEFAULT = known(DEFAULT_CONFIG);

/** Returns the system's servers; `undefined` if only Deno may know them. */
function systemServers(
  observer: LookUpObserver | undefined,
): Known | undefined {
  const conf = file?.read();
  if (conf?.state === "read") return conf.value;
  const isUnknown = conf === undefined || conf.state === "not allowed";
  if (isUnknown && !mayUseNetUnlisted()) {
    // Without the file Deno has to be asked, for which it wants all of the net.
    if (conf === undefined) throw new PermissionError("--allow-net");
    // Who would be asked is not known: the flags that any IPv4 server takes.
    throw new PermissionError(
      `--allow-net=0.0.0.0/0:${DNS_PORT}`,
      `--allow-read=${RESOLV_CONF}`,
    );
  }
  if (conf?.state === "unreadable" && isExhausted(conf.error)) {
    throw new AddrInfoError("EAI_SYSTEM", { cause: conf.error });
  }
  if (conf !== undefined && RESOLV_CONF !== undefined) {
    const reason = whyNoText(conf, RESOLV_CONF);
    const source = RESOLV_CONF;
    emit(observer, "resolution", { event: "passedOver", source, reason });
  }
  // As for glibc: no file, or one that cannot be read, says nothing.
  return isUnknown ? undefined : DEFAULT;
}
