/**
 * Shows the addresses of hosts, in the order in which to try them.
 *
 * @module
 */

import type { ProgramEvent } from "../lib/conversations/events.ts";
import { sockaddrLines } from "../lib/conversations/sockaddr_lines.ts";
import { addressText, showHost } from "../lib/conversations/show_host.ts";
import { displayText } from "../lib/program/display.ts";
import { Exit } from "../lib/program/ending.ts";
import { main } from "../lib/program/main.ts";
import { nameServer, requireHost } from "../lib/program/hosts.ts";
import { flag } from "../lib/program/options.ts";
import { service } from "../lib/program/ports.ts";
import { LOOK_UP_PERMISSIONS } from "../lib/program/common.ts";
import { defineProgram, type Program } from "../lib/program/program.ts";
import { sentences } from "../lib/program/sentences.ts";

/** @ignore */
export const program: Program = defineProgram({
  name: "showip",
  summary: "shows the addresses of hosts, in the order in which to try them",
  operands: "HOST…",
  options: {
    canonical: flag("show the canonical name first"),
    service: service("show the port of this service"),
    reverse: flag("show the name of each address"),
    bytes: flag("show each address as its struct sockaddr holds it"),
    dns: nameServer("ask this name server, and skip the hosts file"),
  },
  example: "showip localhost",
  permissions: LOOK_UP_PERMISSIONS,
  says() {
    let gap = "";
    return sentences<ProgramEvent>({
      host({ host, canonicalName: name }) {
        const title = `${gap}IP addresses for ${displayText(host)}:\n\n`;
        gap = "\n";
        return name === undefined
          ? title
          : `${title}  canonical name: ${displayText(name)}\n`;
      },
      address({ name, ...event }) {
        const reverse = name === undefined ? "" : ` (${displayText(name)})`;
        const { family } = event.address.address;
        const line = `  ${family}: ${addressText(event)}${reverse}\n`;
        return line + sockaddrLines(event);
      },
    });
  },
  results: sentences<ProgramEvent>({ address: (e) => `${addressText(e)}\n` }),
  async run({ options, operands, family, timeout, observer }) {
    const { canonical, service, reverse, bytes, dns } = options;
    for (const host of operands) {
      requireHost(
        host,
        "HOST",
        (host, port) => `showip ${port && `--service ${port} `}${host}`,
      );
    }
    let status: number = Exit.Ok;
    for (const host of operands) {
      const isFound = await showHost(host, {
        canonical,
        service,
        reverse,
        bytes,
        nameServer: dns,
        several: operands.length > 1,
        family,
        timeout,
        observer,
      });
      if (!isFound) status = Exit.Failure;
    }
    return status;
  },
});

if (import.meta.main) await main(program);
