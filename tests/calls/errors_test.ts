import { Endpoint } from "../../lib/address/endpoint.ts";
import {
  CallError,
  errorEvent,
  PermissionError,
  shellQuoted,
  SocketError,
} from "../../lib/calls/errors.ts";
import { assert, assertEquals } from "../assert.ts";

const ADDRESS = Endpoint.parse("[::1]:3490");

const refused = () => new Deno.errors.ConnectionRefused();

Deno.test("SocketError names the call, the address and the reason", () => {
  const cause = refused();
  const error = new SocketError("connect", cause, ADDRESS);
  assertEquals(error.name, "SocketError");
  assertEquals(error.message, "Cannot connect [::1]:3490: Connection refused");
  assertEquals(error.step, "connect");
  assertEquals(error.code, "ECONNREFUSED");
  assertEquals(error.reason, "Connection refused");
  assertEquals(error.address, ADDRESS);
  assertEquals(error.cause, cause);
});

Deno.test("SocketError needs no address", () => {
  const error = new SocketError("recv", new Deno.errors.ConnectionReset());
  assertEquals(error.message, "Cannot recv: Connection reset by peer");
  assert(!("address" in error) || error.address === undefined);
});

Deno.test("errorEvent() reports a failed call and its address", () => {
  assertEquals(errorEvent(new SocketError("connect", refused(), ADDRESS)), {
    event: "error",
    step: "connect",
    code: "ECONNREFUSED",
    message: "Connection refused",
    address: ADDRESS,
  });
});

Deno.test("errorEvent() names the flag of a missing permission", () => {
  assertEquals(errorEvent(new PermissionError("--allow-net=[::]:8080")), {
    event: "error",
    step: "permission",
    code: "EPERM",
    message: "needs '--allow-net=[::]:8080'",
    final: true,
  });
});

Deno.test("errorEvent() reports anything else as internal", () => {
  const { event, step, code } = errorEvent(new TypeError("surprise"));
  assertEquals([event, step, code], ["error", "internal", "EIO"]);
});

Deno.test("Every error of a call is a CallError", () => {
  for (
    const error of [
      new SocketError("bind", refused()),
      new PermissionError("--allow-net"),
    ]
  ) {
    assert(error instanceof CallError);
    assert(error instanceof Error);
  }
});

Deno.test("PermissionError names all the flags that are needed together", () => {
  const flags = ["--allow-net=[::]:80", "--allow-read=/etc/hosts"];
  const error = new PermissionError(...flags);
  assertEquals(error.flag, flags.join(" "));
  assertEquals(
    error.reason,
    "needs '--allow-net=[::]:80' --allow-read=/etc/hosts",
  );
});

Deno.test("shellQuoted() quotes what a shell would read as anything else", () => {
  const table: [word: string, quoted: string][] = [
    ["--allow-net=127.0.0.1:80", "--allow-net=127.0.0.1:80"],
    ["--allow-net=[::1]:80", "'--allow-net=[::1]:80'"],
    ["--allow-read=/a b", "'--allow-read=/a b'"],
    ["--allow-read=it's", `'--allow-read=it'\\''s'`],
    ["$HOME", "'$HOME'"],
    ["~", "'~'"],
    ["", "''"],
  ];
  for (const [word, quoted] of table) {
    assertEquals(shellQuoted(word, "posix"), quoted);
  }
});

Deno.test("shellQuoted() quotes for the shells of Windows as for one", () => {
  const table: [word: string, quoted: string][] = [
    ["--allow-net=127.0.0.1:80", "--allow-net=127.0.0.1:80"],
    ["--allow-net=[::1]:80", '"--allow-net=[::1]:80"'],
    ["--allow-read=C:\\etc\\hosts", "--allow-read=C:\\etc\\hosts"],
    ["--allow-read=C:\\a,C:\\b", '"--allow-read=C:\\a,C:\\b"'],
    ["it's", `"it's"`],
    ['say "hi"', `'say "hi"'`],
    ["$HOME's", "'$HOME''s'"],
    ["", '""'],
  ];
  for (const [word, quoted] of table) {
    assertEquals(shellQuoted(word, "windows"), quoted);
  }
});
