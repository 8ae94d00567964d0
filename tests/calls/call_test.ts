import { Endpoint } from "../../lib/address/endpoint.ts";
import { call, type CallText } from "../../lib/calls/call.ts";
import { PermissionError, SocketError } from "../../lib/calls/errors.ts";
import type { CallEvent, CallObserver } from "../../lib/calls/observer.ts";
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
}

class Stop extends Error {}

const ADDRESS = Endpoint.parse("[::1]:3490");

const LISTEN: CallText = {
  call: "listen",
  arguments: ["511"],
  before: [
    { call: "socket", arguments: ["AF_INET6", "SOCK_STREAM"] },
    { call: "bind", arguments: ["[::]:3490"] },
  ],
  blame: "bind",
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
  // Whoever owns the socket has what comes later.
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
  call("bind", () => "listener", { observer, text: () => LISTEN });
  assertEquals(
    observer.calls.map((call) => [call.call, call.result, call.with] as const),
    [
      ["socket", "ok", "listen"],
      ["bind", 0, "listen"],
      ["listen", 0, undefined],
    ],
  );
});

Deno.test("call() blames the call that fails in C", () => {
  const observer = new Recorder();
  const error = assertThrows(() =>
    call("bind", () => {
      throw new Deno.errors.AddrInUse();
    }, { observer, text: () => LISTEN }), SocketError);
  assertEquals([error.step, error.code], ["bind", "EADDRINUSE"]);
  assertEquals(
    observer.calls.map(({ call, result, code, with: shared }) =>
      [call, result, code, shared] as const
    ),
    [
      ["socket", "ok", undefined, "bind"],
      ["bind", -1, "EADDRINUSE", undefined],
    ],
  );
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
