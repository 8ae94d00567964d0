import { describeError, isErrno } from "../../lib/calls/errno.ts";
import { assertEquals } from "../assert.ts";

const refused = () => new Deno.errors.ConnectionRefused();

Deno.test("describeError() knows Deno's errors by their class", () => {
  const { errors } = Deno;
  const table: [Error, string, string][] = [
    [new errors.AddrInUse(), "EADDRINUSE", "Address already in use"],
    [
      new errors.AddrNotAvailable(),
      "EADDRNOTAVAIL",
      "Cannot assign requested address",
    ],
    [new errors.BrokenPipe(), "EPIPE", "Broken pipe"],
    [refused(), "ECONNREFUSED", "Connection refused"],
    [new errors.ConnectionReset(), "ECONNRESET", "Connection reset by peer"],
    [
      new errors.ConnectionAborted(),
      "ECONNABORTED",
      "Software caused connection abort",
    ],
    [
      new errors.NotConnected(),
      "ENOTCONN",
      "Transport endpoint is not connected",
    ],
    [new errors.PermissionDenied(), "EACCES", "Permission denied"],
    [new errors.TimedOut(), "ETIMEDOUT", "Connection timed out"],
    [
      new DOMException("Timed out", "TimeoutError"),
      "ETIMEDOUT",
      "Connection timed out",
    ],
    [new DOMException("", "AbortError"), "ECANCELED", "Operation canceled"],
  ];
  for (const [error, code, reason] of table) {
    assertEquals(describeError(error), { code, reason }, error.name);
  }
});

Deno.test("describeError() returns strerror's words for every errno", () => {
  const table: [string, string][] = [
    ["EACCES", "Permission denied"],
    ["EAFNOSUPPORT", "Address family not supported by protocol"],
    ["EHOSTUNREACH", "No route to host"],
    ["EINVAL", "Invalid argument"],
    ["EMFILE", "Too many open files"],
    ["EMSGSIZE", "Message too long"],
    ["ENETUNREACH", "Network is unreachable"],
    ["ENFILE", "Too many open files in system"],
    ["ENOBUFS", "No buffer space available"],
    ["EPERM", "Operation not permitted"],
  ];
  for (const [code, reason] of table) {
    const error = Object.assign(new Error("x (os error 1)"), { code });
    assertEquals(describeError(error), { code, reason });
  }
});

Deno.test("describeError() leaves the system's words without their number", () => {
  const error = Object.assign(new Error("Host is down (os error 112)"), {
    code: "EHOSTDOWN",
  });
  assertEquals(describeError(error), {
    code: "EHOSTDOWN",
    reason: "Host is down",
  });
});

Deno.test("describeError() takes anything that can be thrown", () => {
  for (const thrown of ["words", 0, null, undefined]) {
    assertEquals(describeError(thrown), {
      code: "EIO",
      reason: String(thrown),
    });
  }
});

Deno.test("describeError() knows what Deno throws for a refused connection", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = listener.addr;
  listener.close();
  const error = await Deno.connect({ hostname, port }).catch((error) => error);
  assertEquals(describeError(error), {
    code: "ECONNREFUSED",
    reason: "Connection refused",
  });
});

Deno.test("describeError() finds no errno in the name of an object's method", () => {
  for (const word of ["constructor", "valueOf", "__proto__"]) {
    const named = Object.assign(new Error("odd"), { name: word });
    assertEquals(describeError(named), { code: "EIO", reason: "odd" });
    const coded = Object.assign(new Error("odd"), { code: word });
    assertEquals(describeError(coded), { code: word, reason: "odd" });
    assertEquals(isErrno(word), false);
  }
});
