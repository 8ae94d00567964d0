import { assertRejects } from "../assert.ts";
import { Glibc } from "./asker.ts";
import { hasGlibc, machineTest } from "./machine.ts";

machineTest("a task that fails ends with its error, and at once", async () => {
  await using glibc = new Glibc();
  // No machine can have so long a name.
  const hostName = "x".repeat(1000);
  await assertRejects(
    () => glibc.ask({}, [{ host: "localhost" }], hostName),
    Error,
    "Invalid argument",
  );
}, hasGlibc);
