import { PermissionError, SocketError } from "../../lib/calls/errors.ts";
import { exitStatus, patienceOf } from "../../lib/program/exit.ts";
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
