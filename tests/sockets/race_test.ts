import { Endpoint } from "../../lib/address/endpoint.ts";
import { IpAddress } from "../../lib/address/ip_address.ts";
import { SocketError } from "../../lib/calls/errors.ts";
import { Race } from "../../lib/sockets/streams/race.ts";
import type { Target } from "../../lib/sockets/targets.ts";
import { assert, assertEquals } from "../assert.ts";

const targets = (...hosts: string[]): Target[] =>
  hosts.map((hostname) => ({
    addr: { transport: "tcp", hostname, port: 80 },
    peers: [new Endpoint(IpAddress.parse(hostname), 80)],
  }));

/** Attempts that a test ends, by their addresses. */
class Attempts {
  readonly begun: string[] = [];
  readonly #ends = new Map<
    string,
    PromiseWithResolvers<{ host: string; close(): void }>
  >();
  readonly closed: string[] = [];

  readonly connect = (
    { hostname }: Deno.NetAddr,
    signal: AbortSignal,
  ): Promise<{ host: string; close(): void }> => {
    this.begun.push(hostname);
    const end = Promise.withResolvers<{ host: string; close(): void }>();
    this.#ends.set(hostname, end);
    signal.addEventListener("abort", () => this.fail(hostname, "ECANCELED"));
    return end.promise;
  };

  succeed(host: string): void {
    const close = () => void this.closed.push(host);
    this.#ends.get(host)!.resolve({ host, close });
  }

  fail(host: string, code = "ECONNREFUSED"): void {
    const cause = Object.assign(new Error(code), { code });
    this.#ends.get(host)!.reject(new SocketError("connect", cause));
  }
}

/** Lets what was settled be heard. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

function begin(options: { delay?: number; timeout?: number } = {}) {
  const { delay = 60_000, timeout = 0 } = options;
  const attempts = new Attempts();
  const { connect } = attempts;
  const race = new Race({ connect, delay, timeout, observer: undefined });
  return { attempts, race, winner: race.winner() };
}

Deno.test("an address that comes late is tried when the others have failed", async () => {
  const { attempts, race, winner } = begin();
  race.add(targets("127.0.0.1"));
  attempts.fail("127.0.0.1");
  await turn();
  // The look-up is not over: nobody has lost yet.
  race.add(targets("::1", "127.0.0.1"));
  race.complete();
  attempts.succeed("::1");
  assertEquals((await winner)?.host, "::1");
  assertEquals(attempts.begun, ["127.0.0.1", "::1"]);
});

Deno.test("late addresses take turns with those that wait, each tried once", async () => {
  const { attempts, race, winner } = begin();
  race.add(targets("192.0.2.1", "192.0.2.2", "192.0.2.3"));
  race.add(
    targets("::1", "::2", "192.0.2.1", "192.0.2.2", "192.0.2.3"),
  );
  race.complete();
  const order = ["192.0.2.1", "::1", "::2", "192.0.2.2", "192.0.2.3"];
  for (const host of order) {
    attempts.fail(host);
    await turn();
  }
  assertEquals(await winner, undefined);
  assertEquals(attempts.begun, order);
  assertEquals(race.errors.length, 5);
});

Deno.test("a race is lost only when look-up and attempts are over", async () => {
  for (const isLookUpFirst of [true, false]) {
    const { attempts, race, winner } = begin();
    let isOver = false;
    winner.then(() => isOver = true);
    race.add(targets("::1"));
    const steps = [() => race.complete(), () => attempts.fail("::1")];
    if (!isLookUpFirst) steps.reverse();
    steps[0]!();
    await turn();
    assert(!isOver);
    steps[1]!();
    assertEquals(await winner, undefined);
  }
});

Deno.test("a look-up that failed ends a race that nobody ran, and no other", async () => {
  const failed = new Error("no such name");
  const empty = begin();
  empty.race.fail(failed);
  assertEquals(await empty.winner.catch((error) => error), failed);
  const running = begin();
  running.race.add(targets("::1"));
  running.race.fail(failed);
  running.race.complete();
  running.attempts.succeed("::1");
  assertEquals((await running.winner)?.host, "::1");
});

Deno.test("the next one begins beside an attempt that is slow, and losers are closed", async () => {
  const { attempts, race, winner } = begin({ delay: 1 });
  race.add(targets("::1", "127.0.0.1"));
  race.complete();
  while (attempts.begun.length < 2) await turn();
  attempts.succeed("127.0.0.1");
  attempts.succeed("::1");
  assertEquals((await winner)?.host, "127.0.0.1");
  assertEquals(attempts.closed, ["::1"]);
  assertEquals(race.errors, []);
});

Deno.test("a race ends when its time is over", async () => {
  const { attempts, race, winner } = begin({ timeout: 1 });
  race.add(targets("::1"));
  assertEquals(await winner, undefined);
  assertEquals(attempts.begun, ["::1"]);
  assert(race.signal.aborted);
});
