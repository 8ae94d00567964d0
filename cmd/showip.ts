/** Shows the addresses of hosts, in the order in which to try them. */

import {
  flag,
  nameServer,
  requireText,
  service,
} from "../lib/program/options.ts";
import { defineProgram, Exit, main } from "../lib/program/program.ts";
import { showHost } from "../lib/conversations/show_host.ts";

export const program = defineProgram({
  name: "showip",
  summary: "shows the addresses of hosts, in the order in which to try them",
  operands: "HOST…",
  options: {
    canonical: flag("show the canonical name first"),
    service: service("show the port of this service"),
    reverse: flag("show the name of each address"),
    dns: nameServer("ask this server; no hosts file"),
  },
  example: "showip localhost",
  permissions: [
    "--allow-net=0.0.0.0/0:53,0.0.0.0:0",
    "--allow-read=/etc/hosts,/etc/services,/etc/resolv.conf",
    "--allow-sys=networkInterfaces",
  ],
  async run({ options, operands, family, timeout, observer }) {
    for (const host of operands) requireText(host, "HOST");
    let status: number = Exit.Ok;
    const several = operands.length > 1;
    for (const host of operands) {
      const found = await showHost(host, {
        ...options,
        nameServer: options.dns,
        family,
        timeout,
        observer,
        several,
      });
      if (!found) status = Exit.Failure;
    }
    return status;
  },
});

if (import.meta.main) await main(program);
