/** Asks the shells themselves whether they can read a script. */

/** Reads scripts, divided by NUL, and prints the numbers of those it cannot. */
const READ = `i=0; while IFS= read -r -d '' script; do
  printf '%s\\n' "$script" | "$0" -n 2>/dev/null || echo $i; i=$((i + 1))
done`;

/** Returns the scripts that a shell cannot read. */
export async function unreadable(
  shell: "bash" | "zsh",
  scripts: readonly string[],
): Promise<string[]> {
  const child = new Deno.Command("bash", {
    args: ["-c", READ, shell],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const input = new Blob(scripts.map((script) => `${script}\0`)).stream();
  const [{ stdout }] = await Promise.all([
    child.output(),
    input.pipeTo(child.stdin),
  ]);
  const numbers = new TextDecoder().decode(stdout).trim();
  if (numbers === "") return [];
  return numbers.split("\n").map((number) => scripts[Number(number)]!);
}
