/** Much through a client, from its stdin or to its stdout. */

import { deno, Running, scratch, takesPart } from "../process.ts";
import { atLeast, type Contender, type Sample, type Work } from "../work.ts";

const CHUNK = new Uint8Array(256 * 1024);

/** The clients, by their name and their command line for a port. */
function clients(): [string, (port: number) => string[]][] {
  const lines: [string, (port: number) => string[]][] = [
    ["client -i", (port) => deno("cmd/client.ts", "-iq", "127.0.0.1", port)],
  ];
  if (takesPart("ncat")) {
    lines.push(["ncat", (port) => ["ncat", "127.0.0.1", String(port)]]);
  }
  if (takesPart("socat")) {
    // Without an option to wait it ends soon after one side has.
    lines.push(["socat", (port) => [
      "socat",
      ...["-t", "60", "STDIO", `TCP4:127.0.0.1:${port}`],
    ]]);
  }
  return lines;
}

/** The client takes all of it from the socket. */
async function give(conn: Deno.Conn, bytes: number): Promise<number> {
  let sent = 0;
  while (sent < bytes) {
    sent += await conn.write(CHUNK.subarray(0, bytes - sent));
  }
  await conn.closeWrite();
  // It is done when it closes.
  const buffer = new Uint8Array(1);
  while (await conn.read(buffer).catch(() => null) !== null);
  return sent;
}

/** The client sends all of it to the socket. */
async function take(conn: Deno.Conn): Promise<number> {
  const buffer = new Uint8Array(CHUNK.length);
  let received = 0;
  for (;;) {
    const count = await conn.read(buffer);
    if (count === null) return received;
    received += count;
  }
}

/** How fast a client moves so many bytes, once it is connected. */
async function move(
  line: (port: number) => string[],
  bytes: number,
  input?: string,
): Promise<Sample> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  await using client = new Running(line(port), input ? { input } : {});
  using conn = await listener.accept();
  const started = performance.now();
  const moved = input ? await take(conn) : await give(conn, bytes);
  const seconds = (performance.now() - started) / 1000;
  conn.close();
  const { success } = await client.status;
  const lost = success ? 1 - moved / bytes : 1;
  return { value: moved / seconds / (1 << 20), lost };
}

function pipes(direction: "from" | "to"): Work {
  return {
    name: `pipe-${direction}`,
    title: direction === "from"
      ? {
        en: "much data, from a socket to stdout",
        ko: "소켓에서 stdout으로 대량 전송",
      }
      : {
        en: "much data, from stdin to a socket",
        ko: "stdin에서 소켓으로 대량 전송",
      },
    unit: { en: "# MiB per second", ko: "초당 # MiB" },
    start({ mebibytes }): Promise<Contender[]> {
      const bytes = mebibytes << 20;
      const input = `${scratch}/input`;
      Deno.writeTextFileSync(input, "");
      // A file that is all hole takes no room and no disk.
      Deno.truncateSync(input, bytes);
      return Promise.resolve(
        clients().map(([name, line]) => ({
          name,
          measure: () =>
            move(line, bytes, direction === "to" ? input : undefined),
        })),
      );
    },
    lossless: true,
    targets: atLeast([["client -i", "ncat", 0.8]]),
  };
}

export const from = pipes("from");
export const to = pipes("to");
