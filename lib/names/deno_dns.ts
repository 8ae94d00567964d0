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
import { type Deadline, deadline, isTimeout } from "../calls/deadline.ts";
import { describe } from "../calls/errors.ts";
import { emit, receives } from "../calls/observer.ts";
import type { Endpoint } from "../address/endpoint.ts";
import {
  AddrInfoError,
  type AddrInfoErrorCode,
  noteSummary,
} from "./addrinfo_error.ts";
import type { RecordType } from "./dns/message.ts";
import type { LookUpObserver } from "./events.ts";
import { isHostName } from "./host_name.ts";
import type { LookUpOptions } from "./hints.ts";
import type { ResolverConfig } from "./dns/resolv_conf.ts";
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
  readonly #servers: readonly Deno.ResolveDnsOptions[];

  /**
   * Makes the source.
   *
   * @param config which domains to search
   * @param servers the servers to ask; by default those that Deno picks
   */
  constructor(config: ResolverConfig, servers?: readonly Endpoint[]) {
    this.#config = config;
    this.#servers = servers?.map(({ address, port }) => (
      { nameServer: { ipAddr: address.toString(), port } }
    )) ?? [{}];
  }

  /** Looks a name up; see {@linkcode Source}. */
  async findHost(question: HostQuestion): Promise<Found> {
    const { name, families, canonicalName, signal, timeout = 0 } = question;
    using limit = deadline(timeout, signal);
    const types = families.map((family) => RECORD_TYPE[family])
      .filter((type) => type === "A" || !this.#config.noAaaa);
    const { asked, answers } = await this.#ask(name, types, question, limit);
    const addresses = eachOnce(answers.map(IpAddress.parse));
    let end = asked;
    for (let steps = 0; canonicalName && steps < MAX_ALIASES; steps++) {
      // The addresses are there; why there is no alias was reported.
      const [next] = await this.#query(end, "CNAME", question, limit)
        .catch(() => []);
      signal?.throwIfAborted();
      if (next === undefined) break;
      end = next;
    }
    return { addresses, canonicalName: end };
  }

  /** Looks an address up; see {@linkcode Source}. */
  async findName(question: AddressQuestion): Promise<string | undefined> {
    const { address, signal, timeout = 0 } = question;
    using limit = deadline(timeout, signal);
    try {
      const name = reverseName(address);
      const { answers } = await this.#ask(name, ["PTR"], question, limit);
      return answers.find(isHostName);
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
    question: LookUpOptions,
    limit: Deadline,
  ): Promise<{ asked: string; answers: string[] }> {
    const { signal, observer } = question;
    let problem: string | undefined;
    const fail = (code: AddrInfoErrorCode, cause?: unknown) => {
      const error = new AddrInfoError(code, cause ? { cause } : {});
      if (!receives(observer, "resolution")) return error;
      const outcome = problem ?? NOT_FOUND;
      const servers = [{ server: DENO, outcome }];
      const message = `${DENO}: ${outcome}`;
      noteSummary(error, { event: "summary", host: name, message, servers });
      return error;
    };
    for (const asked of searchList(name, this.#config)) {
      const results = await Promise.allSettled(
        types.map((type) => this.#query(asked, type, question, limit)),
      );
      if (signal?.aborted) throw signal.reason;
      const answers = results.flatMap((result) =>
        result.status === "fulfilled" ? result.value : []
      );
      if (answers.length > 0) return { asked, answers };
      for (const result of results) {
        if (result.status !== "rejected" || isNotFound(result.reason)) continue;
        problem = describe(result.reason).reason;
      }
      const { reason } = limit.signal;
      if (isTimeout(reason)) throw fail("EAI_AGAIN", reason);
    }
    throw fail(problem === undefined ? "EAI_NONAME" : "EAI_AGAIN");
  }

  /** Asks for one type: the next server where one cannot be asked. */
  async #query(
    name: string,
    type: RecordType | "CNAME",
    { observer }: LookUpOptions,
    { signal }: Deadline,
  ): Promise<string[]> {
    for (const [i, server] of this.#servers.entries()) {
      try {
        return await queryDeno(name, type, { ...server, signal }, observer);
      } catch (error) {
        const isLast = i === this.#servers.length - 1;
        if (isLast || isNotFound(error) || signal.aborted) throw error;
      }
    }
    return [];
  }
}

/** Who is asked, in events. */
const DENO = "Deno";

/** What Deno says of a name without records, for whatever reason. */
const NOT_FOUND = "not found";

function isNotFound(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound;
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
      DENO,
      question,
      answer,
      performance.now() - started,
    );
  emit(observer, "resolution", {
    event: "question",
    source: DENO,
    question,
    transport: "udp",
  });
  try {
    const found = await Deno.resolveDns(`${name}.`, type, options);
    const answer = found.map((each) => withoutRoot(each) || ".");
    report(answer);
    return answer;
  } catch (error) {
    report([isNotFound(error) ? NOT_FOUND : describe(error).reason]);
    throw error;
  }
}
