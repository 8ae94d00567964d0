/** A name server for the tests, on the loopback. */

import { inetPton } from "../../mod.ts";
import { datagramSocket, utf8 } from "./support.ts";

/** Records by their name and type, as in `"a.example A": ["192.0.2.1"]`. */
export type Zone = Readonly<Record<string, readonly string[]>>;

const TYPES: ReadonlyMap<number, string> = new Map([
  [1, "A"],
  [5, "CNAME"],
  [12, "PTR"],
  [28, "AAAA"],
]);

/** A name server at work. */
export interface NameServer extends AsyncDisposable {
  /** What `--dns` takes. */
  readonly address: string;
}

/**
 * Answers from a zone; a name that is not in it does not exist.
 *
 * @param zone what it knows
 */
export function nameServer(zone: Zone): NameServer {
  const socket = datagramSocket();
  const served = (async () => {
    for await (const [query, from] of socket) {
      await socket.send(answer(query, zone), from);
    }
  })();
  return {
    address: `127.0.0.1:${socket.port}`,
    async [Symbol.asyncDispose]() {
      socket.close();
      await served;
    },
  };
}

/** The answer to one query (RFC 1035 section 4). */
function answer(query: Uint8Array, zone: Zone): Uint8Array<ArrayBuffer> {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at++]!; length > 0; length = query[at++]!) {
    labels.push(String.fromCharCode(...query.subarray(at, at + length)));
    at += length;
  }
  const name = labels.join(".");
  const type = query[at]! * 256 + query[at + 1]!;
  const records = recordsOf(name, TYPES.get(type) ?? "", zone);
  const exists = Object.keys(zone).some((key) => key.startsWith(`${name} `));
  return new Uint8Array([
    ...query.subarray(0, 2), // Its number.
    ...[0x85, exists ? 0x80 : 0x83], // No error, or no such name.
    ...[0, 1, 0, records.length, 0, 0, 0, 0],
    ...query.subarray(12, at + 4), // Its question.
    ...records.flat(),
  ]);
}

/** The records of a name, behind the alias that it is. */
function recordsOf(name: string, type: string, zone: Zone): number[][] {
  const [alias] = zone[`${name} CNAME`] ?? [];
  const records = (zone[`${name} ${type}`] ?? []).map((data) =>
    record(name, type, data)
  );
  if (alias === undefined || type === "CNAME") return records;
  return [record(name, "CNAME", alias), ...recordsOf(alias, type, zone)];
}

function record(name: string, type: string, data: string): number[] {
  const [code = 0] = [...TYPES].find(([, each]) => each === type) ?? [];
  const address = inetPton(type === "A" ? "IPv4" : "IPv6", data);
  const bytes = address === undefined ? wireName(data) : [...address];
  return [
    ...wireName(name),
    ...[0, code, 0, 1], // Its type in the Internet's class.
    ...[0, 0, 0, 60, 0, bytes.length], // How long it lives, in seconds.
    ...bytes,
  ];
}

function wireName(name: string): number[] {
  const labels = name.split(".").map((label) => [...utf8(label)]);
  return [...labels.flatMap((label) => [label.length, ...label]), 0];
}
