/**
 * Draws the TCP and the UDP conversation of the documents from real runs:
 * `deno task pictures [FOLDER]`, by default into `docs/pictures`.
 */

import { drawPicture } from "../lib/pictures/draw.ts";
import { readRecording } from "../lib/pictures/read_lines.ts";
import { Recordings } from "../lib/pictures/recordings.ts";
import { renderSvg } from "../lib/pictures/svg.ts";
import { Running } from "../tests/harness.ts";
import { fail } from "./fail.ts";

/** A conversation: who waits, who comes, and what is drawn of it. */
interface Flow {
  /** The name of the file, without its ending. */
  readonly name: string;
  readonly title: string;
  /** The program that waits, and its options. */
  readonly server: readonly string[];
  /** The program that comes, and its arguments, once the port is known. */
  readonly client: (port: string) => readonly string[];
}

const HOST = "127.0.0.1";
const SERVER = ["--host", HOST, "--port", "0", "--count", "1"];

/** The flows of the two source documents. */
export const FLOWS: readonly Flow[] = [
  {
    name: "tcp",
    title: "TCP program flow",
    server: ["server", ...SERVER],
    client: (port) => ["client", HOST, port],
  },
  {
    name: "udp",
    title: "UDP program flow",
    server: ["listener", ...SERVER],
    client: (port) => ["talker", "--port", port, HOST, "Hello"],
  },
  {
    name: "udp_connected",
    title: "UDP program flow, connected",
    server: ["listener", ...SERVER, "--echo"],
    client: (port) => ["talker", "--connect", "--port", port, HOST, "Hello"],
  },
];

function start([program, ...args]: readonly string[]): Running {
  const line = ["run", "--quiet", "--allow-all", `cmd/${program}.ts`];
  return new Running(
    Deno.execPath(),
    [...line, "--json", "--trace", ...args],
    { stdin: "" },
  );
}

/**
 * Lets a conversation happen.
 *
 * @param flow the conversation
 * @returns what the client and the server recorded
 */
export async function recordFlow(flow: Flow): Promise<readonly string[]> {
  await using server = start(flow.server);
  const [, port] = await server.stdout(
    /"port":(\d+)[^]*"event":"waiting"/,
  );
  await using client = start(flow.client(port!));
  const results = [await client.end(), await server.end()];
  return results.map(({ code, stdout, stderr }) => {
    if (code !== 0) throw new Error(`${flow.name}: ${stdout}${stderr}`);
    return stdout + stderr;
  });
}

/**
 * Draws a conversation. Times, ports and process ids are left out, so that every
 * run has the same picture.
 *
 * @param flow the conversation
 * @param texts what its ends recorded
 * @returns the SVG
 */
export async function drawFlow(
  { title }: Flow,
  texts: readonly string[],
): Promise<string> {
  const recordings = new Recordings();
  for (const [source, text] of texts.entries()) {
    await readRecording(new Blob([text]).stream(), source, recordings);
  }
  const options = { title, data: true, times: false, identifiers: false };
  return renderSvg(drawPicture(recordings, options));
}

if (import.meta.main) {
  const folder = Deno.args[0] ?? "docs/pictures";
  if (folder.startsWith("-")) fail("pictures", 1, `unknown option ${folder}`);
  await Deno.mkdir(folder, { recursive: true });
  for (const flow of FLOWS) {
    const path = `${folder}/${flow.name}.svg`;
    await Deno.writeTextFile(
      path,
      await drawFlow(flow, await recordFlow(flow)),
    );
    console.log(path);
  }
}
