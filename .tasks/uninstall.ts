/** Removes what `deno task install` wrote: `deno task uninstall`. */

import { attempt } from "./install/attempt.ts";
import { uninstall } from "./install/install.ts";
import { placesIn, Refusal } from "./install/places.ts";

await attempt("uninstall", async () => {
  const [arg] = Deno.args;
  if (arg !== undefined) {
    throw new Refusal(`unexpected operand ${JSON.stringify(arg)}`);
  }
  const places = placesIn((name) => Deno.env.get(name));
  const { removed, kept } = await uninstall(places);
  for (const path of kept) console.log(`kept ${path}: it was changed`);
  console.log(
    removed === 0 ? "nothing was installed" : `removed ${removed} files`,
  );
});
