/** The page whose pictures are drawn from real runs. */

import { drawFlow, FLOWS, recordFlow } from "../../.tasks/pictures.ts";
import { assert, assertEquals } from "../assert.ts";

/** The pages whose tables show the calls; those are Linux's. */
const PAGES = Deno.build.os === "linux"
  ? ["docs/pictures.md", "docs/ko/pictures.md"]
  : [];

/** The calls of a recording, as the tables of the page have them. */
function callsIn(recording: string): string[] {
  return recording.trim().split("\n").map((line) => JSON.parse(line))
    .filter(({ event }) => event === "call")
    .map(({ call, arguments: args, result }) =>
      withoutPorts(`${call}(${args.join(", ")}) = ${result}`)
    );
}

/** What a page says that the trace has, without bytes, times and peers. */
function linesIn(table: string): string[] {
  return table.split("\n").slice(2).map((row) => {
    const [shown = ""] = row.match(/(?<=\| `)[^`]*(?=` *\|$)/) ?? [];
    const [line = ""] = shown.match(/^.* = (?:\d+ address\b|\d+)/) ?? [row];
    const isData = /^(?:send|recv)/.test(line);
    return withoutPorts(isData ? line.replace(/"[^"]*", /, "") : line);
  });
}

function withoutPorts(text: string): string {
  return text.replaceAll(/(?<=:)\d+(?=\))|(?<=")\d+(?=")/g, "PORT");
}

for (const [at, flow] of FLOWS.entries()) {
  Deno.test(`the page's picture and tables of ${flow.title} are those of a run`, async () => {
    const recordings = await recordFlow(flow);
    const path = `docs/pictures/${flow.name}.svg`;
    assertEquals(
      await drawFlow(flow, recordings),
      await Deno.readTextFile(path),
      "`deno task pictures` draws it anew",
    );
    const happened = recordings.map(callsIn);
    for (const page of PAGES) {
      const section = (await Deno.readTextFile(page)).split("\n## ")[at + 2]!;
      assert(section.includes(flow.name + ".svg"));
      const tables = section.match(/(?:^\|.*\n)+/gm) ?? [];
      assertEquals(tables.length, flow.name === "udp_connected" ? 1 : 2);
      for (const table of tables) {
        const lines = linesIn(table.trimEnd());
        const isOne = (calls: readonly string[]) =>
          calls.filter((call) => lines.includes(call)).join("\n") ===
            lines.join("\n");
        assert(happened.some(isOne), `${page}:\n${lines.join("\n")}`);
      }
    }
  });
}
