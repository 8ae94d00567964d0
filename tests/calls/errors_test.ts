import {
  AddrInfoError,
  type AddrInfoErrorCode,
  lookUpErrorCode,
} from "../../lib/names/addrinfo_error.ts";
import { ConnectError } from "../../lib/sockets/connect_error.ts";
import { describeError } from "../../lib/calls/errno.ts";
import {
  errorEvent,
  PermissionError,
  SocketError,
} from "../../lib/calls/errors.ts";
import { assert, assertEquals } from "../assert.ts";

const ADDRESS = { family: "IPv6", host: "::1", port: 3490 } as const;

const refused = () => new Deno.errors.ConnectionRefused();

Deno.test("AddrInfoError speaks in gai_strerror's words", () => {
  const table: [AddrInfoErrorCode, string][] = [
    ["EAI_ADDRFAMILY", "Address family for hostname not supported"],
    ["EAI_AGAIN", "Temporary failure in name resolution"],
    ["EAI_BADFLAGS", "Bad value for ai_flags"],
    ["EAI_FAIL", "Non-recoverable failure in name resolution"],
    ["EAI_FAMILY", "ai_family not supported"],
    ["EAI_NODATA", "No address associated with hostname"],
    ["EAI_NONAME", "Name or service not known"],
    ["EAI_SERVICE", "Servname not supported for ai_socktype"],
    ["EAI_SOCKTYPE", "ai_socktype not supported"],
    ["EAI_SYSTEM", "System error"],
  ];
  for (const [code, message] of table) {
    const error = new AddrInfoError(code);
    assert(error instanceof Error);
    assertEquals([error.name, error.code, error.message], [
      "AddrInfoError",
      code,
      message,
    ]);
  }
});

Deno.test("AddrInfoError keeps its cause", () => {
  const cause = new Error("timed out");
  assertEquals(new AddrInfoError("EAI_AGAIN", { cause }).cause, cause);
});

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

Deno.test("describeError() gives strerror's words for every errno", () => {
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

Deno.test("SocketError tells the call, the address and the reason", () => {
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

Deno.test("ConnectError tells every address, and has the last one's code", () => {
  const four = { family: "IPv4", host: "127.0.0.1", port: 3490 } as const;
  const errors = [
    new SocketError("connect", refused(), ADDRESS),
    new SocketError("connect", new Deno.errors.TimedOut(), four),
  ];
  const error = new ConnectError("local\nhost", errors);
  assertEquals(error.name, "ConnectError");
  assertEquals(error.code, "ETIMEDOUT");
  assertEquals(error.errors, errors);
  assertEquals(
    error.message,
    'Cannot connect to "local\\nhost": ' +
      "Cannot connect [::1]:3490: Connection refused; " +
      "Cannot connect 127.0.0.1:3490: Connection timed out",
  );
});

Deno.test("lookUpErrorCode() finds the EAI code in Deno's words", () => {
  const prefix = "failed to lookup address information: ";
  const table: [string, AddrInfoErrorCode][] = [
    ["Name or service not known", "EAI_NONAME"],
    ["Temporary failure in name resolution", "EAI_AGAIN"],
    ["No address associated with hostname", "EAI_NODATA"],
    // Other systems have other words.
    ["nodename nor servname provided, or not known", "EAI_NONAME"],
  ];
  for (const [words, code] of table) {
    assertEquals(lookUpErrorCode(new Error(prefix + words)), code);
  }
});

Deno.test("lookUpErrorCode() leaves other errors alone", () => {
  for (const error of [refused(), new Error("No such host"), "words"]) {
    assertEquals(lookUpErrorCode(error), undefined);
  }
});

Deno.test("errorEvent() tells a failed look-up", () => {
  assertEquals(errorEvent(new AddrInfoError("EAI_NONAME")), {
    event: "error",
    step: "getaddrinfo",
    code: "EAI_NONAME",
    message: "Name or service not known",
  });
});

Deno.test("errorEvent() tells a failed call and its address", () => {
  assertEquals(errorEvent(new SocketError("connect", refused(), ADDRESS)), {
    event: "error",
    step: "connect",
    code: "ECONNREFUSED",
    message: "Connection refused",
    address: ADDRESS,
  });
});

Deno.test("errorEvent() has a last word where no address answered", () => {
  const error = new ConnectError("localhost", [
    new SocketError("connect", refused(), ADDRESS),
  ]);
  assertEquals(errorEvent(error), {
    event: "error",
    step: "connect",
    code: "ECONNREFUSED",
    message: "failed to connect",
    final: true,
  });
});

Deno.test("errorEvent() names the flag of a missing permission", () => {
  assertEquals(errorEvent(new PermissionError("--allow-net=[::]:8080")), {
    event: "error",
    step: "permission",
    code: "EPERM",
    message: "needs --allow-net=[::]:8080",
    final: true,
  });
});

Deno.test("errorEvent() tells anything else", () => {
  const { event, step, code } = errorEvent(new TypeError("surprise"));
  assertEquals([event, step, code], ["error", "internal", "EIO"]);
});
