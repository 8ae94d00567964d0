/** showip.c: prints the addresses of a host. Needs --allow-net --allow-read. */

import { AddrInfoError, getAddrInfo } from "../mod.ts";

const [host] = Deno.args;
if (host === undefined || Deno.args.length !== 1) {
  console.error("usage: showip hostname");
  Deno.exit(1);
}

let res; // the list of addresses
try {
  // AF_UNSPEC: no family in the hints asks for both
  res = await getAddrInfo(host, null, { socktype: "stream" });
} catch (error) {
  if (!(error instanceof AddrInfoError)) throw error;
  console.error(`getaddrinfo: ${error.message}`); // gai_strerror's words
  Deno.exit(2);
}

console.log(`IP addresses for ${host}:\n`);

for (const { family, addr } of res) { // p = p->ai_next
  console.log(`  ${family}: ${addr.hostname}`); // inet_ntop has been called
}
