/**
 * C's calls, for clients that must not be slower than what they measure:
 * `Deno.connect` and `Deno.listenDatagram` take longer than the servers do.
 */

/** The calls. */
export const { symbols: libc } = Deno.dlopen(
  "libc.so.6",
  {
    socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
    setsockopt: {
      parameters: ["i32", "i32", "i32", "buffer", "u32"],
      result: "i32",
    },
    connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
    send: { parameters: ["i32", "buffer", "usize", "i32"], result: "i32" },
    recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  },
);

export const AF_INET = 2;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;

/** A `sockaddr_in` of loopback. */
export function loopback(port: number): Uint8Array<ArrayBuffer> {
  const address = new Uint8Array(16);
  const fields = new DataView(address.buffer);
  fields.setUint16(0, AF_INET, true);
  fields.setUint16(2, port);
  address.set([127, 0, 0, 1], 4);
  return address;
}
