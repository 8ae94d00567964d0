/**
 * Host names to addresses, and addresses to host names: the hosts file, the
 * names of the loopback, and the DNS.
 *
 * @module
 */

import { emit } from "../calls/observer.ts";
import { deadline, isTimeout } from "../calls/deadline.ts";
import { ask, type AskOptions, Rcode, type Reply } from "./dns.ts";
import type { RecordType } from "./dns_message.ts";
import { Endpoint } from "../address/endpoint.ts";
import { PermissionError } from "../calls/errors.ts";
import { AddrInfoError } from "./addrinfo_error.ts";
import type { LookUpObserver } from "./events.ts";
import type { LookUpOptions, NameServer } from "./hints.ts";
import { type HostsEntry, parseHosts } from "./hosts.ts";
import type { Family } from "../address/inet.ts";
import { IpAddress } from "../address/ip_address.ts";
import {
  mayReach,
  mayUseNet,
  netPermissionError,
} from "../calls/permission.ts";
import {
  DEFAULT_CONFIG,
  parseResolvConf,
  type ResolverConfig,
  searchList,
} from "./resolv_conf.ts";
import { HOSTS_FILE, readSystemFile, RESOLV_CONF } from "./system_files.ts";

/** How {@linkcode resolveName} looks. */
export interface ResolveOptions extends LookUpOptions {
  /**
   * Whether `::1` in the hosts file stands for `127.0.0.1` as well, as it does
   * for glibc when it looks for IPv4 addresses by themselves.
   */
  readonly loopbackForBoth?: boolean | undefined;
}

/** What a name stands for. */
export interface Resolution {
  /** One address or more. */
  readonly addresses: readonly IpAddress[];
  readonly canonicalName: string;
}

const LOOPBACK = ["::1", "127.0.0.1"].map(IpAddress.parse);
const RECORD_TYPE = { IPv4: "A", IPv6: "AAAA" } as const;
const DNS_PORT = 53;

/**
 * Resolves a host's name.
 *
 * @param name the name, as `normalizeHostName` gives it
 * @param families the families to look for
 * @param options how to look
 * @returns its addresses, those of the files and servers in their order
 * @throws {AddrInfoError} where there is none
 * @throws {PermissionError} where the DNS would have to be asked and may not be
 */
export async function resolveName(
  name: string,
  families: readonly Family[],
  options: ResolveOptions,
): Promise<Resolution> {
  const bare = withoutRoot(name);
  const known =
    (options.nameServer === undefined
      ? lookInHosts(name, families, options)
      : undefined) ?? loopback(bare, families, options.observer);
  return known ?? await lookInDns(name, families, options);
}

function readHosts(): HostsEntry[] {
  return parseHosts(readSystemFile(HOSTS_FILE) ?? "");
}

function lookInHosts(
  name: string,
  families: readonly Family[],
  { loopbackForBoth, observer }: ResolveOptions,
): Resolution | undefined {
  const entries = readHosts().filter((entry) => entry.names.includes(name));
  const addresses = unique(
    entries.flatMap(({ address }) =>
      loopbackForBoth && address.equals(LOOPBACK[0]!)
        ? [address, LOOPBACK[1]!]
        : [address]
    ).filter(({ family }) => families.includes(family)),
  );
  const [first] = entries;
  if (first === undefined || addresses.length === 0) return undefined;
  tell(observer, HOSTS_FILE, name, addresses.map(String));
  return { addresses, canonicalName: first.name };
}

/** Each address once. */
function unique(addresses: readonly IpAddress[]): IpAddress[] {
  return [
    ...new Map(addresses.map((each) => [each.toString(), each])).values(),
  ];
}

/** RFC 6761 section 6.3: these never leave the machine. */
function loopback(
  name: string,
  families: readonly Family[],
  observer: LookUpObserver | undefined,
): Resolution | undefined {
  if (name !== "localhost" && !name.endsWith(".localhost")) return undefined;
  const addresses = LOOPBACK.filter(({ family }) => families.includes(family));
  tell(observer, "RFC 6761", name, addresses.map(String));
  return { addresses, canonicalName: name };
}

function tell(
  observer: LookUpObserver | undefined,
  source: string,
  question: string,
  answer: readonly string[],
  milliseconds?: number,
): void {
  emit(observer, "resolution", {
    event: "answer",
    source,
    question,
    answer,
    ...(milliseconds === undefined ? {} : { milliseconds }),
  });
}

/** The words for a reply without records. */
function outcome({ rcode }: Reply): string {
  const name = Object.entries(Rcode).find(([, code]) => code === rcode)?.[0];
  return rcode === Rcode.NoError ? "no data" : name?.toUpperCase() ??
    `RCODE ${rcode}`;
}

/** How the DNS may be asked: by ourselves, or through Deno alone. */
type Access =
  | { readonly config: ResolverConfig; readonly servers: AskOptions["servers"] }
  | "through Deno";

/**
 * Finds out which servers may be asked.
 *
 * Asking them ourselves takes a socket of our own, and so a grant for it. Where
 * that is missing, or the configuration may not be read, Deno can still ask.
 *
 * @throws {PermissionError} where no server may be asked
 */
function dnsAccess(nameServer: NameServer | undefined): Access {
  const text = nameServer === undefined
    ? readSystemFile(RESOLV_CONF)
    : undefined;
  if (nameServer === undefined && text === undefined) {
    if (mayUseNet()) return "through Deno";
    // Who would be asked is not known: the flags that any IPv4 server takes.
    throw new PermissionError(
      `--allow-net=0.0.0.0/0:${DNS_PORT}`,
      `--allow-read=${RESOLV_CONF}`,
    );
  }
  const config = text === undefined ? DEFAULT_CONFIG : parseResolvConf(text);
  const all = nameServer === undefined
    ? config.nameServers.map((address) => new Endpoint(address, DNS_PORT))
    : [
      new Endpoint(
        IpAddress.parse(nameServer.ipAddr),
        nameServer.port ?? DNS_PORT,
      ),
    ];
  const granted = all.filter(({ address, port }) => mayReach(address, port));
  const [first] = all;
  if (granted.length === 0 && first !== undefined) {
    throw netPermissionError(first.address, first.port);
  }
  const servers = granted.filter(({ address }) =>
    mayReach(address.wildcard(), 0)
  );
  if (servers.length > 0) return { config, servers };
  if (granted.length === all.length) return "through Deno";
  throw new PermissionError(
    `--allow-net=${
      granted.map(({ address }) => new Endpoint(address.wildcard(), 0))
    }`,
  );
}

async function lookInDns(
  name: string,
  families: readonly Family[],
  options: LookUpOptions,
): Promise<Resolution> {
  const types = families.map((family) => RECORD_TYPE[family]);
  const { addresses, canonicalName } = await queryDns(name, types, options);
  return { addresses: unique(addresses), canonicalName };
}

/** What the DNS has for a name. */
interface Records {
  readonly addresses: readonly IpAddress[];
  readonly names: readonly string[];
  readonly canonicalName: string;
}

/**
 * Asks for records, in the search list's order, until there are some.
 *
 * @throws {AddrInfoError} where there are none, with the code that glibc gives
 */
async function queryDns(
  name: string,
  types: readonly RecordType[],
  { nameServer, signal, timeout = 0, observer }: LookUpOptions,
): Promise<Records> {
  const access = dnsAccess(nameServer);
  using limit = deadline(timeout, signal);
  try {
    limit.signal.throwIfAborted();
    if (access === "through Deno") {
      return await queryDeno(name, types, {
        nameServer,
        signal: limit.signal,
        observer,
      });
    }
    const { config, servers } = access;
    const { timeout, attempts } = config;
    const candidates = searchList(name, config);
    const errors: AddrInfoError[] = [];
    for (const candidate of candidates) {
      const replies = await ask(candidate, types, {
        servers,
        timeout,
        attempts,
        signal: limit.signal,
      });
      for (const reply of replies) {
        if (reply !== undefined) tellReply(observer, candidate, reply);
      }
      const records = recordsOf(replies);
      if (records !== undefined) return records;
      errors.push(errorOf(replies));
      if (replies.includes(undefined)) break;
    }
    const asItStands = candidates[0] === withoutRoot(name);
    throw asItStands ? errors[0] : worstOf(errors);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (isTimeout(limit.signal.reason)) {
      throw new AddrInfoError("EAI_AGAIN", { cause: limit.signal.reason });
    }
    throw error;
  }
}

/** What res_search tells of names that all failed. */
function worstOf(errors: readonly AddrInfoError[]): AddrInfoError | undefined {
  return errors.find(({ code }) => code === "EAI_NODATA") ??
    errors.find(({ code }) => code === "EAI_AGAIN") ?? errors.at(-1);
}

function tellReply(
  observer: LookUpObserver | undefined,
  name: string,
  reply: Reply,
): void {
  if (observer?.resolution === undefined) return;
  const { type, server, milliseconds, canonicalName } = reply;
  const records = [
    ...(canonicalName === name ? [] : [`CNAME ${canonicalName}`]),
    ...reply.addresses.map(String),
    ...reply.names,
  ];
  tell(
    observer,
    server.toString(),
    `${type} ${name}`,
    records.length === 0 ? [outcome(reply)] : records,
    milliseconds,
  );
}

/** The records in some replies, or `undefined` where they have none. */
function recordsOf(
  replies: readonly (Reply | undefined)[],
): Records | undefined {
  const good = replies.filter((reply) => reply?.rcode === Rcode.NoError);
  const addresses = good.flatMap((reply) => reply?.addresses ?? []);
  const names = good.flatMap((reply) => reply?.names ?? []);
  const [first] = good.filter((reply) =>
    reply !== undefined && reply.addresses.length + reply.names.length > 0
  );
  if (first === undefined) return undefined;
  return { addresses, names, canonicalName: first.canonicalName };
}

/** The code for replies without records. */
function errorOf(replies: readonly (Reply | undefined)[]): AddrInfoError {
  const codes = replies.map((reply) => reply?.rcode);
  const has = (...wanted: (number | undefined)[]) =>
    codes.some((code) => wanted.includes(code));
  if (has(undefined, Rcode.ServFail, Rcode.NotImp, Rcode.Refused)) {
    return new AddrInfoError("EAI_AGAIN");
  }
  if (has(Rcode.NoError)) return new AddrInfoError("EAI_NODATA");
  if (has(Rcode.NxDomain)) return new AddrInfoError("EAI_NONAME");
  return new AddrInfoError("EAI_FAIL");
}

/**
 * Lets Deno ask. It tells a name that does not exist neither from one without
 * records nor from a server that refused.
 */
async function queryDeno(
  name: string,
  types: readonly RecordType[],
  { nameServer, signal, observer }: LookUpOptions & { signal: AbortSignal },
): Promise<Records> {
  const options: Deno.ResolveDnsOptions = { signal };
  if (nameServer !== undefined) {
    const { ipAddr, port = DNS_PORT } = nameServer;
    options.nameServer = { ipAddr, port };
  }
  const query = async (type: RecordType | "CNAME", name: string) => {
    const found = await Deno.resolveDns(name, type, options);
    const answer = found.map(withoutRoot);
    tell(observer, "Deno", `${type} ${name}`, answer);
    return answer;
  };
  const answers = await Promise.allSettled(
    types.map((type) => query(type, name)),
  );
  signal.throwIfAborted();
  const found = answers.flatMap((answer) =>
    answer.status === "fulfilled" ? answer.value : []
  );
  if (found.length === 0) {
    const known = answers.every((answer) =>
      answer.status === "fulfilled" ||
      answer.reason instanceof Deno.errors.NotFound
    );
    throw new AddrInfoError(known ? "EAI_NONAME" : "EAI_AGAIN");
  }
  let canonicalName = withoutRoot(name);
  // A chain that is longer than any real one is a loop.
  for (let steps = 0; steps < 16; steps++) {
    const [next] = await query("CNAME", `${canonicalName}.`).catch(() => []);
    if (next === undefined) break;
    canonicalName = next;
  }
  if (types.includes("PTR")) {
    return { addresses: [], names: found, canonicalName };
  }
  const addresses = found.map(IpAddress.parse);
  return { addresses, names: [], canonicalName };
}

/** A name without the dot of the root. */
function withoutRoot(name: string): string {
  return name.endsWith(".") ? name.slice(0, -1) : name;
}

/**
 * Finds the name that belongs to an address: in the hosts file, then in the DNS
 * (a PTR record).
 *
 * @param address the address; a scope says nothing here
 * @param options how to look
 * @returns the name, or `undefined` where there is none
 * @throws {AddrInfoError} where the servers failed
 * @throws {PermissionError} where the DNS would have to be asked and may not be
 */
export async function resolveAddress(
  address: IpAddress,
  options: LookUpOptions,
): Promise<string | undefined> {
  const bare = address.withoutScope();
  if (options.nameServer === undefined) {
    const entry = readHosts().find((each) => each.address.equals(bare));
    if (entry !== undefined) {
      tell(options.observer, HOSTS_FILE, bare.toString(), [entry.name]);
      return entry.name;
    }
  }
  try {
    const name = reverseName(bare.bytes);
    const { names } = await queryDns(name, ["PTR"], options);
    return names[0];
  } catch (error) {
    if (!(error instanceof AddrInfoError) || error.code === "EAI_AGAIN") {
      throw error;
    }
    return undefined;
  }
}

/** The name under which an address has its PTR record (RFC 1035, RFC 3596). */
function reverseName(bytes: Uint8Array): string {
  const reversed = [...bytes].reverse();
  if (bytes.length === 4) return `${reversed.join(".")}.in-addr.arpa.`;
  return reversed.map((byte) =>
    `${(byte & 15).toString(16)}.${(byte >> 4).toString(16)}.`
  ).join("") + "ip6.arpa.";
}
