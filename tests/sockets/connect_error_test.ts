import { Endpoint } from "../../lib/address/endpoint.ts";
import { errorEvent, SocketError } from "../../lib/calls/errors.ts";
import { ConnectError } from "../../lib/sockets/streams/connect_error.ts";
import { assertEquals } from "../assert.ts";

const SIX = Endpoint.parse("[::1]:3490");
const FOUR = Endpoint.parse("127.0.0.1:3490");

const refused = () => new Deno.errors.ConnectionRefused();

Deno.test("ConnectError names every address, and has the last one's code", () => {
  const errors = [
    new SocketError("connect", refused(), SIX),
    new SocketError("connect", new Deno.errors.TimedOut(), FOUR),
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

Deno.test("errorEvent() sums up a connect that no address answered", () => {
  const error = new ConnectError("localhost", [
    new SocketError("connect", refused(), SIX),
  ]);
  assertEquals(errorEvent(error), {
    event: "error",
    step: "connect",
    code: "ECONNREFUSED",
    message: "failed to connect",
    final: true,
  });
});
