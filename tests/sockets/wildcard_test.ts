import { SocketError } from "../../lib/calls/errors.ts";
import {
  bindWildcard,
  type Bound,
  dualStackOf,
  sharedStackOf,
  type WildcardOptions,
} from "../../lib/sockets/wildcard.ts";
import { assertEquals, assertThrows } from "../assert.ts";

/** A machine as its sockets show it. */
interface Machine {
  /** Whether `::` takes IPv4 as well. */
  readonly covers: boolean;
  /** What other programs have, as in `0.0.0.0:80`. */
  readonly taken?: readonly string[];
  /** A family that it has not. */
  readonly without?: "::" | "0.0.0.0";
  /** What may be bound; everything by default. */
  readonly granted?: readonly string[];
  /** Whether the port is shared with other processes. */
  readonly isShared?: boolean;
}

/** Binds every interface of a machine, and shows what is bound then. */
function bind(os: string, machine: Machine, port = 80): string[] {
  const { covers, taken = [], without, granted, isShared } = machine;
  const bound = new Set<string>();
  const isTaken = (hostname: string, port: number) => {
    const all = [...taken, ...bound];
    const six = `[::]:${port}`;
    const four = `0.0.0.0:${port}`;
    const other = hostname === "::" ? four : six;
    return all.includes(hostname === "::" ? six : four) ||
      covers && all.includes(other);
  };
  const text = (hostname: string, port: number) =>
    hostname === "::" ? `[::]:${port}` : `0.0.0.0:${port}`;
  const open = (hostname: string, asked: number): Bound => {
    const port = asked === 0 ? 1234 : asked;
    const fail = (code: string) => {
      const error = Object.assign(new Error(code), { code });
      throw new SocketError("bind", error);
    };
    if (hostname === without) fail("EAFNOSUPPORT");
    if (isTaken(hostname, port)) fail("EADDRINUSE");
    bound.add(text(hostname, port));
    return {
      addr: { transport: "tcp", hostname, port },
      close: () => void bound.delete(text(hostname, port)),
    };
  };
  const isGranted = (hostname: string, port: number) =>
    granted?.includes(text(hostname, port)) ?? true;
  const options: WildcardOptions<Bound> = {
    port,
    system: isShared ? sharedStackOf(open, isGranted) : dualStackOf(os),
    open,
    isGranted,
  };
  try {
    const sockets = bindWildcard(options);
    const shown = sockets.map(({ addr }) => {
      const { hostname, port } = addr as Deno.NetAddr;
      return text(hostname, port);
    });
    assertEquals(shown.toSorted(), [...bound].sort());
    return shown;
  } catch (error) {
    assertEquals([...bound], []);
    throw error;
  }
}

const BOTH = ["[::]:80", "0.0.0.0:80"];
const SYSTEMS = ["linux", "android", "darwin", "freebsd"];

Deno.test("every interface is one socket if it takes both families, else two", () => {
  for (const os of SYSTEMS) {
    assertEquals(bind(os, { covers: true }), ["[::]:80"], os);
    assertEquals(bind(os, { covers: false }), BOTH, os);
  }
  assertEquals(bind("windows", { covers: false }), BOTH);
});

Deno.test("every interface has one port, if any is free", () => {
  for (const os of [...SYSTEMS, "windows"]) {
    assertEquals(
      bind(os, { covers: false }, 0),
      ["[::]:1234", "0.0.0.0:1234"],
      os,
    );
  }
});

Deno.test("half a port that somebody else has is an error", () => {
  for (const taken of BOTH) {
    for (const covers of [true, false]) {
      assertThrows(
        () => bind("linux", { covers, taken: [taken] }),
        SocketError,
      );
    }
    assertThrows(
      () => bind("windows", { covers: false, taken: [taken] }),
      SocketError,
    );
  }
});

Deno.test("a family that the machine has not is left out", () => {
  for (const os of [...SYSTEMS, "windows"]) {
    for (const covers of [true, false]) {
      for (const isShared of [false, true]) {
        const only = (without: "::" | "0.0.0.0") =>
          bind(os, { covers, without, isShared });
        assertEquals(only("::"), ["0.0.0.0:80"], os);
        assertEquals(only("0.0.0.0"), ["[::]:80"], os);
      }
    }
  }
});

Deno.test("a shared port that another program has for one family is an error", () => {
  for (const taken of BOTH) {
    for (const covers of [true, false]) {
      const machine = { covers, taken: [taken], isShared: true };
      assertThrows(() => bind("linux", machine), SocketError);
    }
  }
});

Deno.test("without a grant for IPv4 only the other one is bound", () => {
  for (const os of SYSTEMS) {
    for (const covers of [true, false]) {
      const machine = { covers, granted: ["[::]:80"] };
      assertEquals(bind(os, machine), ["[::]:80"], os);
    }
  }
});

Deno.test("a grant for any free port does for one socket", () => {
  const granted = ["[::]:0", "0.0.0.0:0"];
  for (const os of SYSTEMS) {
    assertEquals(bind(os, { covers: true, granted }, 0), ["[::]:1234"], os);
  }
});

Deno.test("with a shared port it is tried at another one whether one socket takes both", () => {
  for (const covers of [true, false]) {
    let six = false;
    let open = 0;
    const stack = sharedStackOf((hostname) => {
      if (hostname === "::") six = true;
      else if (six && covers) {
        const error = Object.assign(new Error(), { code: "EADDRINUSE" });
        throw new SocketError("bind", error);
      }
      open++;
      return {
        addr: { transport: "tcp", hostname, port: 7 },
        close: () => void open--,
      };
    }, () => true);
    assertEquals([stack, open], [covers ? "covers" : "parted", 0]);
  }
  assertEquals(sharedStackOf(() => assertNever(), () => false), "covers");
});

function assertNever(): never {
  throw new Error("nothing may be opened");
}
