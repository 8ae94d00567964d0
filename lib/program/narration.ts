/**
 * The sentences of the C programs, one table a program.
 *
 * @module
 */

import { displayBytes, displayText } from "./display.ts";
import { type Endpoint, joinHostPort } from "../address/endpoint.ts";
import type { AddressEvent, ProgramEvent } from "../conversations/events.ts";

/** Turns events into text for stdout; `undefined` where nothing is said. */
export type Narrator = (event: ProgramEvent) => string | undefined;

/** How one program speaks. */
export interface Narration {
  /** Makes a narrator of the C program's sentences. */
  readonly narrator: () => Narrator;
  /** What `--quiet` leaves of it: the result, or the payload's own bytes. */
  readonly result: (event: ProgramEvent) => string | Uint8Array | undefined;
  /** Whether the sentences about one connection stand together. */
  readonly blocks?: boolean;
  /** What a sentence that could not be kept would have told of. */
  readonly unit?: string;
}

/** Where a browser finds a server. */
function urlOf({ address, port }: Endpoint, tls: boolean): string {
  const scheme = tls ? "https" : "http";
  const host = address.isUnspecified ? "localhost" : address;
  return `${scheme}://${joinHostPort(host, port)}/`;
}

const nothing = () => undefined;

function addressText({ address, service }: AddressEvent): string {
  return service ? address.toString() : address.address.toString();
}

function showip(): Narrator {
  let before = "";
  return (event) => {
    switch (event.event) {
      case "host": {
        const gap = before;
        before = "\n";
        const { host, canonicalName } = event;
        return `${gap}IP addresses for ${displayText(host)}:\n\n` +
          (canonicalName === undefined
            ? ""
            : `  canonical name: ${displayText(canonicalName)}\n`);
      }
      case "address": {
        const name = event.name === undefined
          ? ""
          : ` (${displayText(event.name)})`;
        return `  ${event.address.address.family}: ${
          addressText(event)
        }${name}\n`;
      }
    }
  };
}

function timeServer(event: ProgramEvent): string | undefined {
  switch (event.event) {
    case "configuring":
      return "Configuring local address...\n";
    case "creating":
      return "Creating socket...\n";
    case "binding":
      return "Binding socket to local address...\n";
    case "listening":
      return `Listening...\nOpen ${urlOf(event.address, event.tls ?? false)}\n`;
    case "waiting":
      return "Waiting for connection...\n";
    case "accepted":
      return `Client is connected... ${event.peer.address}\n`;
    case "reading":
      return "Reading request...\n";
    case "received":
      return `Received ${event.bytes} bytes.\n`;
    case "sending":
      return "Sending response...\n";
    case "sent":
      return `Sent ${event.bytes} of ${event.of} bytes.\n`;
    case "closing":
      return "Closing connection...\n";
    case "closingListener":
      return "Closing listening socket...\n";
    case "finished":
      return "Finished.\n";
  }
}

function server(event: ProgramEvent): string | undefined {
  switch (event.event) {
    case "listening":
      return `server: listening on ${event.address}\n`;
    case "waiting":
      return "server: waiting for connections...\n";
    case "accepted":
      return `server: got connection from ${event.peer.address}\n`;
  }
}

function client(event: ProgramEvent): string | undefined {
  switch (event.event) {
    case "connected":
      return `client: connecting to ${event.peer.address}\n`;
    case "message":
      return `client: received '${displayBytes(event.data)}'\n`;
  }
}

function listener(event: ProgramEvent): string | undefined {
  switch (event.event) {
    case "bound":
      return `listener: bound to ${event.address}\n`;
    case "waiting":
      return "listener: waiting to recvfrom...\n";
    case "datagram":
      return `listener: got packet from ${event.peer.address}\n` +
        `listener: packet is ${event.data.length} bytes long\n` +
        `listener: packet contains "${displayBytes(event.data)}"\n`;
  }
}

function talker(event: ProgramEvent): string | undefined {
  switch (event.event) {
    case "connected":
      return `talker: connected to ${event.peer.address}\n`;
    case "sent":
      return `talker: sent ${event.bytes} bytes to ` +
        `${displayText(event.to ?? "")}\n`;
    case "message":
      return `talker: received "${displayBytes(event.data)}"\n`;
  }
}

/** The payload of an event that carries one. */
function payload(event: ProgramEvent): Uint8Array | undefined {
  return event.event === "message" || event.event === "datagram"
    ? event.data
    : undefined;
}

/** How each program speaks. */
export const NARRATIONS = {
  showip: {
    narrator: showip,
    result: (event) =>
      event.event === "address" ? `${addressText(event)}\n` : undefined,
  },
  time_console: {
    narrator: () => (event) =>
      event.event === "time" ? `Local time is: ${event.text}\n` : undefined,
    result: (event) => event.event === "time" ? `${event.text}\n` : undefined,
  },
  time_server: {
    narrator: () => timeServer,
    result: nothing,
    blocks: true,
    unit: "connections",
  },
  server: { narrator: () => server, result: nothing, unit: "connections" },
  client: { narrator: () => client, result: payload },
  listener: { narrator: () => listener, result: payload, unit: "datagrams" },
  talker: { narrator: () => talker, result: payload },
} as const satisfies Record<string, Narration>;

/** The name of a program. */
export type ProgramName = keyof typeof NARRATIONS;
