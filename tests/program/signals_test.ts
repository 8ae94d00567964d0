import { platformOf } from "../../lib/calls/platform.ts";
import { Signals, signalTable } from "../../lib/program/signals.ts";
import { assertEquals } from "../assert.ts";

Deno.test("Signals gives the exit statuses of the first two signals", async () => {
  using signals = new Signals({ SIGUSR1: 138, SIGUSR2: 140 });
  // Waiting for a signal alone does not keep a process alive.
  const awake = setInterval(() => {}, 1000);
  Deno.kill(Deno.pid, "SIGUSR2");
  assertEquals(await signals.first, 140);
  Deno.kill(Deno.pid, "SIGUSR1");
  assertEquals(await signals.second, 138);
  clearInterval(awake);
});

Deno.test("signalTable() leaves a client's closed terminal to the system", () => {
  const { signals } = platformOf(Deno.build.os);
  assertEquals(signalTable(false), signals);
});
