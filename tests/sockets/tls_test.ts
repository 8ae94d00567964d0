import { SocketError } from "../../lib/calls/errors.ts";
import { Endpoint } from "../../lib/address/endpoint.ts";
import { pause } from "../../lib/calls/deadline.ts";
import {
  overTls,
  serverTls,
  type ServerTlsOptions,
} from "../../lib/sockets/tls/tls_server.ts";
import { listenStreamTls } from "../../lib/sockets/streams/listen.ts";
import { StreamConn } from "../../lib/sockets/streams/stream.ts";
import {
  connectStreamTls,
  type ConnectStreamTlsSettings,
} from "../../lib/sockets/tls/tls.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { type Certificates, makeCertificates } from "../peers/certificates.ts";
import { peerTest } from "../peers/peers.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const { readTextFile } = Deno;

/** Reads a certificate and its key. */
async function certificate({ path }: Certificates, name: string) {
  const [cert, key] = await Promise.all([
    readTextFile(path(`${name}.pem`)),
    readTextFile(path(`${name}.key`)),
  ]);
  return { cert, key };
}

/** Two ends of one connection over TLS. */
async function pair(
  files: Certificates,
  client: ConnectStreamTlsSettings = {},
  server: Partial<ServerTlsOptions> = {},
): Promise<[client: StreamConn, server: StreamConn]> {
  using raw = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const own = await certificate(files, "leaf");
  const listener = overTls(raw, await serverTls({ ...own, ...server }));
  const accepted = listener.accept().then((conn) => new StreamConn(conn));
  const shaken = accepted.then((conn) => conn.handshake().catch(() => {}));
  const ca = await readTextFile(files.path("ca.pem"));
  try {
    const near = await connectStreamTls({
      endpoint: Endpoint.from(raw.addr),
      serverName: "localhost",
      caCerts: [ca],
      ...client,
    });
    await shaken;
    return [near, await accepted];
  } catch (error) {
    (await accepted).close();
    await shaken;
    throw error;
  }
}

/** Registers a test that needs certificates. */
function tlsTest(name: string, fn: (files: Certificates) => Promise<void>) {
  peerTest(["openssl"], name, async () => {
    await using files = await makeCertificates();
    await fn(files);
  });
}

tlsTest(
  "one type of connection serves TCP and TLS, by Deno's TLS and by Node's",
  async (files) => {
    for (const details of [false, true]) {
      const [near, far] = await pair(files, { details, keepAlive: true });
      using _near = near;
      using _far = far;
      assert(near.isTls && far.isTls);
      assertEquals(near.local, far.peer);
      await near.writeAll(encode("one\ntwo\nthree"));
      assertEquals(decode((await far.readUntil("\n"))!), "one\n");
      assertEquals(decode(await far.readExactly(2)), "tw");
      await assertRejects(
        () => far.readExactly(99, { timeout: 1 }),
        SocketError,
        "timed out",
      );
      await near.closeWrite();
      assertEquals(decode(await far.readAll()), "o\nthree");
      assertEquals(await far.read(new Uint8Array(1)), null);
      // Our half is ended, the other one is not.
      await far.writeAll(encode("answer"));
      await far.closeWrite();
      assertEquals(decode(await near.readAll()), "answer");
    }
  },
);

tlsTest(
  "a connection that is closed has an end, and is not cut off",
  async (files) => {
    for (const details of [false, true]) {
      for (const closing of ["client", "server"] as const) {
        const [client, server] = await pair(files, { details });
        const [near, far] = closing === "client"
          ? [client, server]
          : [server, client];
        using _far = far;
        await near.writeAll(encode("all of it"));
        near.close();
        near.close();
        const error = await assertRejects(
          () => near.write(encode("more")),
          SocketError,
        );
        assertEquals(error.code, "ECANCELED");
        assertEquals(decode(await far.readAll()), "all of it");
      }
    }
  },
);

tlsTest(
  "a connection that is closed in the middle of a write is cut off",
  async (files) => {
    const [near, far] = await pair(files);
    using _near = near;
    const writing = assertRejects(
      () => far.writeAll(new Uint8Array(32 << 20)),
      SocketError,
    );
    await near.readExactly(1);
    far.close();
    assertEquals((await writing).code, "ECANCELED");
    await assertRejects(
      () => near.readAll({ maxBytes: 64 << 20 }),
      SocketError,
      "close_notify",
    );
  },
);

/** Two ends over TLS, and the connection under the server's. */
async function pairOver(
  files: Certificates,
): Promise<[client: Deno.TlsConn, server: StreamConn, under: Deno.TcpConn]> {
  using raw = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = raw.accept();
  const { hostname, port } = raw.addr;
  const near = await Deno.connect({ hostname, port });
  const under = await accepting;
  raw.accept = () => Promise.resolve(under);
  const own = await certificate(files, "leaf");
  const listener = overTls(raw, await serverTls(own));
  const far = new StreamConn(await listener.accept());
  const caCerts = [await readTextFile(files.path("ca.pem"))];
  const client = await Deno.startTls(near, { hostname: "localhost", caCerts });
  await Promise.all([client.handshake(), far.handshake()]);
  return [client, far, under];
}

tlsTest("no more is taken in over TLS than somebody reads", async (files) => {
  const [client, far, under] = await pairOver(files);
  using near = new StreamConn(client);
  using _far = far;
  const read = under.read.bind(under);
  let taken = 0;
  under.read = async (buffer) => {
    const length = await read(buffer);
    taken += length ?? 0;
    return length;
  };
  const size = 8 << 20;
  const writing = near.writeAll(new Uint8Array(size));
  for (let before = -1; before < taken;) {
    before = taken;
    await pause(20);
  }
  assert(taken < 1 << 20, `${taken} bytes were taken in`);
  assertEquals((await far.readExactly(size)).length, size);
  assertEquals(await writing, size);
});

tlsTest("a write over TLS fails if the system refused it", async (files) => {
  const [near, far, under] = await pairOver(files);
  using _near = near;
  using _far = far;
  under.write = () => Promise.reject(new Deno.errors.BrokenPipe());
  const error = await assertRejects(
    () => far.writeAll(encode("hi")),
    SocketError,
  );
  assertEquals([error.step, error.code], ["send", "EPIPE"]);
});

tlsTest("certificates and keys of no use open nothing", async (files) => {
  const leaf = await certificate(files, "leaf");
  const other = await certificate(files, "self");
  const cases: [Partial<ServerTlsOptions>, string][] = [
    [{ cert: "" }, "cert holds no certificate in PEM"],
    [{ cert: leaf.key }, "cert holds no certificate in PEM"],
    [{ key: leaf.cert }, "key holds no private key in PEM"],
    [{ key: leaf.key.slice(0, 100) }, "cert or key is broken"],
    [{ key: other.key }, "key is not the key of cert"],
    [{ clientCaCerts: ["x"] }, "clientCaCerts[0] holds no certificate in PEM"],
  ];
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = taken.addr;
  for (const [wrong, message] of cases) {
    // The port is taken: whatever binds first fails with EADDRINUSE.
    const options = { hostname, port, ...leaf, ...wrong };
    await assertRejects(() => listenStreamTls(options), TypeError, message);
  }
  const trust = [leaf.cert, "x"];
  await assertRejects(
    () => connectStreamTls({ hostname, port, caCerts: trust }),
    TypeError,
    "caCerts[1] holds no certificate in PEM",
  );
});

tlsTest("handshake() says what was asked for", async (files) => {
  const [near, far] = await pair(files, { details: true });
  using _near = near;
  using _far = far;
  const info = (await near.handshake())!;
  assertEquals(info.protocol, "TLSv1.3");
  assert(info.cipher?.startsWith("TLS_"));
  const peerCertificate = info.peerCertificate!;
  assertEquals(peerCertificate.subject, "CN=leaf");
  assertEquals(peerCertificate.issuer, "CN=ca");
  assert(peerCertificate.subjectAltNames.includes("DNS:localhost"));
  assert(peerCertificate.validFrom < peerCertificate.validTo);
  assertEquals(peerCertificate.raw[0], 0x30);
  assertEquals((await far.handshake())?.peerCertificate, undefined);
});

tlsTest("both ends agree on a protocol above TLS", async (files) => {
  for (const details of [false, true]) {
    const [near, far] = await pair(
      files,
      { details, alpnProtocols: ["h2", "http/1.1"] },
      { alpnProtocols: ["http/1.1"] },
    );
    using _near = near;
    using _far = far;
    assertEquals((await near.handshake())?.alpnProtocol, "http/1.1");
    assertEquals((await far.handshake())?.alpnProtocol, "http/1.1");
  }
});

tlsTest(
  "a client shows its certificate, and one without is turned away",
  async (files) => {
    const ca = await readTextFile(files.path("ca.pem"));
    const server = { clientCaCerts: [ca] };
    const own = await certificate(files, "leaf");
    const [near, far] = await pair(files, { certificate: own }, server);
    using _near = near;
    using _far = far;
    const shown = (await far.handshake())?.peerCertificate;
    assertEquals(shown?.subject, "CN=leaf");
    await near.writeAll(encode("hi"));
    assertEquals(decode(await far.readExactly(2)), "hi");
    for (const name of [undefined, "self", "other"]) {
      const own = name === undefined
        ? undefined
        : await certificate(files, name);
      const [near, far] = await pair(files, { certificate: own }, server);
      using _near = near;
      using _far = far;
      const error = await assertRejects(() => far.handshake(), SocketError);
      far.close();
      // A client of TLS 1.3 hears of it only when it reads.
      await assertRejects(() => near.readExactly(1), SocketError);
      assertEquals(error.step, "handshake");
    }
  },
);

tlsTest(
  "a server that is not trusted, or is another one, is refused by either TLS",
  async (files) => {
    for (const details of [false, true]) {
      for (
        const wrong of [{ caCerts: [] }, { serverName: "elsewhere.localhost" }]
      ) {
        const error = await assertRejects(
          () => pair(files, { details, ...wrong }),
          SocketError,
        );
        assertEquals(error.step, "handshake");
      }
      const [near, far] = await pair(files, { details, serverName: "127.1" });
      near.close();
      far.close();
    }
  },
);

tlsTest(
  "TLS goes over a connection from an address of one's own",
  async (files) => {
    const [near, far] = await pair(files, { localAddress: "127.0.0.1" });
    using _near = near;
    using _far = far;
    await far.writeAll(encode("hi"));
    assertEquals(decode(await near.readExactly(2)), "hi");
  },
);
