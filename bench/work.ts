/** What is measured, how, and what it should come to. */

/** Words in the languages of the READMEs. */
export type Words = Readonly<Record<"en" | "ko", string>>;

/** How much is done. */
export interface Plan {
  /** How often each contender has its turn. */
  readonly rounds: number;
  /** How long a turn is, in milliseconds. */
  readonly milliseconds: number;
  /** How much is moved in one turn, in MiB. */
  readonly mebibytes: number;
}

/** The result of one turn. */
export interface Sample {
  /** In the work's unit. */
  readonly value: number;
  /** CPU time that a server spent on one request, in microseconds. */
  readonly cpu?: number;
  /** The share that was lost or answered wrongly. */
  readonly lost?: number;
}

/** One that does the work. */
export interface Contender {
  readonly name: string;
  /** Has one turn. */
  readonly measure: () => Promise<Sample>;
}

/** How one contender should do beside another. */
export interface Target {
  readonly ours: string;
  readonly theirs: string;
  readonly bound: "least" | "most";
  readonly times: number;
}

/** Targets that are reached at so many times the other's rate. */
export function atLeast(
  rows: readonly (readonly [ours: string, theirs: string, times: number])[],
): Target[] {
  return rows.map(([ours, theirs, times]) => (
    { ours, theirs, times, bound: "least" }
  ));
}

/** Something to do, and those who do it in turn. */
export interface Work {
  /** Its name on the command line. */
  readonly name: string;
  readonly title: Words;
  /** How a figure is written, as in `# per second`. */
  readonly unit: Words;
  /** Starts the contenders; what `stack` holds is stopped when they are done. */
  readonly start: (
    plan: Plan,
    stack: AsyncDisposableStack,
  ) => Promise<readonly Contender[]>;
  readonly targets: readonly Target[];
  /** Whether whatever is lost is a fault. */
  readonly lossless?: boolean;
}

/** What the turns of one contender came to. */
export interface Result {
  readonly work: Work;
  readonly name: string;
  readonly samples: readonly Sample[];
}

/** The middle one of some numbers; `undefined` if there is none. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[half];
  return sorted.length === 0
    ? undefined
    : (sorted[half - 1]! + sorted[half]!) / 2;
}

/**
 * How one contender did beside another: the median of each round's ratio, since
 * what else the machine does changes from round to round.
 */
export function ratioOf(
  { ours, theirs }: Target,
  results: readonly Result[],
): number | undefined {
  const samples = (name: string) =>
    results.find((result) => result.name === name)?.samples ?? [];
  const others = samples(theirs);
  return median(
    samples(ours).slice(0, others.length)
      .map(({ value }, round) => value / others[round]!.value),
  );
}

/** Whether a ratio is what it should be. */
export function isMet({ bound, times }: Target, ratio: number): boolean {
  return bound === "least" ? ratio >= times : ratio <= times;
}

/** Whether a program of ours lost what it may not lose. */
export function isFaulty({ work, name, samples }: Result): boolean {
  return work.lossless === true &&
    work.targets.some(({ ours }) => ours === name) &&
    samples.some(({ lost = 0 }) => lost > 0);
}
