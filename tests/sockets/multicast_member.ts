/** Runs in a network of its own, with an interface called party: joins and hears. */

import { listenDatagram } from "../../mod.ts";

const heard: string[] = [];
for (
  const [hostname, group, via, to] of [
    ["0.0.0.0", "239.1.2.3", "192.0.2.1", "239.1.2.3"],
    ["0.0.0.0", "239.1.2.4", "party", "239.1.2.4"],
    ["::", "ff02::1234", "party", "ff02::1234%party"],
    ["::", "ff02::1235%party", undefined, "ff02::1235%party"],
  ] as const
) {
  using member = await listenDatagram({ hostname, port: 0, loopback: true });
  using sender = await listenDatagram({ hostname, port: 0, loopback: true });
  const address = { ...member.addr, hostname: to };
  // Nobody is in the group yet: this one is lost.
  await sender.sendTo(new TextEncoder().encode("too early"), address);
  {
    await using _ = await member.join(group, via);
    await sender.sendTo(new TextEncoder().encode(group), address);
    const { data } = await member.receive({ timeout: 5_000 });
    heard.push(new TextDecoder().decode(data));
  }
  await sender.sendTo(new TextEncoder().encode("too late"), address);
  await sender.sendTo(new TextEncoder().encode("end"), {
    ...member.addr,
    hostname: hostname === "::" ? "::1" : "127.0.0.1",
  });
  const { data } = await member.receive({ timeout: 5_000 });
  heard.push(new TextDecoder().decode(data));
}
console.log(heard.join(" "));
