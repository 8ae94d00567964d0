import { call } from "../../lib/calls/call.ts";
import {
  type CallEvent,
  type CallObserver,
  emit,
} from "../../lib/calls/observer.ts";
import { assertEquals } from "../assert.ts";

const EVENT: CallEvent = {
  event: "call",
  call: "socket",
  arguments: [],
  result: 3,
  milliseconds: 0,
};

/** Runs something and returns what it wrote to `console.error`. */
async function errorsOf(run: () => unknown): Promise<unknown[]> {
  const { error } = console;
  const errors: unknown[] = [];
  console.error = (...values: unknown[]) => errors.push(...values);
  try {
    await run();
    // What an async observer throws is seen one turn later.
    await Promise.resolve();
  } finally {
    console.error = error;
  }
  return errors;
}

Deno.test("emit() hands an event to the observer, as its method", () => {
  const observer = {
    received: [] as CallEvent[],
    call(event: CallEvent) {
      this.received.push(event);
    },
  };
  emit(observer, "call", EVENT);
  assertEquals(observer.received, [EVENT]);
});

Deno.test("emit() does nothing without an observer or its method", async () => {
  const silent: CallObserver = {};
  const errors = await errorsOf(() => {
    emit(undefined as CallObserver | undefined, "call", EVENT);
    emit(silent, "call", EVENT);
  });
  assertEquals(errors, []);
});

Deno.test("emit() writes what an observer throws to console.error", async () => {
  const bug = new Error("an observer's bug");
  const observers: CallObserver[] = [
    {
      call() {
        throw bug;
      },
    },
    { call: () => Promise.reject(bug) },
  ];
  for (const observer of observers) {
    assertEquals(await errorsOf(() => emit(observer, "call", EVENT)), [bug]);
  }
});

Deno.test("An observer that throws does not harm the call", async () => {
  const bug = new Error("an observer's bug");
  const observer = {
    call() {
      throw bug;
    },
  };
  const errors = await errorsOf(async () => {
    assertEquals(call("socket", () => 3, { observer }), 3);
    assertEquals(
      await call("recv", () => Promise.resolve(7), { observer }),
      7,
    );
  });
  assertEquals(errors, [bug, bug]);
});
