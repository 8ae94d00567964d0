import { assert, assertEquals } from "./assert.ts";
import {
  cpuOf,
  dropsOf,
  freePort,
  isInstalled,
  kill,
  mayUnshare,
  memoryOf,
  queuedBytesOf,
} from "./process.ts";

const isLinux = Deno.build.os === "linux";

Deno.test("freePort() returns a port that can be bound", () => {
  const hostname = "127.0.0.1";
  using listener = Deno.listen({ hostname, port: freePort() });
  assert(listener.addr.port > 0);
  const port = freePort("udp");
  const socket = Deno.listenDatagram({ transport: "udp", hostname, port });
  socket.close();
  assertEquals((socket.addr as Deno.NetAddr).port, port);
});

Deno.test("isInstalled() knows what can be run", () => {
  assert(isInstalled(Deno.execPath()));
  assert(!isInstalled("parley-is-not-a-command"));
});

Deno.test("mayUnshare() finds out by making something", () => {
  assert(!mayUnshare(["--not-an-option"]));
  // A user who may make all of them may make each.
  if (mayUnshare()) assert(mayUnshare(["--net"]));
});

Deno.test("kill() ends a process, and does nothing to one that has ended", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "await new Promise(() => setTimeout(() => {}, 60_000))"],
  }).spawn();
  kill(child);
  assertEquals((await child.status).signal, "SIGKILL");
  kill(child);
});

Deno.test({
  name: "memoryOf() and cpuOf() measure a process",
  ignore: !isLinux,
  async fn() {
    assert(await memoryOf(Deno.pid) > 10_000);
    const before = cpuOf(Deno.pid);
    while (cpuOf(Deno.pid) === before);
    assert(cpuOf(Deno.pid) > before);
  },
});

Deno.test({
  name:
    "dropsOf() and queuedBytesOf() count what a socket has, or had no room for",
  ignore: !isLinux,
  async fn() {
    const open = (hostname: string) =>
      Deno.listenDatagram({ transport: "udp", hostname, port: 0 });
    const [full, sender] = [open("::1"), open("::1")];
    const to = full.addr as Deno.NetAddr;
    assertEquals([await dropsOf(to.port), await queuedBytesOf(to.port)], [
      0,
      0,
    ]);
    const data = new Uint8Array(60_000);
    while (await dropsOf(to.port) === 0) await sender.send(data, to);
    assert(await queuedBytesOf(to.port) > 0);
    full.close();
    sender.close();
  },
});
