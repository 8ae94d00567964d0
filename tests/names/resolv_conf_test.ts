import fc from "fast-check";
import {
  DEFAULT_CONFIG,
  parseResolvConf,
  type ResolverConfig,
} from "../../lib/names/dns/resolv_conf.ts";
import { searchList } from "../../lib/names/dns/search_list.ts";
import { anyCharacter } from "../arbitraries.ts";
import { assert, assertEquals } from "../assert.ts";

/** A configuration whose servers are written as text. */
type Said = Omit<ResolverConfig, "nameServers"> & {
  readonly nameServers: readonly string[];
};

/** What a file that says nothing says. */
const SILENT: Said = { ...DEFAULT_CONFIG, nameServers: ["127.0.0.1"] };

/** Fails unless a text says those things, and nothing else. */
function assertSays(text: string, said: Partial<Said>): void {
  const config = parseResolvConf(text);
  assertEquals(
    { ...config, nameServers: config.nameServers.map(String) },
    { ...SILENT, ...said },
    JSON.stringify(text),
  );
}

Deno.test("parseResolvConf() reads a file", () => {
  const text = `# Made by hand.
; Really.
nameserver 192.0.2.53
nameserver\t2001:db8::53

search corp.example\texample
options ndots:2 timeout:3 attempts:4 trust-ad
`;
  assertSays(text, {
    nameServers: ["192.0.2.53", "2001:db8::53"],
    search: ["corp.example", "example"],
    ndots: 2,
    timeout: 3000,
    attempts: 4,
  });
});

Deno.test("parseResolvConf() asks this machine if the file names no server", () => {
  for (
    const text of [
      ...["", "\n\n", "nameserver", "nameserver \n", "# nameserver 192.0.2.1"],
      ...["nameserver nope", "nameserver 192.0.2.256", "nameserver 1:2"],
      ...["Nameserver 192.0.2.1", "nameservers 192.0.2.1", "192.0.2.1"],
      ...[";nameserver 192.0.2.1", "#nameserver 192.0.2.1"],
      ...["nameserver 192.0.2.1%lo", "nameserver [::1]"],
      ...["nameserver 192.0.2.1#x", "nameserver 192.0.2.1;x"],
    ]
  ) assertSays(text, {});
});

Deno.test("parseResolvConf() takes a name server with or without a newline or a comment", () => {
  for (const end of ["", "\n", " ", "\r\n", " # ours", "\t; ours\n"]) {
    assertSays(`nameserver 192.0.2.1${end}`, { nameServers: ["192.0.2.1"] });
  }
});

Deno.test("parseResolvConf() leaves a name server its scope", () => {
  const nameServers = ["fe80::53%eth0"];
  assertSays("nameserver fe80::53%eth0", { nameServers });
});

Deno.test("parseResolvConf() takes a name server in every form of inet_aton(3), as glibc does", () => {
  assertSays("nameserver 10.1", { nameServers: ["10.0.0.1"] });
  assertSays("nameserver 0x0a.1", { nameServers: ["10.0.0.1"] });
});

Deno.test("parseResolvConf() takes one name server a line, and three at most", () => {
  assertSays("nameserver 192.0.2.1 192.0.2.2", { nameServers: ["192.0.2.1"] });
  const lines = [1, 2, 3, 4].map((i) => `nameserver 192.0.2.${i}\n`);
  const nameServers = ["192.0.2.1", "192.0.2.2", "192.0.2.3"];
  assertSays(lines.join(""), { nameServers });
  // What is no address takes no place.
  assertSays(`nameserver nope\n${lines.join("")}`, { nameServers });
});

Deno.test("parseResolvConf() reads a keyword only at the beginning of a line", () => {
  // resolv.conf(5): "the keyword must start the line".
  assertSays(" nameserver 192.0.2.1\n\toptions ndots:3\n search example", {});
});

Deno.test("parseResolvConf() lets the last search or domain line count", () => {
  const table: [text: string, search: string[]][] = [
    ["search a b\nsearch c", ["c"]],
    ["search a b\ndomain c", ["c"]],
    ["domain c\nsearch a b", ["a", "b"]],
    ["search a\nsearch", ["a"]],
    ["search a\nsearch  ", ["a"]],
    ["domain a b", ["a"]],
  ];
  for (const [text, search] of table) assertSays(text, { search });
});

Deno.test("parseResolvConf() parts words by what C takes for white space, and no other", () => {
  const table: [text: string, said: Partial<Said>][] = [
    ["search\t a.test \t b.test\t \r\n", { search: ["a.test", "b.test"] }],
    ["search a.test b.test\u00a0", { search: ["a.test", "b.test\u00a0"] }],
    ["search a.test\0b.test c.test", { search: ["a.test"] }],
    // A byte order mark.
    ["\ufeffnameserver 192.0.2.1\nnameserver 192.0.2.2", {
      nameServers: ["192.0.2.2"],
    }],
  ];
  for (const [text, said] of table) assertSays(text, said);
});

Deno.test("parseResolvConf() gives search domains as they are looked for", () => {
  const table: [text: string, search: string[]][] = [
    ["search Example.TEST", ["example.test"]],
    ["search example.test.", ["example.test"]],
    // The root stands for the name by itself.
    ["search .", [""]],
    ["search . example", ["", "example"]],
    // Only a whole line is a comment, and only white space parts domains.
    ["search example # office", ["example", "#", "office"]],
    ["search a,b c;d", ["a,b", "c;d"]],
    ["search a\n#search b\n;search c\n # search d", ["a"]],
    ["search\t a \t  b", ["a", "b"]],
    ["search a b c d e f g h", [..."abcdefgh"]],
  ];
  for (const [text, search] of table) assertSays(text, { search });
});

Deno.test("parseResolvConf() keeps options within glibc's limits", () => {
  const table: [options: string, said: Partial<Said>][] = [
    ["ndots:0 timeout:1 attempts:1", { ndots: 0, timeout: 1000, attempts: 1 }],
    ["ndots:15 timeout:30 attempts:5", {
      ndots: 15,
      timeout: 30_000,
      attempts: 5,
    }],
    ["ndots:16 timeout:31 attempts:6", {
      ndots: 15,
      timeout: 30_000,
      attempts: 5,
    }],
    [`ndots:${"9".repeat(400)}`, { ndots: 15 }],
    // A server that is not waited for, or never asked, is no use.
    ["timeout:0 attempts:0", { timeout: 1000, attempts: 1 }],
    ["ndots:03", { ndots: 3 }],
    // As atoi(3) reads it: up to what is no digit, and 0 if there is none.
    ["ndots:3,timeout:2", { ndots: 3 }],
    ["ndots:2x", { ndots: 2 }],
    ["ndots:x", { ndots: 0 }],
    ["ndots:-1 timeout:-1 attempts:-1", {
      ndots: 15,
      timeout: 1000,
      attempts: 1,
    }],
    ["ndots: 3", { ndots: 3 }],
    ["ndots:+3", { ndots: 3 }],
    ["attempts:four", { attempts: 1 }],
    ["# ndots:0", { ndots: 0 }],
    ["ndots:2#3", { ndots: 2 }],
  ];
  for (const [options, said] of table) assertSays(`options ${options}`, said);
});

Deno.test("parseResolvConf() passes over options that say nothing here", () => {
  for (
    const option of [
      ...["trust-ad", "inet6", "debug", "ndots", "sortlist", "no-reload"],
      ...["NDOTS:3", "xndots:3", "timeout=3", "EDNS0", "xrotate"],
      ...["__proto__:3", "constructor:3"],
    ]
  ) assertSays(`options ${option}`, {});
});

Deno.test("parseResolvConf() reads the options that are switches", () => {
  const table: [options: string, said: Partial<Said>][] = [
    ["edns0", { edns0: true }],
    ["use-vc", { useVc: true }],
    ["rotate", { rotate: true }],
    ["single-request", { singleRequest: true }],
    ["single-request-reopen", { singleRequestReopen: true }],
    ["no-aaaa", { noAaaa: true }],
    ["no-tld-query", { noTldQuery: true }],
    ["rotate\t edns0  use-vc", { rotate: true, edns0: true, useVc: true }],
    // As glibc compares: only as many characters as the option has.
    ["edns0,rotate", { edns0: true }],
  ];
  for (const [options, said] of table) assertSays(`options ${options}`, said);
});

Deno.test("parseResolvConf() takes the addresses that stand for this machine for those that answer", () => {
  const table: [text: string, address: string][] = [
    ["0.0.0.0", "127.0.0.1"],
    ["0", "127.0.0.1"],
    ["::", "::1"],
    ["0:0:0:0:0:0:0:0", "::1"],
    ["::ffff:0.0.0.0", "127.0.0.1"],
    ["::FFFF:192.0.2.1", "192.0.2.1"],
    ["2001:DB8:0::0:1", "2001:db8::1"],
    ["fe80::1%2", "fe80::1%2"],
  ];
  for (const [text, address] of table) {
    assertSays(`nameserver ${text}`, { nameServers: [address] });
  }
  assertSays("nameserver 192.0.2.1,192.0.2.2", {});
});

Deno.test("parseResolvConf() gathers the options of all lines, the last of each", () => {
  const text = "options ndots:2\noptions timeout:3 ndots:4 ndots:3";
  assertSays(text, { ndots: 3, timeout: 3000 });
});

Deno.test("parseResolvConf() never throws, and stays within the limits", () => {
  const word = fc.constantFrom(
    ...["nameserver", "search", "domain", "options", "ndots:", "timeout:"],
    ...["attempts:", "192.0.2.1", "::1", "example", " ", "\t", "\n", "#", ";"],
    ...["0", "7", "99", ".", "-", "%", "\r", "\0", "é", "\ud800"],
  );
  const text = fc.oneof(
    fc.string({ unit: anyCharacter }),
    fc.array(word, { maxLength: 40 }).map((words) => words.join("")),
  );
  fc.assert(
    fc.property(text, (text) => {
      const { nameServers, search, ndots, timeout, attempts } = parseResolvConf(
        text,
      );
      assert(nameServers.length >= 1 && nameServers.length <= 3);
      assert((search ?? []).every((domain) => !/^\.|\.$|[ \t\n]/.test(domain)));
      // What else is in a domain, no name with it is asked for.
      const names = searchList("host", { search, ndots });
      assert(names.every((name) => /^[!-~]+$/.test(name)));
      assert(ndots >= 0 && ndots <= 15);
      assert(timeout >= 1000 && timeout <= 30_000);
      assert(attempts >= 1 && attempts <= 5);
    }),
    { numRuns: 200 },
  );
});

Deno.test("searchList() gives the names in the order of res_search(3)", () => {
  const search = ["corp.example", "example"];
  const table: [name: string, ndots: number, names: string[]][] = [
    ["www", 1, ["www.corp.example", "www.example", "www"]],
    ["www", 0, ["www", "www.corp.example", "www.example"]],
    ["www.lab", 1, ["www.lab", "www.lab.corp.example", "www.lab.example"]],
    ["www.lab", 2, ["www.lab.corp.example", "www.lab.example", "www.lab"]],
    ["a.b.c", 2, ["a.b.c", "a.b.c.corp.example", "a.b.c.example"]],
  ];
  for (const [name, ndots, names] of table) {
    assertEquals(searchList(name, { search, ndots }), names);
  }
});

Deno.test("searchList() takes a name with a dot at its end as it stands", () => {
  for (const ndots of [0, 1, 15]) {
    for (const name of ["www", "www.example"]) {
      const config = { search: ["example"], ndots };
      assertEquals(searchList(`${name}.`, config), [name]);
    }
  }
});

Deno.test("searchList() returns only the name if no domain is searched", () => {
  for (const name of ["www", "www.example"]) {
    assertEquals(searchList(name, { search: [], ndots: 1 }), [name]);
  }
});

Deno.test("searchList() gives no name that the DNS cannot be asked for", () => {
  // Longer than 253 characters, a label longer than 63, an empty label: glibc
  // makes no question of these.
  const long = `${"a.".repeat(124)}a`;
  const table: [name: string, domain: string][] = [
    [long, "example"],
    ["www.lab", "a".repeat(64)],
    ["www.lab", "corp..example"],
  ];
  for (const [name, domain] of table) {
    const config = parseResolvConf(`search ${domain}`);
    assertEquals(searchList(name, config), [name], domain);
  }
});

Deno.test("searchList() takes a dot in front of a search domain as its own, as glibc does", () => {
  const config = parseResolvConf("search .example");
  assertEquals(searchList("www", config), ["www.example", "www"]);
});

Deno.test("searchList() gives no name that never leaves the machine", () => {
  const search = ["localhost", "lab.invalid", "onion", "alt", "example"];
  assertEquals(searchList("www", { search, ndots: 1 }), ["www.example", "www"]);
});

Deno.test("searchList() asks for no top-level domain if that is not wanted", () => {
  const config = { search: ["example"], ndots: 1, noTldQuery: true };
  assertEquals(searchList("www", config), ["www.example"]);
  assertEquals(searchList("a.b", config), ["a.b", "a.b.example"]);
  assertEquals(searchList("www.", config), ["www"]);
});
