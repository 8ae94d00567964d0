/** DNS messages for the tests, right and wrong ones (RFC 1035 section 4). */

import { inetPton } from "../../lib/address/inet.ts";

export type Bytes = Uint8Array<ArrayBuffer>;

/** Record types by their numbers. */
const TYPES = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  TXT: 16,
  AAAA: 28,
  OPT: 41,
} as const;

export type RecordType = keyof typeof TYPES;

/** Response codes (section 4.1.1). */
export const Code = {
  NoError: 0,
  FormErr: 1,
  ServFail: 2,
  NxDomain: 3,
  NotImp: 4,
  Refused: 5,
} as const;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const u16 = (value: number) => [value >> 8 & 0xff, value & 0xff];

/** The bytes of a name, without compression. */
export function wireName(name: string): number[] {
  const labels = name.split(".").filter((label) => label !== "");
  return [
    ...labels.flatMap((label) => {
      const bytes = encoder.encode(label);
      return [bytes.length, ...bytes];
    }),
    0,
  ];
}

/** A record, as it stands in a message. */
export type Record = readonly number[];

/** What may be unusual about a record. */
export interface RecordParts {
  /** @default {1}, the Internet's */
  readonly recordClass?: number;
  /** What the record says of its data's length. */
  readonly length?: number;
  /** Seconds. @default {60} */
  readonly ttl?: number;
}

/**
 * Makes a record.
 *
 * @param owner the name that has it
 * @param type its type, or a number
 * @param data an address, a name, or bytes
 */
export function record(
  owner: string,
  type: RecordType | number,
  data: string | readonly number[],
  parts: RecordParts = {},
): Record {
  const bytes = typeof data === "string" ? dataOf(type, data) : data;
  const { recordClass = 1, length = bytes.length, ttl = 60 } = parts;
  return [
    ...wireName(owner),
    ...u16(typeof type === "number" ? type : TYPES[type]),
    ...u16(recordClass),
    ...u16(ttl >> 16),
    ...u16(ttl),
    ...u16(length),
    ...bytes,
  ];
}

function dataOf(type: RecordType | number, text: string): readonly number[] {
  const family = type === "A" ? "IPv4" : "IPv6";
  const address = type === "A" || type === "AAAA"
    ? inetPton(family, text)
    : undefined;
  return address === undefined ? wireName(text) : [...address];
}

/** What a zone without an answer shows of itself (RFC 2308). */
export const SOA = record("example", "SOA", [
  ...[...wireName("ns.example"), ...wireName("admin.example")],
  ...[1, 3600, 600, 86_400, 60].flatMap((each) => [...u16(0), ...u16(each)]),
]);

/** An OPT record (RFC 6891). */
export const OPT: Record = [
  0,
  ...u16(TYPES.OPT),
  ...u16(1232),
  0,
  0,
  0,
  0,
  0,
  0,
];

/** A question as it came. */
export interface Query {
  readonly id: number;
  /** The name as it was written, without its last dot. */
  readonly name: string;
  readonly type: RecordType;
  /** The name, the type and the class. */
  readonly question: Bytes;
  /** How much of an answer the OPT record takes, if there is one. */
  readonly edns: number | undefined;
  readonly bytes: Bytes;
}

/** Reads a question; it throws if that is not what it is. */
export function readQuery(bytes: Bytes): Query {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 12;
  const labels: string[] = [];
  for (let length = view.getUint8(at++); length > 0;) {
    labels.push(decoder.decode(bytes.subarray(at, at + length)));
    at += length;
    length = view.getUint8(at++);
  }
  const number = view.getUint16(at);
  const type = Object.entries(TYPES).find(([, each]) => each === number)?.[0];
  if (type === undefined) throw new Error(`Nobody asks for type ${number}`);
  const end = at + 4;
  const hasOpt = view.getUint16(10) === 1 && bytes[end] === 0 &&
    view.getUint16(end + 1) === TYPES.OPT;
  return {
    id: view.getUint16(0),
    name: labels.join("."),
    type: type as RecordType,
    question: bytes.slice(12, end),
    edns: hasOpt ? view.getUint16(end + 3) : undefined,
    bytes,
  };
}

/** What an answer says; no records and no error by default. */
export interface AnswerParts {
  readonly id?: number;
  readonly code?: number;
  /** QR, whether it is an answer. @default {true} */
  readonly isAnswer?: boolean;
  readonly opcode?: number;
  /** AA. @default {false} */
  readonly authoritative?: boolean;
  /** TC. @default {false} */
  readonly truncated?: boolean;
  /** RA. @default {true} */
  readonly recursion?: boolean;
  /** The question's section; `[]` for none. */
  readonly question?: ArrayLike<number>;
  readonly records?: readonly Record[];
  readonly authority?: readonly Record[];
  /** An OPT record to each question that has one, by default. */
  readonly additional?: readonly Record[];
  /** What the head says of the sections' lengths. */
  readonly counts?: readonly [number, number, number, number];
}

/** Makes the answer to a question. */
export function answer(query: Query, parts: AnswerParts = {}): Bytes {
  const {
    id = query.id,
    code = Code.NoError,
    isAnswer = true,
    opcode = 0,
    authoritative = false,
    truncated = false,
    recursion = true,
    question = query.question,
    records = [],
    authority = [],
    additional = query.edns === undefined ? [] : [OPT],
  } = parts;
  const counts = parts.counts ?? [
    question.length === 0 ? 0 : 1,
    records.length,
    authority.length,
    additional.length,
  ];
  const flags = (isAnswer ? 0x80 : 0) | opcode << 3 |
    (authoritative ? 4 : 0) | (truncated ? 2 : 0) | 1;
  return Uint8Array.from([
    ...u16(id),
    flags,
    (recursion ? 0x80 : 0) | code,
    ...counts.flatMap(u16),
    ...Array.from(question),
    ...records.flat(),
    ...authority.flat(),
    ...additional.flat(),
  ]);
}

/** The head of an answer, and nothing else. */
export function headOnly(query: Query, code: number): Bytes {
  return answer(query, { code, question: [], additional: [] });
}

export const nxdomain = (query: Query) =>
  answer(query, { code: Code.NxDomain, authority: [SOA] });

export const nodata = (query: Query) => answer(query, { authority: [SOA] });

/** Makes what answers with nothing but a code. */
export const failing = (code: number) => (query: Query) =>
  answer(query, { code });

/** An answer that is none: neither records, nor any who vouches for that. */
export const nonAnswer = (query: Query) => answer(query, { recursion: false });

/** "Ask somebody else": what comes of a server that does not have the zone. */
export const referral = (query: Query) =>
  answer(query, {
    recursion: false,
    authority: [record("example", "NS", "ns.elsewhere.example")],
  });

/** An answer that did not fit, without any records. */
export const truncated = (query: Query) => answer(query, { truncated: true });

/** A message over TCP, behind its length. */
export function framed(message: Bytes): Bytes {
  return Uint8Array.from([...u16(message.length), ...message]);
}
