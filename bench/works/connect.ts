/** Connecting to one numeric address. */

import { deno, runJson } from "../process.ts";
import { atLeast, type Work } from "../work.ts";

export const connect: Work = {
  name: "connect",
  title: {
    en: "connections to one address, one at a time",
    ko: "한 주소에 차례로 연결",
  },
  unit: { en: "# per second", ko: "초당 #회" },
  start: ({ milliseconds }) =>
    Promise.resolve(["connectStream", "Deno.connect"].map((way) => ({
      name: way,
      async measure() {
        const args = [way, milliseconds];
        const line = deno("bench/connect_client.ts", ...args);
        return { value: await runJson<number>(line) };
      },
    }))),
  targets: atLeast([["connectStream", "Deno.connect", 0.8]]),
};
