/** Certificates that openssl makes for one test, in a directory of its own. */

import { assertEquals } from "../assert.ts";
import { Running } from "../harness.ts";
import { finish } from "./peers.ts";

/** A name of both loopback addresses, wherever a machine looks names up. */
export const BOTH = "both.localhost";

/** Another one, beyond ASCII. */
export const FOREIGN = "bücher.localhost";

/** What the certificates stand for. */
const NAMES =
  `DNS:localhost,DNS:${BOTH},DNS:xn--bcher-kva.localhost,IP:127.0.0.1,IP:::1`;

/** The files of one test; disposing of it removes them. */
export interface Certificates extends AsyncDisposable {
  /** The path of one of them. */
  readonly path: (name: string) => string;
  /** The options with which a server shows one of them. */
  readonly server: (name: string) => string[];
}

/** Runs openssl, which must succeed. */
export async function openssl(...args: string[]): Promise<void> {
  const { code, stderr } = await finish(new Running("openssl", args));
  assertEquals(code, 0, stderr);
}

/**
 * Makes `ca` and `other`, two authorities that do not know each other;
 * `middle`, which the first one signed; `leaf` and `expired`, which the first
 * one signed; `chain`, which `middle` signed, with it; and `self`, which nobody
 * did. Each has a key, as in `leaf.key`.
 */
export async function makeCertificates(): Promise<Certificates> {
  const directory = await Deno.makeTempDir();
  const path = (name: string) => `${directory}/${name}`;
  const make = (name: string, authority: boolean, signer?: string) =>
    openssl(
      ...["req", "-x509", "-nodes", "-subj", `/CN=${name}`, "-days", "2"],
      ...["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
      ...["-keyout", path(`${name}.key`), "-out", path(`${name}.pem`)],
      ...["-addext", `basicConstraints=critical,CA:${authority}`],
      ...(authority ? [] : ["-addext", `subjectAltName=${NAMES}`]),
      ...(signer === undefined
        ? []
        : ["-CA", path(`${signer}.pem`), "-CAkey", path(`${signer}.key`)]),
    );
  await Promise.all([
    make("ca", true),
    make("other", true),
    make("self", false),
  ]);
  await Promise.all([make("leaf", false, "ca"), make("middle", true, "ca")]);
  await make("chain", false, "middle");
  // Of openssl's commands only this one makes what is over already.
  await openssl(
    ...["x509", "-x509toreq", "-copy_extensions", "copy"],
    ...["-in", path("leaf.pem"), "-signkey", path("leaf.key")],
    ...["-out", path("expired.csr")],
  );
  await openssl(
    ...["x509", "-req", "-copy_extensions", "copy", "-days", "-1"],
    ...["-CA", path("ca.pem"), "-CAkey", path("ca.key")],
    ...["-in", path("expired.csr"), "-out", path("expired.pem")],
  );
  await Deno.copyFile(path("leaf.key"), path("expired.key"));
  const [end, middle] = await Promise.all(
    ["chain", "middle"].map((name) => Deno.readTextFile(path(`${name}.pem`))),
  );
  await Deno.writeTextFile(path("chain.pem"), `${end}${middle}`);
  return {
    path,
    server: (name) => {
      return ["--cert", path(`${name}.pem`), "--key", path(`${name}.key`)];
    },
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}
