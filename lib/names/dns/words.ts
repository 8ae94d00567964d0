/**
 * What an answer is worth, and its words.
 *
 * @module
 */

import { type Answer, Rcode } from "./message.ts";

/** What an answer is worth. */
export type Worth =
  /** It has records, from any server. */
  | "records"
  /** There are none, if no earlier server says otherwise. */
  | "negative"
  /** The server cannot help: the next one is asked. */
  | "unhelpful"
  /** It does not understand the question. */
  | "not understood";

/**
 * Judges an answer.
 *
 * @param answer the answer
 * @returns what it is worth
 */
export function worthOf({ rcode, lame, addresses, names }: Answer): Worth {
  if (rcode === Rcode.NoError) {
    if (addresses.length + names.length > 0) return "records";
    return lame ? "unhelpful" : "negative";
  }
  if (rcode === Rcode.NxDomain) return "negative";
  const { ServFail, NotImp, Refused } = Rcode;
  return ([ServFail, NotImp, Refused] as number[]).includes(rcode)
    ? "unhelpful"
    : "not understood";
}

const RCODE_WORDS = new Map<number, string>(
  Object.entries(Rcode).map(([word, code]) => [code, word.toUpperCase()]),
);

/**
 * Writes an answer in short.
 *
 * @param answer the answer
 * @param name the question's name, if an alias of it is to be shown
 * @returns its records; or why there are none, as in `NXDOMAIN`
 */
export function answerWords(answer: Answer, name?: string): string[] {
  const { rcode, truncated, lame, canonicalName } = answer;
  if (truncated) return ["truncated"];
  if (lame) return ["lame"];
  const records = [...answer.addresses.map(String), ...answer.names];
  const alias = name === undefined || canonicalName.toLowerCase() === name
    ? []
    : [`CNAME ${canonicalName}`];
  if (rcode !== Rcode.NoError) {
    return [...alias, RCODE_WORDS.get(rcode) ?? `RCODE ${rcode}`];
  }
  if (records.length > 0 || alias.length > 0) return [...alias, ...records];
  return ["no data"];
}

/**
 * Whether a server may not have understood how long its answer may be (EDNS).
 *
 * @param answer its answer
 */
export function isAboutEdns(answer: Answer): boolean {
  return answer.rcode === Rcode.NotImp || worthOf(answer) === "not understood";
}
