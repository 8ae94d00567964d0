import { drawFlow, FLOWS } from "../../.tasks/pictures.ts";
import { assertEquals } from "../assert.ts";

for (const flow of FLOWS) {
  Deno.test(`the page's picture of ${flow.title} is what a run draws`, async () => {
    const path = `docs/pictures/${flow.name}.svg`;
    const expected = await Deno.readTextFile(path);
    assertEquals(await drawFlow(flow), expected);
  });
}
