/**
 * What differs between systems, in one table.
 *
 * @module
 */

import type { SockaddrLayout } from "../address/sockaddr.ts";

/** A system, as `Deno.build.os` names it. */
export type System = typeof Deno.build.os;

/** glibc's words for the error codes of `getaddrinfo(3)`. */
export const GAI_STRERROR = {
  EAI_ADDRFAMILY: "Address family for hostname not supported",
  EAI_AGAIN: "Temporary failure in name resolution",
  EAI_BADFLAGS: "Bad value for ai_flags",
  EAI_FAIL: "Non-recoverable failure in name resolution",
  EAI_FAMILY: "ai_family not supported",
  EAI_NODATA: "No address associated with hostname",
  EAI_NONAME: "Name or service not known",
  EAI_SERVICE: "Servname not supported for ai_socktype",
  EAI_SOCKTYPE: "ai_socktype not supported",
  EAI_SYSTEM: "System error",
} as const;

/** An error code of `getaddrinfo(3)`. */
type LookUpCode = keyof typeof GAI_STRERROR;

/** How command lines are written: for POSIX shells, or for Windows' own. */
export type Shell = "posix" | "windows";

/** What Parley has to know of a system. */
export interface Platform {
  /** `hosts(5)`. */
  readonly hostsFile: string;
  /** `services(5)`. */
  readonly servicesFile: string;
  /** `resolv.conf(5)`; `undefined` if the system keeps no such file. */
  readonly resolvConf: string | undefined;
  /** The signals that end a program, and the exit status of each. */
  readonly signals: Readonly<Partial<Record<Deno.Signal, number>>>;
  /** The signal of a terminal that is closed, and its exit status. */
  readonly hangUp: Readonly<Partial<Record<Deno.Signal, number>>>;
  /** `PIPE_BUF`: so many bytes a pipe takes whole or not at all. */
  readonly pipeBytes: number;
  /** The options that Deno sets on a listening socket, all of `SOL_SOCKET`. */
  readonly listenerOptions: readonly string[];
  /** Whether processes can share a port (`SO_REUSEPORT`). */
  readonly sharesPorts: boolean;
  /** The shells in which users type. */
  readonly shell: Shell;
  /** How socket addresses lie in memory. */
  readonly sockaddr: SockaddrLayout;
  /** What Deno writes before the system's words for a failed look-up. */
  readonly lookUpPrefix: string;
  /** The words of the system's `gai_strerror(3)`, and what they stand for. */
  readonly lookUpWords: Readonly<Record<string, LookUpCode>>;
}

const GLIBC: Readonly<Record<string, LookUpCode>> = Object.fromEntries(
  Object.entries(GAI_STRERROR).map(([code, words]) => [words, code]),
) as Record<string, LookUpCode>;

const MUSL: Readonly<Record<string, LookUpCode>> = {
  "Try again": "EAI_AGAIN",
  "Invalid flags": "EAI_BADFLAGS",
  "Non-recoverable error": "EAI_FAIL",
  "Unrecognized address family or invalid length": "EAI_FAMILY",
  "Name has no usable address": "EAI_NODATA",
  "Name does not resolve": "EAI_NONAME",
  "Unrecognized service": "EAI_SERVICE",
  "Unrecognized socket type": "EAI_SOCKTYPE",
  "System error": "EAI_SYSTEM",
};

/** Apple's, which NetBSD and older FreeBSD share. */
const BSD: Readonly<Record<string, LookUpCode>> = {
  "Address family for hostname not supported": "EAI_ADDRFAMILY",
  "Temporary failure in name resolution": "EAI_AGAIN",
  "Invalid value for ai_flags": "EAI_BADFLAGS",
  "Non-recoverable failure in name resolution": "EAI_FAIL",
  "ai_family not supported": "EAI_FAMILY",
  "No address associated with nodename": "EAI_NODATA",
  "No address associated with hostname": "EAI_NODATA",
  "nodename nor servname provided, or not known": "EAI_NONAME",
  "hostname nor servname provided, or not known": "EAI_NONAME",
  "Name does not resolve": "EAI_NONAME",
  "servname not supported for ai_socktype": "EAI_SERVICE",
  "ai_socktype not supported": "EAI_SOCKTYPE",
  "System error": "EAI_SYSTEM",
};

/** Of Windows' sockets, without the full stop at the end of a sentence. */
const WINDOWS: Readonly<Record<string, LookUpCode>> = {
  "No such host is known": "EAI_NONAME",
  [
    "This is usually a temporary error during hostname resolution and means " +
    "that the local server did not receive a response from an authoritative " +
    "server"
  ]: "EAI_AGAIN",
  "A non-recoverable error occurred during a database lookup": "EAI_FAIL",
  "The requested name is valid, but no data of the requested type was found":
    "EAI_NODATA",
  "The specified class was not found": "EAI_SERVICE",
};

const LITTLE_ENDIAN = { hasLength: false, littleEndian: true } as const;
const BSD_SOCKADDR = { hasLength: true, littleEndian: true } as const;

const UNIX: Platform = {
  hostsFile: "/etc/hosts",
  servicesFile: "/etc/services",
  resolvConf: "/etc/resolv.conf",
  signals: { SIGINT: 130, SIGTERM: 143 },
  hangUp: { SIGHUP: 129 },
  // What POSIX promises.
  pipeBytes: 512,
  listenerOptions: ["SO_REUSEADDR"],
  sharesPorts: false,
  shell: "posix",
  // Apple's.
  sockaddr: { ...BSD_SOCKADDR, inet6: 30 },
  lookUpPrefix: "failed to lookup address information: ",
  lookUpWords: BSD,
};

const LINUX: Platform = {
  ...UNIX,
  pipeBytes: 4096,
  sharesPorts: true,
  sockaddr: { ...LITTLE_ENDIAN, inet6: 10 },
  // Which C library it is does not show.
  lookUpWords: { ...MUSL, ...GLIBC },
};

const ETC = "C:\\Windows\\System32\\drivers\\etc\\";

const PLATFORMS: Readonly<Partial<Record<System, Platform>>> = {
  linux: LINUX,
  android: {
    ...LINUX,
    hostsFile: "/system/etc/hosts",
    resolvConf: undefined,
    lookUpWords: { ...BSD, ...GLIBC },
  },
  freebsd: { ...UNIX, sockaddr: { ...BSD_SOCKADDR, inet6: 28 } },
  netbsd: { ...UNIX, sockaddr: { ...BSD_SOCKADDR, inet6: 24 } },
  aix: {
    ...UNIX,
    sockaddr: { ...BSD_SOCKADDR, littleEndian: false, inet6: 24 },
  },
  solaris: { ...UNIX, sockaddr: { ...LITTLE_ENDIAN, inet6: 26 } },
  illumos: { ...UNIX, sockaddr: { ...LITTLE_ENDIAN, inet6: 26 } },
  windows: {
    hostsFile: `${ETC}hosts`,
    servicesFile: `${ETC}services`,
    resolvConf: undefined,
    // SIGBREAK is Ctrl+Break, and what services get.
    signals: { SIGINT: 130, SIGTERM: 143, SIGBREAK: 149 },
    hangUp: { SIGHUP: 129 },
    pipeBytes: 4096,
    listenerOptions: [],
    sharesPorts: false,
    shell: "windows",
    sockaddr: { ...LITTLE_ENDIAN, inet6: 23 },
    lookUpPrefix: "",
    lookUpWords: WINDOWS,
  },
};

/**
 * Describes a system.
 *
 * @param system its name
 * @returns what Parley has to know of it
 */
export function platformOf(system: System): Platform {
  return PLATFORMS[system] ?? UNIX;
}

/** The system that this process runs on. */
export const platform: Platform = platformOf(Deno.build.os);
