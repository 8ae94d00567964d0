import { platformOf, type System } from "../../lib/calls/platform.ts";
import { assert, assertEquals } from "../assert.ts";

/** All systems that Deno is built for or names. */
const SYSTEMS: readonly System[] = [
  ...["linux", "darwin", "windows", "freebsd", "netbsd"] as const,
  ...["android", "aix", "solaris", "illumos"] as const,
];

Deno.test("every system has its signals, and servers hear a closed terminal", () => {
  for (const system of SYSTEMS) {
    const { signals, hangUp } = platformOf(system);
    assertEquals(signals.SIGINT, 130, system);
    assertEquals(signals.SIGTERM, 143, system);
    assertEquals(hangUp, { SIGHUP: 129 }, system);
  }
  assertEquals(platformOf("windows").signals.SIGBREAK, 149);
  assertEquals(platformOf("linux").signals.SIGBREAK, undefined);
});

Deno.test("every system has its files", () => {
  for (const system of SYSTEMS) {
    const { hostsFile, servicesFile, resolvConf } = platformOf(system);
    const isWindows = system === "windows";
    const folder = isWindows
      ? /^C:\\Windows\\.*\\etc\\/
      : /^(\/system)?\/etc\//;
    for (const file of [hostsFile, servicesFile]) assert(folder.test(file));
    const hasNone = isWindows || system === "android";
    assertEquals(resolvConf, hasNone ? undefined : "/etc/resolv.conf", system);
  }
});

Deno.test("a pipe takes no more at once than each system promises", () => {
  assertEquals(platformOf("linux").pipeBytes, 4096);
  for (const system of ["darwin", "freebsd"] as const) {
    assertEquals(platformOf(system).pipeBytes, 512);
  }
});

Deno.test("only Linux shares ports, and Windows reuses no address", () => {
  for (const system of SYSTEMS) {
    const { sharesPorts, listenerOptions } = platformOf(system);
    const isLinux = system === "linux" || system === "android";
    assertEquals(sharesPorts, isLinux, system);
    const options = system === "windows" ? [] : ["SO_REUSEADDR"];
    assertEquals(listenerOptions, options, system);
  }
});

Deno.test("every system has its AF_INET6, and the BSDs a length in front", () => {
  const numbers = SYSTEMS.map((system) => platformOf(system).sockaddr.inet6);
  assertEquals(numbers, [10, 30, 23, 28, 24, 10, 24, 26, 26]);
  const withLength = SYSTEMS.filter((system) =>
    platformOf(system).sockaddr.hasLength
  );
  assertEquals(withLength, ["darwin", "freebsd", "netbsd", "aix"]);
});

Deno.test("every system's words for a failed look-up are known", () => {
  const table: readonly (readonly [System, words: string, code: string])[] = [
    ["linux", "Name or service not known", "EAI_NONAME"],
    ["linux", "Name does not resolve", "EAI_NONAME"],
    ["linux", "Try again", "EAI_AGAIN"],
    ["linux", "Temporary failure in name resolution", "EAI_AGAIN"],
    ["darwin", "nodename nor servname provided, or not known", "EAI_NONAME"],
    ["freebsd", "Name does not resolve", "EAI_NONAME"],
    ["windows", "No such host is known", "EAI_NONAME"],
  ];
  for (const [system, words, code] of table) {
    assertEquals(platformOf(system).lookUpWords[words], code, words);
  }
  for (const system of SYSTEMS) {
    const codes = new Set(Object.values(platformOf(system).lookUpWords));
    for (const code of ["EAI_NONAME", "EAI_AGAIN", "EAI_FAIL"] as const) {
      assert(codes.has(code), `${system} ${code}`);
    }
  }
});
