import { platformOf } from "../../lib/calls/platform.ts";
import {
  CLIENT_PERMISSIONS,
  LOOK_UP_PERMISSIONS,
  readFlag,
} from "../../lib/program/common.ts";
import { UsageError } from "../../lib/program/options.ts";
import { requireSharedPorts } from "../../lib/program/stream_server.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

Deno.test("readFlag() names each system's own files", () => {
  assertEquals(
    readFlag(platformOf("linux")),
    "--allow-read=/etc/hosts,/etc/services,/etc/resolv.conf",
  );
  const etc = "C:\\Windows\\System32\\drivers\\etc";
  assertEquals(
    readFlag(platformOf("windows")),
    `--allow-read=${etc}\\hosts,${etc}\\services`,
  );
  assertEquals(
    readFlag(platformOf("android")),
    "--allow-read=/system/etc/hosts,/etc/services",
  );
});

Deno.test("a port can only be shared where the system has that", () => {
  requireSharedPorts(platformOf("linux"));
  for (const system of ["darwin", "windows", "freebsd"] as const) {
    assertThrows(
      () => requireSharedPorts(platformOf(system)),
      UsageError,
      "--reuse-port: processes share a port on Linux only",
    );
  }
});

Deno.test("a client may reach all of the network, a look-up only name servers", () => {
  assertEquals(CLIENT_PERMISSIONS[0], "--allow-net");
  assert(LOOK_UP_PERMISSIONS[0]!.startsWith("--allow-net"));
  assertEquals(CLIENT_PERMISSIONS.slice(1), LOOK_UP_PERMISSIONS.slice(1));
});
