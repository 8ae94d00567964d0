/**
 * Service names and their ports, `services(5)`.
 *
 * @module
 */

/**
 * A socket's type: `SOCK_STREAM` or `SOCK_DGRAM` in C.
 *
 * @category Names
 */
export type SockType = "stream" | "datagram";

/** One service on one transport. */
export interface Service {
  /** Its official name and its aliases. */
  readonly names: readonly string[];
  readonly port: number;
  readonly socktype: SockType;
}

const PROTOCOLS: ReadonlyMap<string, SockType> = new Map([
  ["tcp", "stream"],
  ["udp", "datagram"],
]);

/**
 * Reads the text of a services file: a name, `port/protocol` and aliases on
 * each line, `#` beginning a comment. Other protocols than TCP and UDP, and
 * lines that are not of that form, are passed over.
 *
 * @param text the file's text
 * @returns its services, in the file's order
 */
export function parseServices(text: string): Service[] {
  const services: Service[] = [];
  for (const line of text.split("\n")) {
    const [name, where, ...aliases] = line.replace(/#.*/s, "").split(/\s+/)
      .filter((word) => word !== "");
    const match = /^(\d{1,5})\/(\w+)$/.exec(where ?? "");
    const socktype = PROTOCOLS.get(match?.[2] ?? "");
    const port = Number(match?.[1]);
    if (name === undefined || socktype === undefined || port > 65535) continue;
    services.push({ names: [name, ...aliases], port, socktype });
  }
  return services;
}

let common: readonly Service[] | undefined;

/**
 * Returns the services that programs ask for where no services file may be read.
 */
export function commonServices(): readonly Service[] {
  // Most programs start without ever asking.
  return common ??= parseServices(COMMON_SERVICES);
}

const COMMON_SERVICES = `
echo 7/tcp
echo 7/udp
discard 9/tcp sink null
discard 9/udp sink null
daytime 13/tcp
daytime 13/udp
chargen 19/tcp ttytst source
chargen 19/udp ttytst source
ftp-data 20/tcp
ftp 21/tcp
ssh 22/tcp
telnet 23/tcp
smtp 25/tcp mail
time 37/tcp timserver
time 37/udp timserver
whois 43/tcp nicname
domain 53/tcp
domain 53/udp
tftp 69/udp
gopher 70/tcp
finger 79/tcp
http 80/tcp www
kerberos 88/tcp kerberos5 krb5 kerberos-sec
kerberos 88/udp kerberos5 krb5 kerberos-sec
pop3 110/tcp pop-3
sunrpc 111/tcp portmapper
sunrpc 111/udp portmapper
auth 113/tcp authentication tap ident
nntp 119/tcp readnews untp
ntp 123/udp
imap2 143/tcp imap
snmp 161/tcp
snmp 161/udp
snmp-trap 162/tcp snmptrap
snmp-trap 162/udp snmptrap
irc 194/tcp
irc 194/udp
ldap 389/tcp
ldap 389/udp
https 443/tcp
https 443/udp
submissions 465/tcp ssmtp smtps urd
syslog 514/udp
submission 587/tcp
ldaps 636/tcp
ldaps 636/udp
domain-s 853/tcp
domain-s 853/udp
imaps 993/tcp
pop3s 995/tcp
socks 1080/tcp
openvpn 1194/tcp
openvpn 1194/udp
mysql 3306/tcp
postgresql 5432/tcp postgres
mdns 5353/udp
http-alt 8080/tcp webcache
http-alt 8080/udp
`;

/**
 * The port of a service.
 *
 * @param services where to look
 * @param name its name or an alias; the case counts, as in C
 * @param socktype the transport
 * @returns its port, or `undefined`
 */
export function findPort(
  services: readonly Service[],
  name: string,
  socktype: SockType,
): number | undefined {
  return services.find((service) =>
    service.socktype === socktype && service.names.includes(name)
  )?.port;
}

/**
 * The name of a service.
 *
 * @param services where to look
 * @param port its port
 * @param socktype the transport
 * @returns its official name, or `undefined`
 */
export function findName(
  services: readonly Service[],
  port: number,
  socktype: SockType,
): string | undefined {
  return services.find((service) =>
    service.socktype === socktype && service.port === port
  )?.names[0];
}

/**
 * The port in decimal text, leading zeros allowed.
 *
 * @param text digits and nothing else
 * @returns 0 to 65535, or `undefined`
 */
export function parsePort(text: string): number | undefined {
  if (!/^[0-9]+$/.test(text)) return undefined;
  const port = Number(text);
  return port <= 65535 ? port : undefined;
}
