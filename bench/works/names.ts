/** Names looked up in the DNS, IPv4 and IPv6 addresses of each. */

import {
  deno,
  freePort,
  runJson,
  Running,
  takesPart,
  until,
} from "../process.ts";
import { atLeast, type Contender, type Target, type Work } from "../work.ts";

/** The domain below which the name server knows every name. */
const DOMAIN = "bench.test";

/** Starts dnsmasq, and returns its port once it answers. */
async function startServer(stack: AsyncDisposableStack): Promise<number> {
  // It binds both, and connections that are over keep more ports of TCP taken.
  const port = freePort("tcp");
  const flags = [
    ...["keep-in-foreground", "conf-file", "no-resolv", "no-hosts"],
    ...["bind-interfaces", "listen-address=127.0.0.1", `port=${port}`],
    ...[`address=/${DOMAIN}/192.0.2.1`, `address=/${DOMAIN}/2001:db8::1`],
  ];
  const line = ["dnsmasq", ...flags.map((flag) => `--${flag}`)];
  stack.use(new Running(line, { stderr: "null" }));
  const nameServer = { ipAddr: "127.0.0.1", port };
  await until("an answer of dnsmasq", () => {
    // What is asked before it listens is lost, and would be waited for longer
    // than for dnsmasq.
    const signal = AbortSignal.timeout(200);
    return Deno.resolveDns(`ready.${DOMAIN}.`, "A", { nameServer, signal })
      .catch(() => undefined); // Who waits for it gives up in time.
  });
  return port;
}

/** Those who look up so many names at the same time. */
function names(atOnce: number, targets: readonly Target[]): Work {
  return {
    name: `names-${atOnce}`,
    title: {
      en: `names looked up, ${atOnce} at a time`,
      ko: `이름 해석, 동시에 ${atOnce}개`,
    },
    unit: { en: "# per second", ko: "초당 #회" },
    async start({ milliseconds }, stack) {
      if (!takesPart("dnsmasq")) return [];
      const port = await startServer(stack);
      const contender = (
        name: string,
        line: (...args: (string | number)[]) => string[],
      ): Contender => ({
        name,
        async measure() {
          const args = [name, port, DOMAIN, atOnce, milliseconds];
          return { value: await runJson<number>(line(...args)) };
        },
      });
      const ours = (...args: (string | number)[]) =>
        deno("bench/name_client.ts", ...args);
      const cAres = (...args: (string | number)[]) => [
        ...["node", "bench/contenders/node_names.mjs"],
        ...args.map(String),
      ];
      return [
        contender("getAddrInfo", ours),
        contender("Deno.resolveDns", ours),
        ...takesPart("node") ? [contender("c-ares (Node)", cAres)] : [],
      ];
    },
    targets,
  };
}

export const oneAtATime = names(
  1,
  atLeast([
    ["getAddrInfo", "Deno.resolveDns", 1.2],
    ["getAddrInfo", "c-ares (Node)", 0.55],
  ]),
);

export const atOnce = names(
  32,
  atLeast([
    ["getAddrInfo", "Deno.resolveDns", 1.6],
    ["getAddrInfo", "c-ares (Node)", 0.55],
  ]),
);
