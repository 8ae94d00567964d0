/**
 * Measures Parley beside its peers, on loopback.
 *
 *     deno task bench [--quick] [WORK…]
 *
 * Every contender of a work is started; then they have their turns, one after
 * the other, round after round, so that whatever else the machine does hits
 * them alike. Only a whole and unhurried run goes into the documentation.
 */

import { parseArgs } from "@std/cli/parse-args";
import { cleanUp } from "./process.ts";
import { writePages } from "./pages.ts";
import { resultTable, targetTable } from "./table.ts";
import {
  isFaulty,
  type Plan,
  type Result,
  type Sample,
  type Words,
  type Work,
} from "./work.ts";
import * as addresses from "./works/addresses.ts";
import { connect } from "./works/connect.ts";
import * as datagrams from "./works/datagrams.ts";
import * as names from "./works/names.ts";
import * as pipes from "./works/pipes.ts";
import { startUp } from "./works/start_up.ts";
import * as streams from "./works/streams.ts";

const WORKS: readonly Work[] = [
  streams.time,
  streams.greeting,
  connect,
  datagrams.small,
  datagrams.large,
  pipes.from,
  pipes.to,
  startUp,
  addresses.parse,
  addresses.print,
  addresses.lookUp,
  names.oneAtATime,
  names.atOnce,
];

const WHOLE: Plan = { rounds: 9, milliseconds: 1000, mebibytes: 256 };
const QUICK: Plan = { rounds: 2, milliseconds: 300, mebibytes: 32 };

/** The works whose names begin with one of the words; all without a word. */
function select(words: readonly string[]): readonly Work[] {
  const unknown = words.find((word) =>
    !WORKS.some(({ name }) => name.startsWith(word))
  );
  if (unknown !== undefined) {
    const names = WORKS.map(({ name }) => name).join(", ");
    console.error(`bench: unknown work ${unknown}: one of ${names}`);
    Deno.exit(1);
  }
  return WORKS.filter(({ name }) =>
    words.length === 0 || words.some((word) => name.startsWith(word))
  );
}

/** Lets all contenders of a work have their turns. */
async function measure(work: Work, plan: Plan): Promise<Result[]> {
  await using stack = new AsyncDisposableStack();
  const contenders = await work.start(plan, stack);
  const samples = contenders.map((): Sample[] => []);
  const turns = [...contenders.entries()];
  for (let round = 0; round < plan.rounds; round++) {
    for (const [at, { measure }] of turns) samples[at]!.push(await measure());
    // The last one of a round is the first one of the next: what changes
    // slowly is nobody's advantage.
    turns.reverse();
  }
  return contenders.map(({ name }, at) => (
    { work, name, samples: samples[at]! }
  ));
}

/** Says that a word may stay, and ends the process at an unknown option. */
function requireKnown(arg: string, option?: string): boolean {
  if (option === undefined) return true;
  console.error(`bench: unknown option ${arg}`);
  Deno.exit(1);
}

function report(results: readonly Result[], language: keyof Words): string {
  return `${resultTable(results, language)}\n${targetTable(results, language)}`;
}

async function main(args: readonly string[]): Promise<void> {
  // The package comes without types.
  const { quick, _: words }: { quick: boolean; _: string[] } = parseArgs(args, {
    boolean: ["quick"],
    string: ["_"],
    unknown: requireKnown,
  });
  const plan = quick ? QUICK : WHOLE;
  const results: Result[] = [];
  for (const work of select(words)) {
    console.log(`${work.name}…`);
    results.push(...await measure(work, plan));
  }
  console.log(`\n${report(results, "en")}`);
  for (const { name } of results.filter(isFaulty)) {
    console.error(`bench: ${name} lost answers`);
    Deno.exitCode = 1;
  }
  if (quick || words.length > 0) return;
  const machine = `Deno ${Deno.version.deno}, ${Deno.build.target}, ` +
    `${navigator.hardwareConcurrency} CPUs`;
  await writePages({
    en:
      `Measured by \`deno task bench\` on loopback, where clients and servers\n` +
      `share the machine (${machine}): the median of ${plan.rounds} rounds, in\n` +
      `each of which every one has its turn.\n\n${report(results, "en")}`,
    ko:
      `\`deno task bench\`로 루프백에서 측정했다. 클라이언트와 서버를 같은\n` +
      `기기에서 실행했다(${machine}). 모든 대상을 번갈아 실행한\n` +
      `${plan.rounds}회의 중앙값이다.\n\n${report(results, "ko")}`,
  });
}

for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.addSignalListener(signal, () => {
    cleanUp();
    Deno.exit(status);
  });
}
try {
  await main(Deno.args);
} finally {
  cleanUp();
}
