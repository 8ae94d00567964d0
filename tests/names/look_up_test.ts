import { Endpoint } from "../../lib/address/endpoint.ts";
import { findAddresses, getAddrInfo } from "../../lib/names/addrinfo.ts";
import { AddrInfoError } from "../../lib/names/addrinfo_error.ts";
import type { ResolutionEvent } from "../../lib/names/events.ts";
import type { AddrInfo } from "../../lib/names/hints.ts";
import { getNameInfo } from "../../lib/names/nameinfo.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { answer, nxdomain, record } from "./messages.ts";
import { always, NameServer, type Question } from "./name_server.ts";
import { timersSetBy } from "../timers.ts";

class Stop extends Error {}

const FOUR = "192.0.2.1";
const SIX = "2001:db8::1";
const hostnames = (list: readonly AddrInfo[]) =>
  list.map(({ addr }) => addr.hostname);

/** A server that answers for one type at once, and for the other later. */
function lateServer(late: string, gate: Promise<void>): NameServer {
  const right = always(FOUR, SIX);
  return new NameServer((question: Question) => {
    const reply = right(question);
    if (question.type !== late) return reply;
    return [reply].flat().map((message) => ({
      message: message as Uint8Array<ArrayBuffer>,
      after: gate,
    }));
  });
}

Deno.test("findAddresses() hands out addresses before the others are known", async () => {
  for (const [late, early] of [["A", SIX], ["AAAA", FOUR]] as const) {
    const gate = Promise.withResolvers<void>();
    await using server = lateServer(late, gate.promise);
    const some: string[][] = [];
    const list = await findAddresses(
      "host.example",
      80,
      { socktype: "stream", nameServer: server.nameServer },
      (addresses) => {
        some.push(hostnames(addresses));
        gate.resolve();
      },
    );
    assertEquals(some, [[early]]);
    assertEquals(hostnames(list).toSorted(), [FOUR, SIX]);
  }
});

Deno.test("findAddresses() hands out nothing beforehand if all is known at once", async () => {
  await using server = new NameServer(always(FOUR, SIX));
  const { nameServer } = server;
  const never = () => {
    throw new Error("was called");
  };
  for (const host of ["localhost", "127.0.0.1", "::1"]) {
    await findAddresses(host, 80, { nameServer }, never);
  }
  await findAddresses("a.example", 80, { nameServer, family: "IPv4" }, never);
  const mapped = { nameServer, family: "IPv6", v4Mapped: true } as const;
  await findAddresses("b.example", 80, mapped, never);
});

Deno.test("findAddresses() ends by its signal after some addresses", async () => {
  const gate = Promise.withResolvers<void>();
  await using server = lateServer("AAAA", gate.promise);
  const controller = new AbortController();
  const { signal } = controller;
  await assertRejects(
    () =>
      findAddresses(
        "host.example",
        80,
        { nameServer: server.nameServer, signal },
        () => controller.abort(new Stop()),
      ),
    Stop,
  );
  gate.resolve();
});

Deno.test("An AddrInfoError says which host and service it is about", async () => {
  await using server = new NameServer(nxdomain);
  const { nameServer } = server;
  const errorOf = async (...args: Parameters<typeof getAddrInfo>) => {
    const { host, service, code } = await assertRejects(
      () => getAddrInfo(...args),
      AddrInfoError,
    );
    return { host, service, code };
  };
  assertEquals(await errorOf("a.example", "http", { nameServer }), {
    host: "a.example",
    service: "http",
    code: "EAI_NONAME",
  });
  assertEquals(await errorOf("a b", null), {
    host: "a b",
    service: undefined,
    code: "EAI_NONAME",
  });
  assertEquals(await errorOf(null, "nosuchservice"), {
    host: undefined,
    service: "nosuchservice",
    code: "EAI_SERVICE",
  });
  const error = await assertRejects(
    () => getNameInfo({ transport: "tcp", hostname: "nope", port: 80 }),
    AddrInfoError,
  );
  assertEquals([error.host, error.service], ["nope", 80]);
});

Deno.test("getNameInfo() takes an Endpoint", async () => {
  await using server = new NameServer((query) =>
    answer(query, { records: [record(query.name, "PTR", "Host.Example")] })
  );
  const { nameServer } = server;
  const endpoint = Endpoint.parse("192.0.2.1:80");
  assertEquals(await getNameInfo(endpoint, { nameServer }), {
    host: "Host.Example",
    service: "http",
  });
});

Deno.test("getAddrInfo() rejects with the signal's reason even if it need not wait", async () => {
  const signal = AbortSignal.abort(new Stop());
  for (const host of ["127.0.0.1", "localhost", null]) {
    await assertRejects(() => getAddrInfo(host, 80, { signal }), Stop);
  }
  await assertRejects(
    () => getNameInfo(Endpoint.parse("[::1]:80"), { signal }),
    Stop,
  );
});

Deno.test("getAddrInfo() asks nobody for names that never leave the machine", async () => {
  await using server = new NameServer(always(FOUR, SIX));
  const { nameServer, questions } = server;
  const told: ResolutionEvent[] = [];
  const observer = {
    resolution: (event: ResolutionEvent) => void told.push(event),
  };
  const table = [
    ["invalid", "RFC 6761"],
    ["A.Invalid.", "RFC 6761"],
    ["duckduckgo.onion", "RFC 7686"],
    ["x.y.alt", "RFC 9476"],
  ] as const;
  for (const [host, source] of table) {
    const { code } = await assertRejects(
      () => getAddrInfo(host, 80, { nameServer, observer }),
      AddrInfoError,
    );
    assertEquals(code, "EAI_NONAME");
    const [event] = told.splice(0);
    assert(event?.event === "answer");
    assertEquals(event.source, source);
  }
  assertEquals(questions, []);
  await getAddrInfo("notinvalid", 80, { nameServer });
  await getAddrInfo("alt.example", 80, { nameServer });
  assertEquals(questions.length, 4);
});

Deno.test("An observer that throws harms no look-up", async () => {
  await using server = new NameServer(always(FOUR));
  const { nameServer } = server;
  const { error } = console;
  let told = 0;
  console.error = () => void told++;
  try {
    const observer = {
      resolution() {
        throw new Stop();
      },
    };
    const hints = { nameServer, observer, socktype: "stream" } as const;
    const list = await getAddrInfo("host.example", 80, hints);
    assertEquals(hostnames(list), [FOUR]);
    assert(told > 0);
  } finally {
    console.error = error;
  }
});

Deno.test("getAddrInfo() sets no timer for each look-up, one at a time or several", async () => {
  await using server = new NameServer(always(FOUR, SIX));
  const { nameServer } = server;
  const lookUp = (i: number) =>
    getAddrInfo(`n${i}.example`, 80, { nameServer });
  const timers = await timersSetBy(async () => {
    for (let i = 0; i < 60; i++) await lookUp(i);
    for (let i = 0; i < 10; i++) await Promise.all([1, 2, 3].map(lookUp));
  });
  // A few of them may be late on a busy machine.
  assert(timers < 20, `${timers} timers`);
});

Deno.test("A name server behind an interface that is not there is no such device", async () => {
  const reasons: string[] = [];
  const looking = getAddrInfo("host.example", 80, {
    nameServer: { ipAddr: "fe80::1%nosuch0" },
    // One question: nothing waits for the send of another one, which goes on.
    family: "IPv4",
    observer: {
      resolution(event) {
        if (event.event === "passedOver") reasons.push(event.reason);
      },
    },
  });
  const { code } = await assertRejects(() => looking, AddrInfoError);
  assertEquals([code, reasons], ["EAI_AGAIN", ["No such device"]]);
});
