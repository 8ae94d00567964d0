/**
 * Shows the whole suite at work on loopback, and checks what it says: the
 * server in the left margin, the client in the right one, in the order of what
 * happened. At the end stands the picture of what was said over TCP and UDP.
 */

import { drawPicture } from "../lib/pictures/draw.ts";
import { readRecording } from "../lib/pictures/read_lines.ts";
import { Recordings } from "../lib/pictures/recordings.ts";
import { renderText } from "../lib/pictures/text.ts";
import { streamColours } from "../lib/program/colours.ts";
import { Actor, DemoError, type Performance } from "./demo/actor.ts";
import { type Margin, Margins, type Screen } from "./demo/margins.ts";
import { fail } from "./fail.ts";

/** The least rights of a server that may need two sockets on one free port. */
const SERVER = ["--allow-net=[::],0.0.0.0"];
const READ = "--allow-read=/etc/hosts,/etc/services,/etc/resolv.conf";
const CTIME = String.raw`\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\n`;

/** One end of a conversation. */
interface End {
  readonly program: string;
  readonly args: readonly string[];
  readonly flags: readonly string[];
  /** What it must print. */
  readonly expected: RegExp;
}

/** A conversation. */
interface Conversation {
  readonly name: string;
  /** Who waits; a program that talks to nobody has no other end. */
  readonly server?: End;
  /** Who comes, once the port is known. */
  readonly client: (port: number) => End & { readonly input?: string };
  /** The title of its picture, if it is drawn. */
  readonly picture?: string;
}

/** Every conversation, in the order in which a course meets them. */
const CONVERSATIONS: readonly Conversation[] = [
  {
    name: "time_console: the time",
    client: () => ({
      program: "time_console",
      args: [],
      flags: [],
      expected: new RegExp(`^Local time is: ${CTIME}$`),
    }),
  },
  {
    name: "showip: the addresses of a host",
    client: () => ({
      program: "showip",
      args: ["localhost"],
      flags: [READ],
      expected:
        /^IP addresses for localhost:\n\n( {2}IPv(6: ::1|4: 127\.\d+\.\d+\.\d+)\n)+$/,
    }),
  },
  {
    name: "time_server: the time over HTTP",
    server: {
      program: "time_server",
      args: ["--port", "0", "--count", "1"],
      flags: SERVER,
      expected: /Sent 79 of 79 bytes\.\nSent 25 of 25 bytes\.\n/,
    },
    client: (port) => ({
      program: "client",
      args: ["--interactive", "localhost", `${port}`],
      flags: [`--allow-net=localhost:${port}`, READ],
      input: `GET / HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`,
      expected: new RegExp(
        "^client: connecting to \\S+\nHTTP/1.1 200 OK\r\nConnection: close\r\n" +
          `Content-Type: text/plain\r\n\r\nLocal time is: ${CTIME}$`,
      ),
    }),
  },
  {
    name: "server and client: a greeting over TCP",
    picture: "The greeting over TCP",
    server: {
      program: "server",
      args: ["--port", "0", "--count", "1"],
      flags: SERVER,
      expected: /\nserver: got connection from \S+\n$/,
    },
    client: (port) => ({
      program: "client",
      args: ["localhost", `${port}`],
      flags: [`--allow-net=localhost:${port}`, READ],
      expected:
        /^client: connecting to \S+\nclient: received 'Hello, world!'\n$/,
    }),
  },
  {
    name: "listener and talker: a datagram",
    picture: "A datagram over UDP",
    server: {
      program: "listener",
      args: ["--port", "0", "--count", "1"],
      flags: SERVER,
      expected: /\nlistener: packet contains "Hello there"\n$/,
    },
    client: (port) => ({
      program: "talker",
      args: ["--port", `${port}`, "localhost", "Hello there"],
      flags: [`--allow-net=localhost:${port},[::]:0,0.0.0.0:0`, READ],
      expected: /^talker: sent 11 bytes to localhost\n$/,
    }),
  },
  {
    name: "listener --echo and talker --connect: a datagram and its answer",
    server: {
      program: "listener",
      args: ["--port", "0", "--count", "1", "--echo"],
      flags: ["--allow-net"],
      expected: /\nlistener: packet contains "Anybody home\?"\n$/,
    },
    client: (port) => ({
      program: "talker",
      args: ["--connect", "--port", `${port}`, "localhost", "Anybody home?"],
      flags: [`--allow-net=localhost:${port},[::]:0,0.0.0.0:0`, READ],
      expected:
        /^talker: connected to \S+\ntalker: sent 13 .*\ntalker: received "Anybody home\?"\n$/,
    }),
  },
];

const [arg] = Deno.args;
if (arg !== undefined) {
  fail("demo", 1, `unexpected operand ${JSON.stringify(arg)}`);
}
const isTerminal = Deno.stdout.isTerminal();
const { stdout, stderr } = streamColours("auto");
const screen: Screen = {
  columns: isTerminal ? Math.max(Deno.consoleSize().columns, 40) : 80,
  write: (line) => console.log(line),
  colour: (margin: Margin, text: string) =>
    stdout?.connection(margin === "left" ? 1 : 2)(text) ?? text,
};

/** Lets a conversation happen; returns what each end left behind. */
async function converse(
  { server, client }: Conversation,
): Promise<Performance[]> {
  const margins = new Margins(screen);
  if (server === undefined) {
    return [await perform(client(0), "left", margins)];
  }
  await using waiting = await Actor.start({
    ...server,
    margin: "left",
    margins,
  });
  const answers = await perform(client(await waiting.port()), "right", margins);
  return [answers, await waiting.end(server.expected)];
}

async function perform(
  { input = "", expected, ...end }: ReturnType<Conversation["client"]>,
  margin: Margin,
  margins: Margins,
): Promise<Performance> {
  await using actor = await Actor.start({ ...end, margin, margins });
  await actor.say(input);
  return await actor.end(expected);
}

/** Draws what both ends recorded. */
async function draw(
  title: string,
  performances: readonly Performance[],
): Promise<string> {
  const recordings = new Recordings();
  for (const [source, { recording }] of performances.entries()) {
    const { readable, writable } = new TextEncoderStream();
    const writer = writable.getWriter();
    writer.write(recording).then(() => writer.close());
    await readRecording(readable, source, recordings);
  }
  const picture = drawPicture(recordings, { title, data: true });
  // Ends that do not match are drawn with a note.
  if (picture.notes.length > 0) throw new DemoError(picture.notes.join("; "));
  return renderText(picture, screen.columns);
}

const pictures: string[] = [];
for (const conversation of CONVERSATIONS) {
  const { name, picture } = conversation;
  console.log(stdout?.call(`# ${name}`) ?? `# ${name}`);
  try {
    const performances = await converse(conversation);
    if (picture) pictures.push(await draw(picture, performances));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const line = `demo: ${name}: ${error.message}`;
    console.error(stderr?.failure(line) ?? line);
    Deno.exit(1);
  }
  console.log();
}
console.log(pictures.join("\n"));
console.log(
  `All ${CONVERSATIONS.length} conversations went as they should.`,
);
