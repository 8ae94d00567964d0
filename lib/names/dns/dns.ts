/**
 * The DNS as a source of names, asked by ourselves.
 *
 * `Deno.resolveDns` is not enough: it reports neither a name that does not exist
 * from one without addresses, nor a server that failed from either.
 *
 * @module
 */

import type { Family } from "../../address/inet.ts";
import type { IpAddress } from "../../address/ip_address.ts";
import { timeoutError } from "../../calls/deadline.ts";
import { receives } from "../../calls/observer.ts";
import { AddrInfoError, noteSummary } from "../addrinfo_error.ts";
import { DenoDns } from "../deno_dns.ts";
import { type Access, dnsAccess } from "./access.ts";
import type { Exchange } from "./exchange.ts";
import { isHostName } from "../host_name.ts";
import { LookUp } from "./look_up.ts";
import type { RecordType } from "./message.ts";
import type { LookUpOptions, NameServer } from "../hints.ts";
import { DEFAULT_CONFIG } from "./resolv_conf.ts";
import { searchList } from "./search_list.ts";
import {
  type AddressQuestion,
  eachOnce,
  type Found,
  type HostQuestion,
  reverseName,
  type Source,
  withoutRoot,
} from "../source.ts";

/** The types of addresses, A first as glibc has it. */
const TYPES = [
  { family: "IPv4", type: "A" },
  { family: "IPv6", type: "AAAA" },
] as const;

/** The last source: what it does not find does not exist. */
export const DNS: Source = {
  async findHost(question: HostQuestion): Promise<Found | undefined> {
    const { name, families, nameServer, observer, onSome } = question;
    const access = dnsAccess(nameServer, observer);
    if (access === "through Deno") {
      return new DenoDns(DEFAULT_CONFIG).findHost(question);
    }
    const end = endOf(question);
    const types = recordTypes(families, access.config.noAaaa);
    if (types.length === 0) throw new AddrInfoError("EAI_NODATA");
    return await query(name, types, access, question, end, onSome ?? nobody) ??
      denoFor(access, nameServer).findHost(inTimeLeft(question, end));
  },
  async findName(question: AddressQuestion): Promise<string | undefined> {
    const { address, nameServer, observer } = question;
    const access = dnsAccess(nameServer, observer);
    if (access === "through Deno") {
      return new DenoDns(DEFAULT_CONFIG).findName(question);
    }
    const end = endOf(question);
    try {
      const name = reverseName(address);
      const records = await query(name, ["PTR"], access, question, end, nobody);
      if (records !== undefined) return records.names.find(isHostName);
    } catch (error) {
      if (error instanceof AddrInfoError && NAMELESS.includes(error.code)) {
        return undefined;
      }
      throw error;
    }
    return denoFor(access, nameServer).findName(inTimeLeft(question, end));
  },
};

function nobody(): void {}

/** Deno, where no server takes the only way that we may go. */
function denoFor(
  { config, servers }: Exclude<Access, string>,
  nameServer: NameServer | undefined,
): DenoDns {
  // By itself it asks all of the system's, and fails unless all are granted.
  const mayPick = nameServer === undefined &&
    servers.length === config.nameServers.length;
  return new DenoDns(config, mayPick ? undefined : servers);
}

/** Returns when a look-up's time is over, on the clock of `performance.now()`. */
function endOf({ timeout = 0 }: LookUpOptions): number {
  return timeout === 0 ? Infinity : performance.now() + timeout;
}

/** Leaves a question the time that is left of its own. */
function inTimeLeft<Q extends LookUpOptions>(question: Q, end: number): Q {
  if (end === Infinity) return question;
  return { ...question, timeout: Math.max(end - performance.now(), 1) };
}

/** Codes that say that an address has no name, and nothing of the servers. */
const NAMELESS: readonly string[] = ["EAI_NONAME", "EAI_NODATA", "EAI_FAIL"];

/** Returns the types to ask for. */
function recordTypes(
  families: readonly Family[],
  noAaaa: boolean,
): RecordType[] {
  return TYPES.filter(({ family, type }) =>
    families.includes(family) && !(noAaaa && type === "AAAA")
  ).map(({ type }) => type);
}

/** What the DNS has for a name. */
interface Records extends Found {
  readonly names: readonly string[];
}

/**
 * Asks for records, in the search list's order, until there are some.
 *
 * @returns the records; `undefined` if no server takes the only way by which
 * the program may ask
 * @throws {AddrInfoError} if there are none, with the code that glibc gives
 */
async function query(
  name: string,
  types: readonly RecordType[],
  access: Exclude<Access, string>,
  { signal, observer }: LookUpOptions,
  deadline: number,
  onSome: (addresses: readonly IpAddress[]) => void,
): Promise<Records | undefined> {
  const { servers, config, overTcp } = access;
  const candidates = searchList(name, config);
  const settings = { servers, config, overTcp, deadline, signal, observer };
  const lookUp = new LookUp(settings);
  try {
    const found = await askInTurn(lookUp, candidates, types, onSome);
    if (!Array.isArray(found)) return found;
    // Deno may know a way that is not over TCP.
    if (overTcp && lookUp.isHopeless) return undefined;
    const asItStands = candidates[0] === withoutRoot(name);
    const error = (asItStands ? found[0] : worstOf(found)) ??
      new AddrInfoError("EAI_NONAME");
    if (receives(observer, "resolution")) {
      noteSummary(error, lookUp.summary(name));
    }
    throw error;
  } finally {
    const closing = lookUp.close();
    if (closing !== undefined) await closing;
  }
}

/** Asks for one name after the other; returns why each has no records. */
async function askInTurn(
  lookUp: LookUp,
  names: readonly string[],
  types: readonly RecordType[],
  onSome: (addresses: readonly IpAddress[]) => void,
): Promise<Records | AddrInfoError[]> {
  const errors: AddrInfoError[] = [];
  for (const [i, name] of names.entries()) {
    const exchange = lookUp.prepare(
      name,
      types,
      names.length - i,
      (reply) => onSome(eachOnce(reply.answer.addresses)),
    );
    await exchange.run();
    const records = recordsOf(exchange);
    if (records !== undefined) return records;
    errors.push(errorOf(exchange));
    if (lookUp.isHopeless) break;
  }
  return errors;
}

/** What res_search reports of names that all failed. */
function worstOf(errors: readonly AddrInfoError[]): AddrInfoError | undefined {
  return errors.find(({ code }) => code === "EAI_NODATA") ??
    errors.find(({ code }) => code === "EAI_AGAIN") ?? errors.at(-1);
}

/**
 * Returns the records that were answered; `undefined` if there are none. Those
 * of one type are the answer even if the other is said not to exist (RFC 4074
 * section 4.2).
 */
function recordsOf({ questions }: Exchange): Records | undefined {
  let canonicalName: string | undefined;
  const addresses: IpAddress[] = [];
  const names: string[] = [];
  for (const { hasRecords, reply } of questions) {
    if (reply === undefined || !hasRecords) continue;
    const { answer } = reply;
    canonicalName ??= answer.canonicalName;
    // IPv6 first: where no rule of RFC 6724 decides, it stays so.
    addresses.unshift(...answer.addresses);
    names.push(...answer.names);
  }
  if (canonicalName === undefined) return undefined;
  return { addresses: eachOnce(addresses), names, canonicalName };
}

/** Returns the error for answers without records. */
function errorOf({ questions, timedOut }: Exchange): AddrInfoError {
  // A name that does not exist has no records of any type (RFC 8020).
  if (questions.some(({ isNxDomain }) => isNxDomain)) {
    return new AddrInfoError("EAI_NONAME");
  }
  const open = questions.filter(({ reply }) => reply === undefined);
  if (open.some(({ isNotUnderstood }) => !isNotUnderstood)) {
    return timedOut
      ? new AddrInfoError("EAI_AGAIN", { cause: timeoutError() })
      : new AddrInfoError("EAI_AGAIN");
  }
  return new AddrInfoError(
    open.length === questions.length ? "EAI_FAIL" : "EAI_NODATA",
  );
}
