/**
 * Messages that the tests of c-ares and hickory have, and those of
 * draft-dashevskyi-dnsrr-antipatterns, as answers to a look-up: each with the
 * addresses, or the code, that come of it.
 */

import { getAddrInfo } from "../../lib/names/addrinfo.ts";
import { AddrInfoError } from "../../lib/names/addrinfo_error.ts";
import { assertEquals } from "../assert.ts";
import messages from "./malformed_messages.json" with { type: "json" };
import { NameServer } from "./name_server.ts";
import { sideBySide } from "./situations.ts";

/** What the messages are about. */
const HOST = "example.com";

/** So long is waited for an answer that is one. */
const TIMEOUT = 500;

async function lookUp(message: Uint8Array): Promise<string | string[]> {
  await using server = new NameServer(({ id }) => {
    const bytes = message.slice();
    if (bytes.length >= 2) bytes.set([id >> 8, id & 0xff]);
    return bytes;
  });
  try {
    const list = await getAddrInfo(HOST, 80, {
      family: "IPv4",
      socktype: "stream",
      nameServer: server.nameServer,
      timeout: TIMEOUT,
    });
    return list.map(({ addr }) => addr.hostname);
  } catch (error) {
    if (error instanceof AddrInfoError) return error.code;
    throw error;
  }
}

Deno.test("getAddrInfo() makes of malformed messages what can be made of them", (context) =>
  sideBySide(
    context,
    Object.fromEntries(
      messages.map(({ source, what, message, expected }) => [
        `${what} (${source})`,
        async () =>
          assertEquals<string | string[]>(
            await lookUp(Uint8Array.fromHex(message)),
            expected,
          ),
      ]),
    ),
  ));
