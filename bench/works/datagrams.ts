/** Receivers of datagrams that come faster than they can be taken. */

import type { Sent } from "../datagram_client.ts";
import {
  deno,
  denoAndNode,
  freePort,
  runJson,
  Running,
  scratch,
  takesPart,
  until,
} from "../process.ts";
import { atLeast, type Contender, type Sample, type Work } from "../work.ts";

/** After this long without another datagram no more are coming, in ms. */
const SETTLED = 100;

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits until a file grows no more, and returns when it last did. */
async function settled(path: string): Promise<number> {
  let size = -1;
  let grown = performance.now();
  while (performance.now() - grown < SETTLED) {
    const now = Deno.statSync(path).size;
    if (now !== size) grown = performance.now();
    size = now;
    await sleep(2);
  }
  return grown;
}

/**
 * Starts a receiver that writes all it gets to a file, in which it is counted: so
 * nothing is overlooked, whether the system or the receiver lost it.
 */
async function start(
  name: string,
  line: (port: number) => string[],
  bytes: number,
  milliseconds: number,
  stack: AsyncDisposableStack,
): Promise<Contender> {
  const port = freePort("udp");
  const output = `${scratch}/datagrams-${port}`;
  Deno.writeTextFileSync(output, "");
  const receiver = stack.use(
    new Running(line(port), { output, stderr: "null" }),
  );
  const client = (milliseconds: number) =>
    runJson<Sent>(deno("bench/datagram_client.ts", port, bytes, milliseconds));
  await until(`a datagram through ${name}`, async () => {
    await client(1);
    return Deno.statSync(output).size > 0 ? true : undefined;
  });
  const measure = async (): Promise<Sample> => {
    await settled(output);
    Deno.truncateSync(output);
    const before = receiver.cpu;
    const { sent, milliseconds: sending } = await client(milliseconds);
    const ended = performance.now();
    const late = Math.max(0, await settled(output) - ended);
    const received = Deno.statSync(output).size / bytes;
    const cpu = (receiver.cpu - before) / received;
    const value = received / (sending + late) * 1000;
    return { value, cpu, lost: 1 - received / sent };
  };
  return { name, measure };
}

function datagrams(bytes: number): Work {
  return {
    name: `datagrams-${bytes}`,
    title: {
      en: `datagrams of ${bytes} bytes received`,
      ko: `${bytes}바이트 데이터그램 수신`,
    },
    unit: { en: "# per second", ko: "초당 #회" },
    async start({ milliseconds }, stack) {
      const lines: [string, (port: number) => string[]][] = [
        ["listener --quiet", (port) =>
          deno(
            "cmd/listener.ts",
            ...["--quiet", "--host", "127.0.0.1", "--port", port],
          )],
      ];
      for (
        const [runtime, line] of denoAndNode("bench/contenders/node_dgram.mjs")
      ) lines.push([`node:dgram in ${runtime}`, line]);
      if (takesPart("socat")) {
        lines.push(["socat UDP-RECV", (port) => [
          "socat",
          ...["-u", `UDP4-RECV:${port},bind=127.0.0.1`, "STDOUT"],
        ]]);
      }
      const contenders: Contender[] = [];
      for (const [name, line] of lines) {
        contenders.push(await start(name, line, bytes, milliseconds, stack));
      }
      return contenders;
    },
    targets: atLeast([
      ["listener --quiet", "node:dgram in Node", 1.2],
      ["listener --quiet", "node:dgram in Deno", 1.2],
    ]),
  };
}

export const small = datagrams(64);
export const large = datagrams(1400);
