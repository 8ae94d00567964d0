import { programs } from "../../cmd/parley.ts";
import { IpAddress } from "../../lib/address/ip_address.ts";
import { IpPrefix } from "../../lib/address/ip_prefix.ts";
import { joinHostPort } from "../../lib/address/endpoint.ts";
import { endsOf } from "../../lib/sockets/local_addresses.ts";
import { listenDatagram, sendDatagram } from "../../mod.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { portOf, start, type StartOptions } from "../harness.ts";
import { wordsOf } from "../tasks.ts";

type ProgramName =
  | "showip"
  | "time_console"
  | "time_server"
  | "server"
  | "client"
  | "listener"
  | "talker";

/** All but picture, which reads the files that its command line names. */
const names = Object.keys(programs)
  .filter((name) => name !== "picture") as ProgramName[];

/** The flags of a program's task, as a user's shell sees them. */
function taskFlags(name: ProgramName): string[] {
  return wordsOf(name).filter((word) => word.startsWith("--"));
}

/** The same flags with any free port instead of the well-known one. */
function onAnyPort(flags: readonly string[]): string[] {
  return flags.map((flag) => flag.replace(/:(8080|3490|4950)\b/g, ":0"));
}

/** One line of Deno's audit. */
interface Asked {
  readonly permission: string;
  readonly value: string;
}

/** Whether flags grant what was asked for. */
function isGranted(flags: readonly string[], asked: Asked): boolean {
  const prefix = `--allow-${asked.permission}`;
  return flags.some((flag) => {
    const [name, list] = flag.split("=");
    if (name !== prefix) return false;
    return list === undefined ||
      list.split(",").some((each) => covers(each, asked.value));
  });
}

/** A host, an address or a prefix, and a port or any. */
function parted(value: string): [host: string, port: string | undefined] {
  const [, bracketed, bare = "", port] =
    /^(?:\[(.*)\]|([^[\]:]*))(?::(\d+))?$/.exec(value) ?? [];
  return [bracketed ?? bare, port];
}

/** Whether one granted value covers another. */
function covers(granted: string, value: string): boolean {
  if (granted === value) return true;
  const [host, port] = parted(granted);
  const [asked, askedPort] = parted(value);
  if (port !== undefined && port !== askedPort) return false;
  if (host === asked) return true;
  const address = IpAddress.tryParse(asked);
  return host.includes("/") && address !== undefined &&
    IpPrefix.parse(host).contains(address);
}

/** Runs a program under an audit until `use` is done with it. */
async function audit(
  name: ProgramName,
  args: readonly string[],
  options: StartOptions,
  use: (running: ReturnType<typeof start>) => Promise<unknown>,
): Promise<Asked[]> {
  const log = await Deno.makeTempFile();
  try {
    const env = { DENO_AUDIT_PERMISSIONS: log };
    await using running = start(name, args, { env, stdin: "", ...options });
    await use(running);
    await running.end();
    const lines = (await Deno.readTextFile(log)).split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line));
  } finally {
    await Deno.remove(log);
  }
}

/** Each program at its work: what it is given, and what ends it. */
const WORK: Readonly<
  Record<ProgramName, (flags: string[]) => Promise<Asked[]>>
> = {
  showip: (flags) =>
    audit(
      "showip",
      [
        ...["--service", "http", "--reverse", "--canonical"],
        ...["--dns", "127.0.0.1", "--timeout", "0.2"],
        ...["127.0.0.1", "localhost", "host.invalid"],
      ],
      { flags },
      () => Promise.resolve(),
    ),
  time_console: (flags) =>
    audit("time_console", ["--iso"], { flags }, () => Promise.resolve()),
  time_server: (flags) =>
    audit("time_server", ["--port", "0"], { flags }, async (server) => {
      const port = await portOf(server);
      const answer = await fetch(`http://127.0.0.1:${port}/`);
      assertStringIncludes(await answer.text(), "Local time is: ");
      server.signal("SIGTERM");
    }),
  server: (flags) =>
    audit("server", ["--port", "0"], { flags }, async (server) => {
      const port = await portOf(server);
      using conn = await Deno.connect({ hostname: "127.0.0.1", port });
      assertEquals(await conn.read(new Uint8Array(99)), 13);
      server.signal("SIGTERM");
    }),
  client: async (flags) => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const args = ["localhost", `${port}`];
    return await audit("client", args, { flags }, async () => {
      using conn = await listener.accept();
      await conn.write(new Uint8Array(1));
    });
  },
  listener: (flags) =>
    audit("listener", ["--port", "0"], { flags }, async (listener) => {
      await sendDatagram({
        hostname: "127.0.0.1",
        port: await portOf(listener),
        data: new Uint8Array(1),
      });
      await listener.stdout(/1 bytes long/);
      listener.signal("SIGTERM");
    }),
  talker: async (flags) => {
    // On many machines localhost is ::1 first, and no error says who is not
    // there.
    using socket = await listenDatagram({ port: 0 });
    const { port } = socket.addr;
    const args = ["--connect", "--port", `${port}`, "localhost", "ping"];
    return await audit("talker", args, { flags }, async () => {
      const { data, peer } = await socket.receive();
      await socket.sendTo(data, peer);
    });
  },
};

for (const name of names) {
  Deno.test(`${name} asks for nothing that its task does not grant`, async () => {
    const flags = onAnyPort(taskFlags(name));
    const asked = await WORK[name](flags);
    for (const each of asked) {
      assert(isGranted(flags, each), `${each.permission} ${each.value}`);
    }
    // A program that asks for nothing needs no flag, and the other way round.
    assertEquals(asked.length > 0, flags.length > 0);
  });

  Deno.test(`${name}'s task grants what its help says`, async () => {
    const { program } = await programs[name]!();
    // A server's task grants more: any port of this machine.
    const flags = taskFlags(name);
    for (const flag of program.permissions) {
      const [, permission = "", list] = /^--allow-(\w+)(?:=(.*))?$/.exec(flag)!;
      for (const value of list?.split(",") ?? []) {
        assert(isGranted(flags, { permission, value }), `${flag}: ${value}`);
      }
      if (list === undefined) assert(flags.includes(flag), flag);
    }
    assertEquals(flags.length, program.permissions.length);
  });
}

Deno.test("servers are granted this machine's own addresses, and nothing else", () => {
  for (const name of ["time_server", "server", "listener"] as const) {
    assertEquals(taskFlags(name), [
      "--allow-net=[::],0.0.0.0,127.0.0.0/8,[::1]",
    ]);
  }
});

Deno.test("every interface needs both families where one socket takes one", () => {
  const every = (port: number) => {
    const addrs = ["::", "0.0.0.0"].map((hostname) =>
      ({ transport: "tcp", hostname, port }) as const
    );
    return [{ name: null, addrs }];
  };
  const ends = (port: number, covers: boolean) =>
    endsOf(every(port), covers).map(({ hostname, port }) =>
      joinHostPort(hostname, port)
    );
  assertEquals(ends(80, true), ["[::]:80"]);
  assertEquals(ends(80, false), ["[::]:80", "0.0.0.0:80"]);
  assertEquals(ends(0, true), ["[::]:0"]);
  // The second one gets the port that the system chose for the first.
  assertEquals(ends(0, false), ["[::]", "0.0.0.0"]);
});
