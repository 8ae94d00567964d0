import { PermissionError, SocketError } from "../../lib/calls/errors.ts";
import { platformOf } from "../../lib/calls/platform.ts";
import {
  exitStatus,
  patienceOf,
  Signals,
  signalTable,
} from "../../lib/program/ending.ts";
import { assert, assertEquals } from "../assert.ts";

Deno.test("a missing permission is wrong use, any other error a failure", () => {
  assertEquals(exitStatus(new PermissionError("--allow-net")), 1);
  const refused = new SocketError("bind", new Deno.errors.AddrInUse());
  assertEquals(exitStatus(refused), 2);
  assertEquals(exitStatus(new Error("oh")), 2);
});

Deno.test("only who was stopped, and a server, waits no longer for a reader", () => {
  assertEquals(patienceOf(false, 0), 0);
  assertEquals(patienceOf(false, 2), 0);
  assert(patienceOf(false, 130) > 0);
  assert(patienceOf(true, 0) > 0);
});

/** Windows has no signals that a process can send to itself. */
const ignore = Deno.build.os === "windows";

const FIRST_TWO = "Signals gives the exit statuses of the first two signals";
Deno.test(FIRST_TWO, { ignore }, async () => {
  using signals = new Signals({ SIGUSR1: 138, SIGUSR2: 140 });
  // Only waiting for a signal does not keep a process alive.
  const awake = setInterval(() => {}, 1000);
  Deno.kill(Deno.pid, "SIGUSR2");
  assertEquals(await signals.first, 140);
  Deno.kill(Deno.pid, "SIGUSR1");
  assertEquals(await signals.second, 138);
  clearInterval(awake);
});

const IN_A_ROW = "Signals takes a key's signals in quick succession for one";
Deno.test(IN_A_ROW, { ignore }, async () => {
  const table = { SIGUSR1: 138, SIGUSR2: 140 };
  const cases = [
    ["SIGUSR1", 299, 140],
    ["SIGUSR1", 300, 138],
    [undefined, 0, 138],
  ] as const;
  for (const [key, pause, expected] of cases) {
    const times = [1000, 1000 + pause];
    using signals = new Signals(table, key, () => times.shift() ?? NaN);
    const awake = setInterval(() => {}, 1000);
    Deno.kill(Deno.pid, "SIGUSR1");
    assertEquals(await signals.first, 138);
    using again = new Signals(table, undefined);
    Deno.kill(Deno.pid, "SIGUSR1");
    await again.first;
    Deno.kill(Deno.pid, "SIGUSR2");
    await again.second;
    assertEquals(await signals.second, expected);
    clearInterval(awake);
  }
});

Deno.test("signalTable() leaves a client's closed terminal to the system", () => {
  const { signals } = platformOf(Deno.build.os);
  assertEquals(signalTable(false), signals);
});
