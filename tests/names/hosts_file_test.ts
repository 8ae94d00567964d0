import { IpAddress } from "../../lib/address/ip_address.ts";
import type { Family } from "../../lib/address/inet.ts";
import type { ResolutionEvent } from "../../lib/names/events.ts";
import { HostsFile } from "../../lib/names/hosts_file.ts";
import { assertEquals } from "../assert.ts";
import { isInstalled } from "../harness.ts";

/** Runs with a hosts file of its own. */
async function withFile(
  text: string,
  run: (file: HostsFile, path: string) => Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, text);
    await run(new HostsFile(path), path);
  } finally {
    await Deno.remove(path);
  }
}

/** What a file has for a name: the addresses and the canonical name. */
async function find(
  file: HostsFile,
  name: string,
  families: readonly Family[] = ["IPv6", "IPv4"],
  v4ByItself = families.length === 1 && families[0] === "IPv4",
): Promise<string | undefined> {
  const found = await file.findHost({ name, families, v4ByItself });
  return found && [...found.addresses, found.canonicalName].join(" ");
}

const TEXT = `
::ffff:192.0.2.1 mapped.name mapped
::1 loop.name loop
127.0.0.1 loop.name loop
2001:DB8::2 six.name both
192.0.2.2 four.name both
2001:db8:0::2 again.name both
`;

Deno.test("HostsFile finds each address of a name once, as glibc does", async () => {
  const table: [
    name: string,
    families: Family[] | undefined,
    string | undefined,
  ][] = [
    ["both", undefined, "2001:db8::2 192.0.2.2 six.name"],
    // The canonical name is that of the line whose address is given.
    ["both", ["IPv4"], "192.0.2.2 four.name"],
    ["both", ["IPv6"], "2001:db8::2 six.name"],
    ["mapped", undefined, "::ffff:192.0.2.1 mapped.name"],
    ["mapped", ["IPv4"], "192.0.2.1 mapped.name"],
    ["mapped", ["IPv6"], "::ffff:192.0.2.1 mapped.name"],
    ["loop", undefined, "::1 127.0.0.1 loop.name"],
    ["loop", ["IPv4"], "127.0.0.1 loop.name"],
    ["six.name", ["IPv4"], undefined],
    ["nosuch", undefined, undefined],
  ];
  await withFile(TEXT, async (file) => {
    for (const [name, families, expected] of table) {
      assertEquals(await find(file, name, families), expected, name);
    }
  });
});

Deno.test("HostsFile finds an address's name by the address", async () => {
  const table: [address: string, name: string | undefined][] = [
    ["2001:db8::2", "six.name"],
    ["192.0.2.1", "mapped.name"],
    ["127.0.0.1", "loop.name"],
    ["192.0.2.3", undefined],
  ];
  await withFile(TEXT, async (file) => {
    for (const [text, name] of table) {
      const address = IpAddress.parse(text);
      assertEquals(await file.findName({ address }), name, text);
    }
  });
});

Deno.test("HostsFile sees a file that changes, however little", async () => {
  await withFile("192.0.2.1 host", async (file, path) => {
    assertEquals(await find(file, "host"), "192.0.2.1 host");
    // As long as before, and within the same step of the clock.
    Deno.writeTextFileSync(path, "192.0.2.2 host");
    assertEquals(await find(file, "host"), "192.0.2.2 host");
    Deno.writeTextFileSync(path, "");
    assertEquals(await find(file, "host"), undefined);
  });
});

Deno.test("HostsFile reads a large file for many look-ups at once", async () => {
  const lines = Array.from(
    { length: 5000 },
    (_, i) => `192.0.2.${i % 250} ads${i}.example # ${"é".repeat(i % 7)}`,
  );
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, lines.join("\n"));
    const file = new HostsFile(path, { keep: 0 });
    const asked = [0, 1, 2500, 4998, 4999];
    const found = await Promise.all(
      asked.map((i) => find(file, `ads${i}.example`)),
    );
    assertEquals(
      found,
      asked.map((i) => `192.0.2.${i % 250} ads${i}.example`),
    );
    await file.dropped;
  } finally {
    await Deno.remove(path);
  }
});

/** What a file that cannot be read makes of a look-up. */
async function passedOver(path: string): Promise<ResolutionEvent[]> {
  const told: ResolutionEvent[] = [];
  const observer = { resolution: (event: ResolutionEvent) => told.push(event) };
  const file = new HostsFile(path);
  const found = await file.findHost({
    name: "host",
    families: ["IPv4"],
    v4ByItself: true,
    observer,
  });
  assertEquals(found, undefined);
  return told;
}

Deno.test("HostsFile passes over a file that is not there", async () => {
  const source = "/nosuch/hosts";
  const reason = "not there";
  assertEquals(await passedOver(source), [
    { event: "passedOver", source, reason },
  ]);
});

Deno.test("HostsFile passes over what is no file", async () => {
  const source = await Deno.makeTempDir();
  try {
    const reason = "Is a directory";
    assertEquals(await passedOver(source), [
      { event: "passedOver", source, reason },
    ]);
  } finally {
    await Deno.remove(source);
  }
});

Deno.test({
  name: "HostsFile passes over a pipe, from which nothing comes",
  ignore: !isInstalled("mkfifo"),
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const source = `${folder}/hosts`;
      await new Deno.Command("mkfifo", { args: [source] }).output();
      const reason = "not a regular file";
      assertEquals(await passedOver(source), [
        { event: "passedOver", source, reason },
      ]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("HostsFile takes no byte order mark for a part of an address, in a large file either", async () => {
  const text = "\ufeff192.0.2.1 first\n192.0.2.2 second\n";
  for (const filling of ["", "#\n".repeat(40_000)]) {
    const path = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(path, text + filling);
      const file = new HostsFile(path, { keep: 0 });
      assertEquals(await find(file, "first"), undefined);
      assertEquals(await find(file, "second"), "192.0.2.2 second");
      if (filling !== "") await file.dropped;
    } finally {
      await Deno.remove(path);
    }
  }
});

Deno.test({
  name: "HostsFile names the flag for a file that may not be read",
  permissions: { read: false },
  async fn() {
    const source = "/etc/hosts";
    const reason = "needs --allow-read=/etc/hosts";
    assertEquals(await passedOver(source), [
      { event: "passedOver", source, reason },
    ]);
  },
});
