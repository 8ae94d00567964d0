import { platformOf, type System } from "../../lib/calls/platform.ts";
import { errorEvent } from "../../lib/calls/errors.ts";
import {
  AddrInfoError,
  type AddrInfoErrorCode,
  lookUpErrorCode,
} from "../../lib/names/addrinfo_error.ts";
import { assert, assertEquals } from "../assert.ts";

Deno.test("AddrInfoError has gai_strerror's words", () => {
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

Deno.test("lookUpErrorCode() knows the words of every system", () => {
  const prefix = "failed to lookup address information: ";
  const table: [System, string, AddrInfoErrorCode][] = [
    ["linux", `${prefix}Name does not resolve`, "EAI_NONAME"],
    ["linux", `${prefix}Try again`, "EAI_AGAIN"],
    ["darwin", `${prefix}No address associated with nodename`, "EAI_NODATA"],
    ["freebsd", `${prefix}Name does not resolve`, "EAI_NONAME"],
    ["windows", "No such host is known. (os error 11001)", "EAI_NONAME"],
    [
      "windows",
      "The requested name is valid, but no data of the requested type was " +
      "found. (os error 11004)",
      "EAI_NODATA",
    ],
  ];
  for (const [system, words, code] of table) {
    const error = new Error(words);
    assertEquals(lookUpErrorCode(error, platformOf(system)), code, words);
  }
  const refused = new Error("Connection refused (os error 10061)");
  assertEquals(lookUpErrorCode(refused, platformOf("windows")), undefined);
});

Deno.test("lookUpErrorCode() knows no other errors", () => {
  for (
    const error of [
      new Deno.errors.ConnectionRefused(),
      new Error("No such host"),
      "words",
    ]
  ) {
    assertEquals(lookUpErrorCode(error), undefined);
  }
});

Deno.test("errorEvent() reports a failed look-up", () => {
  assertEquals(errorEvent(new AddrInfoError("EAI_NONAME")), {
    event: "error",
    step: "getaddrinfo",
    code: "EAI_NONAME",
    message: "Name or service not known",
  });
});
