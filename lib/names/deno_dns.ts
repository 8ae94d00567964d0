/**
 * The DNS as a source of names, asked by Deno: for programs that may not know
 * the name servers, or have no way of their own to them.
 *
 * `Deno.resolveDns` has one error for a name that does not exist, one without
 * records, and a server that failed or refused; it is `EAI_NONAME` here.
 *
 * @module
 */

import { IpAddress } from "../address/ip_address.ts";
import { deadline, isTimeout } from "../calls/deadline.ts";
import { describe } from "../calls/errors.ts";
import { emit } from "../calls/observer.ts";
import { AddrInfoError } from "./addrinfo_error.ts";
import type { RecordType } from "./dns/message.ts";
import type { LookUpObserver } from "./events.ts";
import { DNS_PORT, type LookUpOptions } from "./hints.ts";
import { type ResolverConfig, serverAddress } from "./dns/resolv_conf.ts";
import { searchList } from "./dns/search_list.ts";
import {
  type AddressQuestion,
  eachOnce,
  type Found,
  type HostQuestion,
  reportAnswer,
  reverseName,
  type Source,
  withoutRoot,
} from "./source.ts";

const RECORD_TYPE = { IPv4: "A", IPv6: "AAAA" } as const;

/** A chain of aliases that is longer than any real one is a loop. */
const MAX_ALIASES = 16;

/** Asks through Deno; the name server too may be left to it. */
export class DenoDns implements Source {
  readonly #config: ResolverConfig;

  /**
   * Makes the source.
   *
   * @param config which domains to search
   */
  constructor(config: ResolverConfig) {
    this.#config = config;
  }

  /** Looks a name up; see {@linkcode Source}. */
  async findHost(question: HostQuestion): Promise<Found> {
    const { name, families } = question;
    const types = families.map((family) => RECORD_TYPE[family])
      .filter((type) => type === "A" || !this.#config.noAaaa);
    const { asked, answers, query } = await this.#ask(name, types, question);
    let canonicalName = asked;
    for (let steps = 0; steps < MAX_ALIASES; steps++) {
      // The addresses are there; why there is no alias was reported.
      const [next] = await query(canonicalName, "CNAME").catch(() => []);
      if (next === undefined) break;
      canonicalName = next;
    }
    return {
      addresses: eachOnce(answers.map(IpAddress.parse)),
      canonicalName,
    };
  }

  /** Looks an address up; see {@linkcode Source}. */
  async findName(question: AddressQuestion): Promise<string | undefined> {
    try {
      const name = reverseName(question.address);
      const { answers } = await this.#ask(name, ["PTR"], question);
      return answers[0];
    } catch (error) {
      if (error instanceof AddrInfoError && error.code === "EAI_NONAME") {
        return undefined;
      }
      throw error;
    }
  }

  /**
   * Asks for one name after the other until there are answers: with a dot at
   * its end, since Deno would search domains for each type by itself.
   */
  async #ask(
    name: string,
    types: readonly RecordType[],
    { nameServer, signal, timeout = 0, observer }: LookUpOptions,
  ) {
    using limit = deadline(timeout, signal);
    const options: Deno.ResolveDnsOptions = { signal: limit.signal };
    const ipAddr = nameServer && serverAddress(nameServer.ipAddr)?.toString();
    if (ipAddr !== undefined) {
      options.nameServer = { ipAddr, port: nameServer?.port ?? DNS_PORT };
    }
    const query = (name: string, type: RecordType | "CNAME") =>
      queryDeno(name, type, options, observer);
    let failed = false;
    for (const asked of searchList(name, this.#config)) {
      const results = await Promise.allSettled(
        types.map((type) => query(asked, type)),
      );
      if (signal?.aborted) throw signal.reason;
      const answers = results.flatMap((result) =>
        result.status === "fulfilled" ? result.value : []
      );
      if (answers.length > 0) return { asked, answers, query };
      failed ||= results.some((result) =>
        result.status === "rejected" &&
        !(result.reason instanceof Deno.errors.NotFound)
      );
      if (isTimeout(limit.signal.reason)) {
        const { reason: cause } = limit.signal;
        throw new AddrInfoError("EAI_AGAIN", { cause });
      }
    }
    throw new AddrInfoError(failed ? "EAI_AGAIN" : "EAI_NONAME");
  }
}

/** Asks for one type, and reports it. */
async function queryDeno(
  name: string,
  type: RecordType | "CNAME",
  options: Deno.ResolveDnsOptions,
  observer: LookUpObserver | undefined,
): Promise<string[]> {
  const question = `${type} ${name}.`;
  const started = performance.now();
  const report = (answer: readonly string[]) =>
    reportAnswer(
      observer,
      "Deno",
      question,
      answer,
      performance.now() - started,
    );
  emit(observer, "resolution", {
    event: "question",
    source: "Deno",
    question,
    transport: "udp",
  });
  try {
    const found = await Deno.resolveDns(`${name}.`, type, options);
    const answer = found.map(withoutRoot);
    report(answer);
    return answer;
  } catch (error) {
    const isNotFound = error instanceof Deno.errors.NotFound;
    report([isNotFound ? "not found" : describe(error).reason]);
    throw error;
  }
}
