import { Endpoint } from "../../lib/address/endpoint.ts";
import { call, type CallOptions } from "../../lib/calls/call.ts";
import { pause } from "../../lib/calls/deadline.ts";
import { descriptorCount, descriptorOf } from "../../lib/calls/descriptors.ts";
import { PermissionError, SocketError } from "../../lib/calls/errors.ts";
import type {
  CallEvent,
  CallObserver,
  WaitingCall,
} from "../../lib/calls/observer.ts";
import { AddrInfoError } from "../../lib/names/addrinfo_error.ts";
import {
  assert,
  assertEquals,
  assertRejects,
  assertThrows,
} from "../assert.ts";

/** Keeps the calls that it receives, without their times. */
class Recorder implements CallObserver {
  readonly calls: Omit<CallEvent, "milliseconds">[] = [];

  call({ milliseconds, ...call }: CallEvent): void {
    assert(milliseconds >= 0);
    this.calls.push(call);
  }

  /** The calls as lines. */
  get shown(): string[] {
    return this.calls.map(
      ({ call, arguments: args, result, code, with: shared }) =>
        [
          `${call}(${args.join(", ")}) = ${result}`,
          ...(code === undefined ? [] : [code]),
          ...(shared === undefined ? [] : [`with ${shared}`]),
        ].join(" "),
    );
  }
}

class Stop extends Error {}

const ADDRESS = Endpoint.parse("[::1]:3490");

/** What C calls to listen, and Deno in one step. */
const LISTEN: CallOptions<object> = {
  before: () => [
    { call: "socket", arguments: ["AF_INET6", "SOCK_STREAM"] },
    { call: "bind", arguments: ["[::]:3490"] },
  ],
  text: () => ({ call: "listen", arguments: ["511"] }),
  blame: () => "bind",
  opens: () => ({ local: ADDRESS }),
};

const never = () => new Promise<never>(() => {});
const refused = () => new Deno.errors.ConnectionRefused();

Deno.test("call() returns what it runs returns, and a promise only for a promise", async () => {
  assertEquals(call("socket", () => 3), 3);
  const promise = call("recv", () => Promise.resolve(13));
  assert(promise instanceof Promise);
  assertEquals(await promise, 13);
  const observer = new Recorder();
  assertEquals(call("socket", () => 3, { observer }), 3);
  assertEquals(
    await call("recv", () => Promise.resolve(13), { observer }),
    13,
  );
});

Deno.test("call() throws a SocketError with the step, the address and the cause", async () => {
  const cause = refused();
  const options = { address: ADDRESS };
  for (
    const error of [
      assertThrows(() =>
        call("connect", () => {
          throw cause;
        }, options), SocketError),
      await assertRejects(
        () => call("connect", () => Promise.reject(cause), options),
        SocketError,
      ),
    ]
  ) {
    assertEquals(
      error.message,
      "Cannot connect [::1]:3490: Connection refused",
    );
    assertEquals(error.step, "connect");
    assertEquals(error.code, "ECONNREFUSED");
    assertEquals(error.address, ADDRESS);
    assertEquals(error.cause, cause);
  }
});

Deno.test("call() wraps an error once, however many calls it goes through", async () => {
  const inner = () => call("recv", () => Promise.reject(refused()));
  const error = await assertRejects(
    () => call("handshake", inner),
    SocketError,
  );
  assertEquals(error.step, "recv");
  assert(!(error.cause instanceof SocketError));
});

Deno.test("call() passes a PermissionError through, and traces EPERM", () => {
  const observer = new Recorder();
  const error = new PermissionError("--allow-net=[::]:8080");
  const thrown = assertThrows(() =>
    call("bind", () => {
      throw error;
    }, { observer }), PermissionError);
  assertEquals(thrown, error);
  assertEquals(observer.calls, [{
    event: "call",
    call: "bind",
    arguments: [],
    result: -1,
    code: "EPERM",
    message: "needs '--allow-net=[::]:8080'",
  }]);
});

Deno.test("call() traces what Deno refuses as EPERM", () => {
  const observer = new Recorder();
  const error = assertThrows(() =>
    call("connect", () => {
      throw new Deno.errors.NotCapable("Requires net access");
    }, { observer }), SocketError);
  assertEquals(error.code, "EPERM");
  assertEquals(observer.calls[0]?.code, "EPERM");
  assertEquals(observer.calls[0]?.message, "Operation not permitted");
});

Deno.test("call() leaves the errors of look-ups as they are", async () => {
  const observer = new Recorder();
  for (const step of ["getaddrinfo", "getnameinfo"] as const) {
    for (const error of [new AddrInfoError("EAI_NONAME"), new TypeError("x")]) {
      const thrown = await assertRejects(
        () => call(step, () => Promise.reject(error), { observer }),
        Error,
      );
      assertEquals(thrown, error);
    }
  }
  const { code, message } = observer.calls[0]!;
  assertEquals([code, message], ["EAI_NONAME", "Name or service not known"]);
});

Deno.test("call() ends the wait when its time is over, and not the call", async () => {
  const late = Promise.withResolvers<string>();
  const error = await assertRejects(
    () => call("recv", () => late.promise, { timeout: 1 }),
    SocketError,
  );
  assertEquals([error.step, error.code], ["recv", "ETIMEDOUT"]);
  // The owner of the socket has what comes later.
  late.resolve("datagram");
  assertEquals(await late.promise, "datagram");
});

Deno.test("call() swallows what a call throws after its wait", async () => {
  const late = Promise.withResolvers<never>();
  await assertRejects(
    () => call("recv", () => late.promise, { timeout: 1 }),
    SocketError,
  );
  // An unhandled rejection would fail this test.
  late.reject(new Error("too late"));
});

Deno.test("call() refuses a time limit that is none", async () => {
  let runs = 0;
  for (const timeout of [-1, NaN, -Infinity]) {
    const run = () => Promise.resolve(runs++);
    await assertRejects(() => call("recv", run, { timeout }), RangeError);
  }
  assertEquals(runs, 0);
});

Deno.test("call() leaves the wait to a call that ends itself", async () => {
  const options = { timeout: 1, endsItself: true };
  const late = Promise.withResolvers<number>();
  const waiting = call("recv", () => late.promise, options);
  await assertRejects(() => call("recv", never, { timeout: 2 }), SocketError);
  late.resolve(7);
  assertEquals(await waiting, 7);
});

Deno.test("call() leaves no timer behind a call that ends in time", async () => {
  // A timer left running would fail this test.
  const options = { timeout: 60_000 };
  assertEquals(await call("recv", () => Promise.resolve(1), options), 1);
  await assertRejects(
    () => call("recv", () => Promise.reject(refused()), options),
    SocketError,
  );
});

Deno.test("call() ends the wait at the signal, for its reason", async () => {
  const observer = new Recorder();
  for (const timeout of [0, 60_000]) {
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = call("accept", never, { signal, timeout, observer });
    const reason = new Stop();
    controller.abort(reason);
    assertEquals(await assertRejects(() => waiting, Stop), reason);
  }
  assertEquals(observer.calls.length, 2);
});

Deno.test("call() runs nothing if the signal has aborted already", async () => {
  const observer = new Recorder();
  const signal = AbortSignal.abort(new Stop());
  let runs = 0;
  const run = () => Promise.resolve(runs++);
  await assertRejects(() => call("send", run, { signal, observer }), Stop);
  assertEquals(runs, 0);
  assertEquals(observer.calls, []);
});

Deno.test("call() wraps an error that is not the signal's reason", () => {
  const controller = new AbortController();
  const { signal } = controller;
  const run = (): Promise<never> => {
    controller.abort(new Stop());
    throw refused();
  };
  const error = assertThrows(() => call("send", run, { signal }), SocketError);
  assertEquals(error.code, "ECONNREFUSED");
});

Deno.test("call() leaves no listener on the signal", async () => {
  const { signal } = new AbortController();
  const listeners = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  Object.assign(signal, {
    addEventListener(type: string, listener: () => void) {
      listeners.add(listener);
      add(type, listener);
    },
    removeEventListener(type: string, listener: () => void) {
      listeners.delete(listener);
      remove(type, listener);
    },
  });
  const pending = Promise.withResolvers<number>();
  const waiting = call("recv", () => pending.promise, { signal });
  assertEquals(listeners.size, 1);
  pending.resolve(1);
  await waiting;
  await call("recv", () => Promise.reject(refused()), { signal })
    .catch(() => {});
  await call("recv", never, { signal, timeout: 1 }).catch(() => {});
  assertEquals(listeners.size, 0);
});

Deno.test("call() reports a call and what C's call would return", async () => {
  const observer = new Recorder();
  await call("recv", () => Promise.resolve("hello"), {
    observer,
    text: () => ({ arguments: ["16"] }),
    result: ({ length }) => length,
  });
  call("close", () => {}, { observer });
  assertEquals(observer.calls, [
    { event: "call", call: "recv", arguments: ["16"], result: 5 },
    { event: "call", call: "close", arguments: [], result: 0 },
  ]);
});

Deno.test("call() reports a call that failed", async () => {
  const observer = new Recorder();
  await assertRejects(
    () =>
      call("connect", () => Promise.reject(refused()), {
        observer,
        text: () => ({ arguments: ["[::1]:3490"] }),
        result: () => 0,
      }),
    SocketError,
  );
  assertEquals(observer.calls, [{
    event: "call",
    call: "connect",
    arguments: ["[::1]:3490"],
    result: -1,
    code: "ECONNREFUSED",
    message: "Connection refused",
  }]);
});

Deno.test("call() reports the calls that C makes before", () => {
  const observer = new Recorder();
  const socket = {};
  call("bind", () => socket, { observer, ...LISTEN });
  assertEquals(observer.calls, [
    {
      event: "call",
      call: "socket",
      arguments: ["AF_INET6", "SOCK_STREAM"],
      fd: 3,
      result: 3,
      with: "listen",
    },
    {
      event: "call",
      call: "bind",
      arguments: ["3", "[::]:3490"],
      fd: 3,
      local: ADDRESS,
      result: 0,
      with: "listen",
    },
    {
      event: "call",
      call: "listen",
      arguments: ["3", "511"],
      fd: 3,
      local: ADDRESS,
      result: 0,
    },
  ]);
  descriptorOf(socket)?.free();
});

Deno.test("call() blames the call that fails in C, and closes the socket", () => {
  const observer = new Recorder();
  const error = assertThrows(() =>
    call("bind", () => {
      throw new Deno.errors.AddrInUse();
    }, { observer, ...LISTEN }), SocketError);
  assertEquals([error.step, error.code], ["bind", "EADDRINUSE"]);
  assertEquals(observer.shown, [
    "socket(AF_INET6, SOCK_STREAM) = 3 with bind",
    "bind(3, [::]:3490) = -1 EADDRINUSE",
    "close(3) = 0 with bind",
  ]);
  assertEquals(descriptorCount(), 0);
});

Deno.test("call() gives no number to a socket that can't be made", () => {
  const observer = new Recorder();
  for (const code of ["EMFILE", "ENFILE", "EAFNOSUPPORT", "ENOBUFS"]) {
    observer.calls.length = 0;
    const fail = () => {
      throw Object.assign(new Error("no"), { code });
    };
    for (const options of [{ observer, ...LISTEN }, LISTEN]) {
      const error = assertThrows(
        () => call("bind", fail, options),
        SocketError,
      );
      assertEquals([error.step, error.code], ["socket", code]);
    }
    assertEquals(observer.shown, [
      `socket(AF_INET6, SOCK_STREAM) = -1 ${code}`,
    ]);
    assertEquals(observer.calls[0]?.fd, undefined);
    assertEquals(descriptorCount(), 0);
  }
});

Deno.test("call() reports no socket that can't be made, though it returned a promise", async () => {
  const observer = new Recorder();
  const fail = async () => {
    await undefined;
    throw Object.assign(new Error("no"), { code: "EMFILE" });
  };
  const options = { ...LISTEN, observer, isMadeAtOnce: true };
  await assertRejects(() => call("connect", fail, options), SocketError);
  assertEquals(observer.shown, ["socket(AF_INET6, SOCK_STREAM) = -1 EMFILE"]);
  assertEquals(descriptorCount(), 0);
});

Deno.test("call() announces each call before it is reported, observed or not", () => {
  const fail = () => {
    throw new Deno.errors.AddrInUse();
  };
  for (const observer of [undefined, new Recorder()]) {
    const announced: string[] = [];
    const announce = (call: string, failed: boolean) =>
      void announced.push(failed ? `${call} failed` : call);
    const socket = {};
    const options = { ...LISTEN, observer, announce };
    call("bind", () => socket, options);
    assertEquals(announced.splice(0), ["socket", "bind", "listen"]);
    assertThrows(() => call("bind", fail, options), SocketError);
    assertEquals(announced.slice(0, 2), ["socket", "bind failed"]);
    descriptorOf(socket)?.free();
    assertEquals(descriptorCount(), 0);
  }
});

Deno.test("call() says how our own limit or stop ended a call, and no errno", async () => {
  const observer = new Recorder();
  const stop = new AbortController();
  const own = AbortSignal.abort(new Stop());
  const runs = [
    call("recv", never, { observer, timeout: 10 }),
    call("recv", never, { observer, signal: stop.signal }),
    call("recv", () => Promise.reject(new Deno.errors.BadResource()), {
      observer,
    }),
    call("recv", () => Promise.reject(own.reason), {
      observer,
      endedBy: own,
    }),
  ];
  stop.abort(new Stop());
  await Promise.allSettled(runs);
  const outcomes = observer.calls.map(({ result, code, message }) =>
    [result, code, message?.replace(/[\d.]+/, "0.01")] as const
  );
  assertEquals(
    outcomes.toSorted((a, b) => a[2]!.localeCompare(b[2]!)),
    [["?", undefined, "gave up after 0.01 s"]].concat(
      Array(3).fill(["?", undefined, "stopped"]),
    ) as unknown as typeof outcomes,
  );
});

Deno.test("call() shows the first 32 bytes, and copies them", async () => {
  const observer = new Recorder();
  const bytes = new Uint8Array(100).fill(65);
  await call("send", () => Promise.resolve(100), {
    observer,
    text: () => ({ arguments: ["100"], data: bytes }),
    result: Number,
  });
  bytes.fill(66);
  assertEquals(observer.calls[0]?.data, new Uint8Array(32).fill(65));
});

Deno.test("call() reports a socket as soon as it is made, and connect when it returns", async () => {
  const observer = new Recorder();
  const connected = Promise.withResolvers<object>();
  const connecting = call("connect", () => connected.promise, {
    ...LISTEN,
    before: () => [{ call: "socket", arguments: ["AF_INET", "SOCK_STREAM"] }],
    isMadeAtOnce: true,
    text: () => ({ arguments: ["127.0.0.1:1"] }),
    observer,
  });
  while (observer.calls.length === 0) await pause(1);
  assertEquals(observer.shown, [
    "socket(AF_INET, SOCK_STREAM) = 3 with connect",
  ]);
  const socket = {};
  connected.resolve(socket);
  await connecting;
  assertEquals(observer.shown.slice(1), ["connect(3, 127.0.0.1:1) = 0"]);
  descriptorOf(socket)?.free();
});

Deno.test("call() shows a call that has not returned after a while, and then whole", async () => {
  const recorder = new Recorder();
  const waiting = Promise.withResolvers<WaitingCall>();
  const observer: CallObserver = {
    call: (call) => recorder.call(call),
    waiting: (call) => waiting.resolve(call),
  };
  const received = Promise.withResolvers<number>();
  const receiving = call("recv", () => received.promise, {
    observer,
    text: () => ({ arguments: ["16"] }),
    result: Number,
  });
  assertEquals(await waiting.promise, { call: "recv", arguments: ["16"] });
  assertEquals(recorder.calls, []);
  received.resolve(5);
  await receiving;
  assertEquals(recorder.shown, ["recv(16) = 5"]);
});

Deno.test("call() leaves no timer behind a call that somebody waits to see", async () => {
  // A timer left running would fail this test.
  const observer = { waiting() {} };
  await call("recv", () => Promise.resolve(1), { observer });
  const fail = () => Promise.reject(refused());
  await assertRejects(() => call("recv", fail, { observer }), SocketError);
  assertEquals(call("socket", () => 3, { observer }), 3);
});

Deno.test("call() describes nothing to an observer that takes no calls", async () => {
  const describe = () => {
    throw new Error("nobody wanted to know");
  };
  const silent: CallObserver = {};
  for (const observer of [undefined, silent]) {
    const options = { observer, text: describe, result: describe };
    assertEquals(call("socket", () => 8, options), 8);
    assertEquals(await call("recv", () => Promise.resolve(7), options), 7);
    await assertRejects(
      () => call("recv", () => Promise.reject(refused()), options),
      SocketError,
    );
  }
});

Deno.test("call() takes no time if nobody observes it", () => {
  const { now } = performance;
  let asked = 0;
  performance.now = () => {
    asked++;
    return now.call(performance);
  };
  try {
    call("socket", () => 3);
    assertEquals(asked, 0);
    call("socket", () => 3, { observer: new Recorder() });
    assert(asked > 0);
  } finally {
    performance.now = now;
  }
});

Deno.test("call() does not take a mistake in the trace for a failed call", () => {
  const mistake = () => {
    throw new Stop();
  };
  const observer = new Recorder();
  assertThrows(
    () => call("socket", () => 3, { observer, text: mistake }),
    Stop,
  );
});
