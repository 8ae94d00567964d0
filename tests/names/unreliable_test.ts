import { assert, assertEquals } from "../assert.ts";
import { Running } from "../harness.ts";
import type { Tally } from "./unreliable.ts";

/** Set it to the seed of a run that failed, and the run is repeated. */
const SEED = "PARLEY_SEED";

Deno.test("500 look-ups at an unreliable server end in time, with what is right", async () => {
  const seed = Deno.env.get(SEED) ??
    String(crypto.getRandomValues(new Uint32Array(1))[0]);
  // A process of its own, whose descriptors nobody else opens.
  const line = [
    "run",
    "--quiet",
    "--no-check",
    "--unstable-net",
    "--allow-all",
  ];
  await using running = new Running(Deno.execPath(), [
    ...[...line, "tests/names/unreliable.ts", "500", seed],
  ], { stdin: "" });
  const { stdout, stderr } = await running.end();
  assertEquals(stderr, "");
  const tally: Tally = JSON.parse(stdout);
  const { lookUps, found, absent, gaveUp, wrong, descriptors } = tally;
  const repeat = `${SEED}=${seed} repeats this`;
  assertEquals(wrong, [], repeat);
  assertEquals(found + absent + gaveUp, lookUps, repeat);
  assertEquals(descriptors[1], descriptors[0], repeat);
  // Most of them must have got through.
  assert(gaveUp < lookUps / 4, `${gaveUp} gave up; ${repeat}`);
});
