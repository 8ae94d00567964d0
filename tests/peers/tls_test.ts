import { assertEquals, assertMatch } from "../assert.ts";
import {
  assertResult,
  checkEach,
  type Peer as OwnPeer,
  readAll,
  streamPeer,
  utf8,
} from "../cmd/support.ts";
import { runMany } from "../cmd/run_many.ts";
import { CLOSED_PORT, portOf, run, Running, start } from "../harness.ts";
import {
  BOTH,
  type Certificates,
  FOREIGN,
  makeCertificates,
  openssl,
} from "./certificates.ts";
import {
  finish,
  IPV4,
  IPV6,
  type Loopback,
  type Peer,
  peerTest,
  socat,
} from "./peers.ts";

const GREETING = "Hello, world!";
const HEAD = "HTTP/1.1 200 OK\r\nConnection: close\r\n" +
  "Content-Type: text/plain\r\n\r\n";
const TIME = /^Local time is: .{24}\n$/;
const ANSWER = new RegExp(`^${HEAD}${TIME.source.slice(1)}`);

/** All tests share them: to make them takes longer than most of the tests. */
let shared: Promise<Certificates> | undefined;

Deno.test.afterAll(async () => {
  await (await shared)?.[Symbol.asyncDispose]();
});

/** Registers a test that needs certificates; it changes none of them. */
function tlsTest(
  peers: readonly Peer[],
  name: string,
  fn: (certificates: Certificates) => Promise<void>,
): void {
  peerTest(["openssl", ...peers], name, async () => {
    await fn(await (shared ??= makeCertificates()));
  });
}

/** Registers such a test once for IPv4 and once for IPv6. */
function tlsTestOverBoth(
  peers: readonly Peer[],
  name: string,
  fn: (certificates: Certificates, loopback: Loopback) => Promise<void>,
): void {
  for (const loopback of [IPV4, IPV6]) {
    const full = `${name} over IPv${loopback.version}`;
    tlsTest(peers, full, (certificates) => fn(certificates, loopback));
  }
}

/** Starts a server that speaks TLS. */
function serve(
  program: "time_server" | "server",
  certificates: Certificates,
  { certificate = "leaf", args = [] as readonly string[] } = {},
): Running {
  const tls = certificates.server(certificate);
  return start(program, ["--port", "0", ...tls, ...args]);
}

/** What a curl gets that trusts some certificates. */
function curl(ca: string, url: string, ...args: string[]) {
  const line = ["--silent", "--show-error", "--max-time", "20"];
  return finish(new Running("curl", [...line, "--cacert", ca, ...args, url]));
}

/** Starts a client of openssl's that trusts some certificates. */
function sClient(
  ca: string,
  { bracketed }: Loopback,
  port: number,
  ...args: string[]
): Running {
  return new Running("openssl", [
    ...["s_client", "-quiet", "-verify_return_error", "-CAfile", ca],
    ...["-connect", `${bracketed}:${port}`, ...args],
  ]);
}

/** Starts a server of openssl's, and returns its port. */
async function sServer(
  certificates: Certificates,
  certificate: string,
  { bracketed }: Loopback = IPV4,
  ...args: string[]
): Promise<Running & { readonly port: number }> {
  const { path } = certificates;
  const running = new Running("openssl", [
    ...["s_server", "-accept", `${bracketed}:0`, ...args],
    ...["-cert", path(`${certificate}.pem`)],
    ...["-key", path(`${certificate}.key`)],
    ...["-cert_chain", path(`${certificate}.pem`)],
  ]);
  const [, port] = await running.stdout(/^ACCEPT .*:(\d+)\n/m);
  return Object.assign(running, { port: Number(port) });
}

/** Fails unless a server of either kind answers over TLS. */
async function assertServes(
  certificates: Certificates,
  port: number,
): Promise<void> {
  await using peer = sClient(certificates.path("ca.pem"), IPV4, port);
  // Who greets unasked may have done so before it is asked.
  await peer.write("GET / HTTP/1.1\r\n\r\n").catch(() => {});
  assertMatch((await peer.end()).stdout, /^(Hello|HTTP)/);
}

tlsTestOverBoth(
  ["curl"],
  "time_server sends curl the time over TLS",
  async (certificates, { bracketed }) => {
    await using server = serve("time_server", certificates);
    const port = await portOf(server);
    await server.stdout(new RegExp(`\nOpen https://localhost:${port}/\n`));
    const url = `https://${bracketed}:${port}/`;
    const ca = certificates.path("ca.pem");
    const body = await curl(ca, url);
    assertMatch(body.stdout, TIME);
    assertResult(body, { stdout: body.stdout });
    assertResult(await curl(ca, url, "--head"), { stdout: HEAD });
    // 60: the certificate cannot be verified.
    const other = await curl(certificates.path("other.pem"), url);
    assertEquals([other.code, other.stdout], [60, ""]);
    const post = await curl(ca, url, "--data", "x".repeat(100_000));
    assertResult(post, { stdout: "Method Not Allowed\n" });
  },
);

for (const version of ["-tls1_2", "-tls1_3"]) {
  tlsTestOverBoth(
    [],
    `time_server and server answer openssl s_client ${version}`,
    async (certificates, loopback) => {
      const ca = certificates.path("ca.pem");
      for (
        const [program, request, answer] of [
          ["time_server", "GET / HTTP/1.1\r\n\r\n", ANSWER],
          ["server", "", new RegExp(`^${GREETING}$`)],
        ] as const
      ) {
        await using server = serve(program, certificates);
        const port = await portOf(server);
        await using peer = sClient(ca, loopback, port, version);
        await peer.write(request);
        const { code, stdout } = await peer.end();
        assertMatch(stdout, answer);
        assertEquals(code, 0);
      }
    },
  );
}

tlsTest(
  [],
  "a server shows the whole chain of its certificate, or one nobody signed",
  async (certificates) => {
    for (const [certificate, ca] of [["chain", "ca"], ["self", "self"]]) {
      const trusted = certificates.path(`${ca}.pem`);
      await using server = serve("server", certificates, { certificate });
      const port = await portOf(server);
      const { code, stdout } = await finish(sClient(trusted, IPV4, port));
      assertEquals({ code, stdout }, { code: 0, stdout: GREETING });
      assertResult(
        await run("client", ["--tls", "--ca", trusted, "::1", `${port}`]),
        {
          stdout: `client: connecting to ::1\nclient: received '${GREETING}'\n`,
        },
      );
    }
  },
);

tlsTestOverBoth(
  [],
  "client --tls hears our server",
  async (certificates, { version, host }) => {
    await using server = serve("server", certificates);
    const port = `${await portOf(server)}`;
    const stdout = `client: connecting to ${host}\n` +
      `client: received '${GREETING}'\n`;
    const ca = ["--tls", "--ca", certificates.path("ca.pem")];
    const lines = [
      [host, port],
      [`-${version}`, BOTH, port],
      ["--server-name", BOTH, host, port],
      [`-${version}`, FOREIGN, port],
      ["--server-name", FOREIGN.toUpperCase(), host, port],
    ].map((args) => ["client", ...ca, ...args] as const);
    const results = await runMany(lines);
    assertEquals(results.length, lines.length);
    for (const result of results) assertResult(result, { stdout });
  },
);

tlsTest(
  [],
  "client --tls knows an IPv4 address in any form by its certificate",
  async (certificates) => {
    await using server = serve("server", certificates);
    const port = `${await portOf(server)}`;
    const ca = ["--tls", "--ca", certificates.path("ca.pem")];
    const results = await runMany(
      ["::ffff:127.0.0.1", "127.1", "１２７.1"]
        .map((host) => ["client", ...ca, host, port] as const),
    );
    assertEquals(results.length, 3);
    for (const result of results) {
      assertResult(result, {
        stdout: "client: connecting to 127.0.0.1\n" +
          `client: received '${GREETING}'\n`,
      });
    }
  },
);

tlsTest(
  [],
  "PEM files may hold more than what is looked for in them",
  async ({ path }) => {
    const [ca, cert, key] = await Promise.all(
      ["ca.pem", "leaf.pem", "leaf.key"].map((name) =>
        Deno.readTextFile(path(name))
      ),
    );
    // As some editors leave a text: a byte order mark, and lines as in Windows.
    const all = `\ufeff${key}Subject: CN = -leaf-\n${cert}`;
    await Deno.writeTextFile(path("all"), all.replaceAll("\n", "\r\n"));
    await Deno.writeTextFile(path("cas"), `\ufeff${ca}${key}${cert}# No more.`);
    const args = ["--cert", path("all"), "--key", path("all"), "--port", "0"];
    await using server = start("server", args);
    const port = `${await portOf(server)}`;
    const line = ["--tls", "--ca", path("cas"), "::1", port];
    assertResult(await run("client", line), {
      stdout: `client: connecting to ::1\nclient: received '${GREETING}'\n`,
    });
  },
);

tlsTestOverBoth(
  [],
  "client --tls --interactive talks with openssl s_server",
  async (certificates, loopback) => {
    const args = ["-rev", "-naccept", "1"];
    await using peer = await sServer(certificates, "leaf", loopback, ...args);
    const ca = certificates.path("ca.pem");
    const line = ["-i", "--tls", "--ca", ca, loopback.host, `${peer.port}`];
    await using client = start("client", line);
    await client.write("hello\n");
    await client.stdout(/^olleh\n$/);
    await client.write("CLOSE\n");
    await client.closeStdin();
    const { code, stdout } = await client.end();
    assertEquals({ code, stdout }, { code: 0, stdout: "olleh\n" });
  },
);

tlsTest(["socat"], "client --tls hears socat", async (certificates) => {
  const { path } = certificates;
  const address = "OPENSSL-LISTEN:0,bind=127.0.0.1,verify=0," +
    `cert=${path("leaf.pem")},key=${path("leaf.key")}`;
  await using peer = socat([address, "STDIO"], { stdin: "from socat" });
  const [, port] = await peer.stderr(/listening on .*:(\d+)\n/);
  const args = ["--tls", "--ca", path("ca.pem"), "127.0.0.1", `${port}`];
  assertResult(await run("client", args), {
    stdout: "client: connecting to 127.0.0.1\nclient: received 'from socat'\n",
  });
});

tlsTest(
  [],
  "client --tls goes on to the next address where the first one is refused",
  async (certificates) => {
    await using peer = await sServer(certificates, "leaf", IPV4, "-rev");
    const ca = certificates.path("ca.pem");
    const args = ["-i", "--tls", "--ca", ca, BOTH, `${peer.port}`];
    await using client = start("client", args);
    await client.write("CLOSE\n");
    await client.closeStdin();
    assertResult(await client.end(), {
      stderr: "client: connect: Connection refused\n" +
        "client: connecting to 127.0.0.1\n",
    });
  },
);

/** What the client says of a certificate. */
const UNTRUSTED = /the certificate's issuer is not trusted/;
const MISNAMED = /the certificate is for another name/;

/** Fails unless the handshake does, which is reported in one clear line. */
async function assertNoHandshake(
  { port }: { readonly port: number },
  args: readonly string[],
  reason: RegExp,
): Promise<void> {
  const line = ["--tls", ...args, "127.0.0.1", `${port}`];
  const { code, stdout, stderr } = await run("client", line);
  assertMatch(stderr, new RegExp(`^client: handshake: ${reason.source}\n$`));
  assertEquals(
    { code, stdout },
    { code: 2, stdout: "client: connecting to 127.0.0.1\n" },
  );
}

tlsTest(
  [],
  "client --tls reports why it does not trust openssl s_server",
  async (certificates) => {
    const ca = ["--ca", certificates.path("ca.pem")];
    const cases: readonly (readonly [
      certificate: string,
      args: readonly string[],
      reason: RegExp,
    ])[] = [
      ["leaf", [], UNTRUSTED],
      ["leaf", ["--ca", certificates.path("other.pem")], UNTRUSTED],
      ["self", ca, UNTRUSTED],
      ["expired", ca, /the certificate has expired/],
      ["leaf", [...ca, "--server-name", "wrong.test"], MISNAMED],
      ["leaf", [...ca, "--server-name", "127.0.0.2"], MISNAMED],
      ["ca", ca, /the certificate is an authority's own/],
    ];
    await checkEach(cases, async ([certificate, args, reason]) => {
      await using peer = await sServer(certificates, certificate);
      await assertNoHandshake(peer, args, reason);
    });
  },
);

tlsTest(
  [],
  "client --tls reports that openssl s_server speaks another version",
  async (certificates) => {
    const old = ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"];
    await using peer = await sServer(certificates, "leaf", IPV4, ...old);
    const ca = ["--ca", certificates.path("ca.pem")];
    await assertNoHandshake(peer, ca, /no version of TLS in common/);
  },
);

/** Servers that speak no TLS, what the client is given, and what it reports. */
const STRANGERS: Readonly<
  Record<
    string,
    readonly [
      peer: () => OwnPeer,
      args: readonly string[],
      reason: RegExp,
    ]
  >
> = {
  "greets in the clear": [
    () =>
      streamPeer(async (conn) => {
        await conn.write(utf8(GREETING));
        await readAll(conn);
      }),
    [],
    /the peer speaks no TLS/,
  ],
  "leaves without a word": [
    () =>
      streamPeer(async (conn) => {
        // What is read is not reset.
        await conn.read(new Uint8Array(4096));
      }),
    [],
    /the peer left before its end: end of file/,
  ],
  "says nothing": [
    () => streamPeer(readAll),
    ["--timeout", "0.5"],
    /Connection timed out/,
  ],
};

for (const [what, [peer, args, reason]] of Object.entries(STRANGERS)) {
  Deno.test(`client --tls reports a server that ${what}`, async () => {
    await using stranger = peer();
    await assertNoHandshake(stranger, args, reason);
  });
}

tlsTest(
  [],
  "client --tls reports that openssl s_server was cut off",
  async (certificates) => {
    await using peer = await sServer(certificates, "leaf");
    const ca = certificates.path("ca.pem");
    const args = ["--tls", "--trace", "--ca", ca, "127.0.0.1", `${peer.port}`];
    await using client = start("client", args);
    await client.stderr(/^handshake\(3, "127\.0\.0\.1"\) = 0 /m);
    await peer.write("half");
    await client.stderr(/^recv\(3, "half", \d+\) = 4 /m);
    peer.signal("SIGKILL");
    await client.stderr(
      /^client: recv: (?!Input\/output error).*close_notify$/m,
    );
    const { code, stdout } = await client.end();
    assertEquals(
      { code, stdout },
      {
        code: 2,
        stdout: "client: connecting to 127.0.0.1\nclient: received 'half'\n",
      },
    );
  },
);

tlsTest(
  ["curl"],
  "time_server's TLS is not held up by who does not speak it, or not yet",
  async (certificates) => {
    const args = ["--timeout", "0", "--trace"];
    await using server = serve("time_server", certificates, { args });
    const port = await portOf(server);
    using silent = await Deno.connect({ hostname: "127.0.0.1", port });
    using hesitant = await Deno.connect({ hostname: "::1", port });
    // A record that begins as a greeting does, and breaks off.
    await hesitant.write(new Uint8Array([22, 3, 1, 2, 0, 1, 0]));
    const ca = certificates.path("ca.pem");
    const plain = await curl(ca, `http://127.0.0.1:${port}/`);
    assertEquals([plain.code === 0, plain.stdout.includes("Local")], [
      false,
      false,
    ]);
    await server.stderr(/^time_server: handshake: the peer speaks no TLS\n/m);
    for (const { bracketed } of [IPV4, IPV6]) {
      const { stdout } = await curl(ca, `https://${bracketed}:${port}/`);
      assertMatch(stdout, TIME);
    }
    await silent.closeWrite();
    await hesitant.closeWrite();
    await Promise.all([readAll(silent), readAll(hesitant)]);
    assertMatch((await curl(ca, `https://127.0.0.1:${port}/`)).stdout, TIME);
  },
);

tlsTest(
  [],
  "time_server and server give up those who never finish the handshake",
  async (certificates) => {
    // Both wait at the same time.
    await checkEach(["time_server", "server"] as const, async (program) => {
      const args = ["--timeout", "1", "--max-connections", "1"];
      await using server = serve(program, certificates, { args });
      const port = await portOf(server);
      using silent = await Deno.connect({ hostname: "127.0.0.1", port });
      assertEquals(await readAll(silent), "");
      await assertServes(certificates, port);
    });
  },
);

/** A crowd that makes the handshake, and resets the connection at once. */
const RESETTING = `
import socket, ssl, struct, sys
context = ssl._create_unverified_context()
for _ in range(50):
    raw = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    conn = context.wrap_socket(raw)
    linger = struct.pack("ii", 1, 0)
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    conn.close()
`;

for (const program of ["time_server", "server"] as const) {
  tlsTest(
    ["python3"],
    `${program} lets go of those who reset a connection over TLS`,
    async (certificates) => {
      const args = ["--max-connections", "10"];
      await using server = serve(program, certificates, { args });
      const port = await portOf(server);
      const line = ["-c", RESETTING, `${port}`];
      assertEquals((await finish(new Running("python3", line))).code, 0);
      await assertServes(certificates, port);
    },
  );
}

/** What a peer may say before it ends its half: less than a handshake takes. */
const BEGINNINGS: Readonly<Record<string, readonly number[]>> = {
  "nothing": [],
  "the beginning of a record": [22, 3, 1, 2, 0, 1, 0],
};

for (const program of ["time_server", "server"] as const) {
  for (const [what, beginning] of Object.entries(BEGINNINGS)) {
    tlsTest(
      [],
      `${program} lets go of those who say ${what} and end their half`,
      async (certificates) => {
        // Only their end can free the one place that there is.
        const args = ["--timeout", "0", "--max-connections", "1"];
        await using server = serve(program, certificates, { args });
        const port = await portOf(server);
        using leaver = await Deno.connect({ hostname: "127.0.0.1", port });
        await leaver.write(new Uint8Array(beginning));
        await leaver.closeWrite();
        assertEquals(await readAll(leaver), "");
        await assertServes(certificates, port);
      },
    );
  }
}

tlsTest(
  [],
  "TLS on a command line is refused where it is wrong",
  async (certificates) => {
    const { path } = certificates;
    const [cert, key] = [path("leaf.pem"), path("leaf.key")];
    await Deno.writeTextFile(path("text"), "no PEM\n");
    await Deno.writeTextFile(path("empty"), "");
    const good = await Deno.readTextFile(cert);
    const [begin = "", , ...rest] = good.split("\n");
    const garbage = [begin, "AAAA", ...rest].join("\n");
    await Deno.writeTextFile(path("garbage"), `${good}${garbage}${good}`);
    await Deno.writeTextFile(path("cut"), `${good}${good.slice(0, -80)}`);
    const seal = ["-in", key, "-passout", "pass:secret", "-out"];
    await Promise.all([
      openssl("pkcs8", "-topk8", ...seal, path("sealed")),
      openssl("ec", "-aes128", ...seal, path("sealed.old")),
    ]);
    const server: readonly (readonly [
      args: readonly string[],
      complaint: RegExp,
    ])[] = [
      [["--cert", cert], /--cert needs --key/],
      [["--key", key], /--key needs --cert/],
      [["--cert", path("none"), "--key", key], /--cert: .*No such file/],
      [["--cert", cert, "--key", path("none")], /--key: .*No such file/],
      [["--cert", path("."), "--key", key], /--cert: .*Is a directory/],
      [["--cert", path("text"), "--key", key], /--cert: .*no certificate/],
      [["--cert", path("empty"), "--key", key], /--cert: .*no certificate/],
      [["--cert", key, "--key", key], /--cert: .*no certificate/],
      [["--cert", cert, "--key", path("text")], /--key: .*no private key/],
      [["--cert", cert, "--key", cert], /--key: .*no private key/],
      [["--cert", cert, "--key", path("self.key")], /--key: .*not the key/],
      [["--cert", "", "--key", key], /--cert is empty/],
      [["--cert", cert, "--key", ""], /--key is empty/],
      [
        ["--cert", path("garbage"), "--key", key],
        /--cert: .*certificate 2 of 3 is broken/,
      ],
      [
        ["--cert", path("cut"), "--key", key],
        /--cert: .*certificate 2 of 2 is broken/,
      ],
      [["--cert", cert, "--key", path("sealed")], /--key: .* is encrypted: /],
      [
        ["--cert", cert, "--key", path("sealed.old")],
        /--key: .* is encrypted: /,
      ],
    ];
    const client: typeof server = [
      [["--ca", cert], /--ca needs --tls/],
      [["--server-name", "localhost"], /--server-name needs --tls/],
      [["--tls", "--ca", path("none")], /--ca: .*No such file/],
      [["--tls", "--ca", path("text")], /--ca: .*no certificate/],
      [["--tls", "--ca", key], /--ca: .*no certificate/],
      [["--tls", "--ca", ""], /--ca is empty/],
      [["--tls", "--ca", path("garbage")], /--ca: .* 2 of 3 is broken/],
      [["--tls", "--ca", path("cut")], /--ca: .* 2 of 2 is broken/],
      [["--tls", "--server-name", ""], /--server-name is empty/],
      ...[
        ...["a b", "a..b", ".a", "*.a", "-a", "a-", "a.-b", "a-.b", "ü b"],
        ...["1.2.3", "256.1.1.1", "a.1", "a.1.", "127.1", "[::1]", "::1%1"],
      ].map((name) =>
        [
          ["--tls", `--server-name=${name}`],
          /--server-name: .* neither/,
        ] as const
      ),
    ];
    using taken = Deno.listen({ hostname: "0.0.0.0", port: 0 });
    // One that binds or connects all the same fails in another way.
    const bound = ["--port", `${taken.addr.port}`];
    const cases = [
      ...server.map(([args, complaint], i) =>
        // Both have the same options.
        [
          i % 4 === 0 ? "time_server" : "server",
          [...bound, ...args],
          complaint,
        ] as const
      ),
      ...client.map(([args, complaint]) =>
        ["client", [...args, "127.0.0.1", CLOSED_PORT], complaint] as const
      ),
    ];
    const results = await runMany(
      cases.map(([program, args]) => [program, ...args]),
    );
    for (const [i, [program, , complaint]] of cases.entries()) {
      const { code, stdout, stderr } = results[i]!;
      const [line = "", usage = "", help, ...rest] = stderr.split("\n");
      assertMatch(line, new RegExp(`^${program}: ${complaint.source}`));
      assertMatch(usage, new RegExp(`^usage: ${program} `));
      assertEquals(help, `Try '${program} --help'.`);
      assertEquals({ code, stdout, rest }, { code: 1, stdout: "", rest: [""] });
    }
  },
);

/** Kinds of keys, and whether TLS can be spoken with them here. */
const KINDS: readonly (readonly [isOfUse: boolean, ...kind: string[]])[] = [
  [true, "rsa:2048"],
  [true, "ec", "-pkeyopt", "ec_paramgen_curve:secp384r1"],
  [true, "ec", "-pkeyopt", "ec_paramgen_curve:secp521r1"],
  [true, "ed25519"],
  [false, "rsa:1024"],
  [false, "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048"],
  [false, "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"],
  [false, "ed448"],
];

tlsTest(
  [],
  "a key with which TLS cannot be spoken is refused on the command line",
  async ({ path, server }) => {
    using taken = Deno.listen({ hostname: "0.0.0.0", port: 0 });
    const bound = ["--port", `${taken.addr.port}`];
    const names = KINDS.map((_, i) => `kind${i}`);
    await checkEach(KINDS.entries(), async ([i, [, ...kind]]) => {
      await openssl(
        ...["req", "-x509", "-nodes", "-subj", "/CN=kind", "-newkey", ...kind],
        ...[
          "-keyout",
          path(`${names[i]}.key`),
          "-out",
          path(`${names[i]}.pem`),
        ],
      );
    });
    const results = await runMany(
      names.map((name) => ["server", ...bound, ...server(name)]),
    );
    for (const [i, [isOfUse]] of KINDS.entries()) {
      const { code, stdout, stderr } = results[i]!;
      // What is of use gets as far as to the port, which is taken.
      const complaint = isOfUse
        ? /^server: bind: /
        : /^server: --key: .* of no use for TLS: .*\nusage: server .*\nTry .*\n$/;
      assertMatch(stderr, complaint);
      assertEquals({ code, stdout }, { code: isOfUse ? 2 : 1, stdout: "" });
    }
  },
);

Deno.test("TLS's options are checked before what may be read", async () => {
  const flags = ["--allow-net"];
  for (
    const [program, args, complaint] of [
      ["server", ["--cert", "", "--key", ""], /--cert is empty/],
      ["client", ["--tls", "--ca", "", "127.0.0.1"], /--ca is empty/],
    ] as const
  ) {
    const { code, stdout, stderr } = await run(program, args, { flags });
    const line =
      `^${program}: ${complaint.source}\nusage: ${program} .*\nTry .*\n$`;
    assertMatch(stderr, new RegExp(line));
    assertEquals({ code, stdout }, { code: 1, stdout: "" });
  }
});

Deno.test({
  name: "client --tls reports what it takes to read a device",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const args = ["--tls", "--ca", "/dev/stdin", "127.0.0.1", CLOSED_PORT];
    const read = "--allow-read=/dev/stdin";
    for (
      const [flags, flag] of [
        [["--allow-net"], read],
        [["--allow-net", read], "--allow-all"],
      ] as const
    ) {
      const stderr = `client: needs ${flag}\n`;
      assertResult(await run("client", args, { flags }), { code: 1, stderr });
    }
  },
});
