import { fileFlag } from "../../lib/calls/permission.ts";
import { assertEquals } from "../assert.ts";

Deno.test("fileFlag() grants files, and the folder if a comma would part a path", () => {
  const table: [string[], string][] = [
    [["a.pem", "/b c/d.pem"], "--allow-read=a.pem,/b c/d.pem"],
    [["a,b.pem"], "--allow-read=."],
    [["/c/a,b.pem", "/c/d,e.pem", "f"], "--allow-read=/c,f"],
    [["/a,b"], "--allow-read=/"],
    [["c:\\a,b"], "--allow-read=c:\\"],
    [["/a,b/c"], "--allow-read"],
  ];
  for (const [paths, flag] of table) {
    assertEquals(fileFlag("read", paths), flag);
  }
  assertEquals(fileFlag("write", ["a.svg"]), "--allow-write=a.svg");
});
