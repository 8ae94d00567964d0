/**
 * Finds which conversations of different recordings are the two ends of one.
 *
 * @module
 */

import type { Endpoint } from "../address/endpoint.ts";
import type { Conversation } from "./conversation.ts";
import type { RecordedProcess } from "./recordings.ts";

/** One end of a conversation. */
export interface End {
  /** The process that recorded it. */
  readonly process: RecordedProcess;
  /** Its place among the conversations of that process. */
  readonly order: number;
  /** The conversation; `undefined` for a process that held none. */
  readonly conversation: Conversation | undefined;
  /** Whether all calls of the process are drawn with other conversations. */
  readonly isBare?: boolean;
}

/** Two ends that belong together, or one whose other end was not recorded. */
export interface Pair {
  readonly client: End | undefined;
  readonly server: End | undefined;
  /** Whether the ends are those of one conversation. */
  readonly joined: boolean;
}

/** Says whether two recordings mean one endpoint. */
function isSame(a: Endpoint, b: Endpoint): boolean {
  if (a.port !== b.port) return false;
  if (a.address.isUnspecified || b.address.isUnspecified) return true;
  // Two machines name the same scope differently.
  const one = a.address.unmapped().withoutScope();
  return one.equals(b.address.unmapped().withoutScope());
}

/** The own address of an end; the events of a server have it only once. */
function localOf({ conversation, process }: End): Endpoint | undefined {
  const { address } = process.history;
  return conversation?.local ?? (conversation?.isServer ? address : undefined);
}

/** Says whether two ends are those of one conversation. */
function isOne(one: End, two: End): boolean {
  const a = one.conversation;
  const b = two.conversation;
  if (a === undefined || b === undefined) return false;
  if (a.transport !== b.transport) return false;
  // Two ends are never both the accepting one, nor, of TCP, both the other.
  if (a.accepted === b.accepted && (a.accepted || a.transport === "TCP")) {
    return false;
  }
  const meets = (from: Conversation, to: End) => {
    const local = localOf(to);
    // A client's events do not say which port it has.
    if (local === undefined) return from.accepted;
    return from.remote !== undefined && isSame(from.remote, local);
  };
  return meets(a, two) && meets(b, one);
}

function endsOf(process: RecordedProcess): End[] {
  const { chapters } = process.history;
  if (chapters.total === 0) {
    return [{ process, order: 0, conversation: undefined }];
  }
  return chapters.kept.map(({ conversation, order }) => ({
    process,
    order,
    conversation,
  }));
}

function isServer({ conversation, process }: End): boolean {
  return conversation?.isServer ?? process.history.isServer;
}

/** Puts two ends in their places. */
function pairOf(a: End, b: End | undefined, joined: boolean): Pair {
  const [client, server] = isServer(a) ? [b, a] : [a, b];
  return { client, server, joined };
}

/**
 * Joins the conversations of recordings: by their endpoints, never by time. A
 * wildcard address is any address of its port. Where one process has the same
 * endpoints twice, the first conversation belongs to the first.
 *
 * @param processes the recorded processes
 * @returns the conversations, in the order of their servers' recordings, then
 * the others
 */
export function joinEnds(processes: readonly RecordedProcess[]): Pair[] {
  const ends = processes.flatMap(endsOf);
  const partners = findPartners(ends);
  findSilent(ends, partners);
  besideEachOther(ends, partners);
  const pairs: Pair[] = [];
  const done = new Set<End>();
  for (const end of [...ends.filter(isServer), ...ends]) {
    if (done.has(end)) continue;
    const partner = partners.get(end);
    done.add(end);
    if (partner !== undefined) done.add(partner.end);
    pairs.push(pairOf(end, partner?.end, partner?.joined ?? true));
  }
  return pairs;
}

/** The end that each is drawn beside, and whether they belong together. */
type Partners = Map<End, { readonly end: End; readonly joined: boolean }>;

function findPartners(ends: readonly End[]): Partners {
  const partners: Partners = new Map();
  const byPort = Map.groupBy(ends, (end) => localOf(end)?.port);
  const found = (a: End) =>
    (byPort.get(a.conversation?.remote?.port) ?? []).find((b) =>
      b.process !== a.process && !partners.has(b) && isOne(a, b)
    );
  for (const end of ends) {
    if (end.conversation?.remote === undefined || partners.has(end)) continue;
    const other = found(end);
    if (other === undefined) continue;
    partners.set(end, { end: other, joined: true });
    partners.set(other, { end, joined: true });
  }
  return partners;
}

/**
 * Finds who was recorded and received none of what was sent to it: all those
 * datagrams were lost.
 */
function findSilent(ends: readonly End[], partners: Partners): void {
  const listeners = [...new Set(ends.map(({ process }) => process))]
    .filter(({ history }) =>
      history.takesDatagrams && history.chapters.skipped === 0
    );
  for (const end of ends) {
    const { transport, remote } = end.conversation ?? {};
    if (transport !== "UDP" || remote === undefined) continue;
    if (isServer(end) || partners.has(end)) continue;
    const process = listeners.find((each) => {
      const { address } = each.history;
      return each !== end.process && address && isSame(address, remote);
    });
    if (process === undefined) continue;
    const idle = ends.find((each) =>
      each.process === process && each.conversation === undefined &&
      !partners.has(each)
    );
    const server = idle ??
      { process, order: Infinity, conversation: undefined, isBare: true };
    partners.set(end, { end: server, joined: true });
    partners.set(server, { end, joined: true });
  }
}

/** Puts recordings that match nobody's beside each other. */
function besideEachOther(ends: readonly End[], partners: Partners): void {
  const matched = new Set([...partners.keys()].map(({ process }) => process));
  const strangers = ends.filter(({ process }) => !matched.has(process));
  // What is left out of one may be the other end of another.
  const isWhole = strangers.every(({ process: { history } }) =>
    history.chapters.skipped === 0
  );
  if (!isWhole) return;
  const servers = strangers.filter(isServer);
  const clients = strangers.filter((end) => !isServer(end));
  for (const [i, client] of clients.entries()) {
    const server = servers[i];
    if (server === undefined || server.process === client.process) break;
    partners.set(client, { end: server, joined: false });
    partners.set(server, { end: client, joined: false });
  }
}
