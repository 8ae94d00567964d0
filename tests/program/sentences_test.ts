import { sentences } from "../../lib/program/sentences.ts";
import { assertEquals } from "../assert.ts";

type TestEvent =
  | { readonly event: "waiting" }
  | { readonly event: "sent"; readonly bytes: number }
  | { readonly event: "closing" };

Deno.test("sentences() turns each kind of event into its sentence", () => {
  const narrator = sentences<TestEvent>({
    waiting: () => "waiting\n",
    sent: ({ bytes }) => bytes === 0 ? undefined : `sent ${bytes}\n`,
  });
  assertEquals(narrator({ event: "waiting" }), "waiting\n");
  assertEquals(narrator({ event: "sent", bytes: 5 }), "sent 5\n");
  assertEquals(narrator({ event: "sent", bytes: 0 }), undefined);
  assertEquals(narrator({ event: "closing" }), undefined);
});
