import { ipv4Number } from './addresses.ts';

const HOST_NAME = /^(?!.{254}|.*(?:[A-Za-z0-9-]{64}|\.\.))[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/;

/** Whether a text is an IPv4 address or a host name: at most 253 characters, with at most 63 between dots. Source: RFC 1035, 2.3.4. */
export function isHost(text: string): boolean {
  return /^[0-9.]+$/.test(text) ? ipv4Number(text) !== undefined : HOST_NAME.test(text);
}

/** A reference to a value of the node in an inventory text: `${node:xname}`. */
export const NODE_VALUE = /\$\{node:([^}]*)\}/g;

/** The address of a web server. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly isHttps: boolean;
}

const SERVER = /^https?:\/\/([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::([1-9][0-9]{0,4}))?\/?$/;
const ELSEWHERE =
  /^https?:\/\/([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::([1-9][0-9]{0,4}))?(?:\/[A-Za-z0-9._~/@+-]*)?$/;

/**
 * Reads the URL of the boot server: http or https, a host, an optional port, no path. Returns undefined for other texts,
 * and for hosts that no other machine can reach: loopback and 0.0.0.0.
 */
export function parseServerUrl(text: string): ServerAddress | undefined {
  const address = parse(SERVER, text);
  return address && !/^(127\.|0\.|localhost$)/.test(address.host) ? address : undefined;
}

/** Whether a text is an http or https URL without characters that are special in a kernel command line or a script. */
export function isPlainUrl(text: string): boolean {
  return parse(ELSEWHERE, text) !== undefined;
}

/** A path that nginx serves: no part of it begins with a dot. */
const IMAGE_PATH = /^(?:[A-Za-z0-9_][A-Za-z0-9._@+-]*\/)*[A-Za-z0-9_][A-Za-z0-9._@+-]*$/;

/**
 * Whether a text is the path of a directory or file on the boot server: absolute, below the root, without `..`, and at most 255
 * characters: dnsmasq reads lines of at most 1,024 (MAXDNAME in src/config.h).
 */
export function isServerPath(text: string): boolean {
  return /^(?!.{256})\/[A-Za-z0-9_](?!.*(^|\/)\.\.(\/|$))[A-Za-z0-9._/@+-]*$/.test(text);
}

/**
 * Whether a text names a file that machines download: a path below `server.images`, or a URL, either of which may contain
 * values of the node (`${node:arch}`).
 */
export function isImage(text: string): boolean {
  const plain = text.replaceAll(NODE_VALUE, 'x');
  return isPlainUrl(plain) || IMAGE_PATH.test(plain);
}

function parse(form: RegExp, text: string): ServerAddress | undefined {
  const isHttps = text.startsWith('https:');
  const [, host = '', port = isHttps ? '443' : '80'] = form.exec(text) ?? [];
  return isHost(host) && Number(port) <= 65535
    ? { host: host.toLowerCase(), port: Number(port), isHttps }
    : undefined;
}

/** Returns the host of an http or https URL in lower case; undefined for other texts, and for a host that refers to a secret. */
export function hostOfUrl(url: string): string | undefined {
  return /^https?:\/\/(?:[^\s/?#]*@)?([a-z0-9._-]+)(?=[:/?#]|$)/i.exec(url)?.[1]?.toLowerCase();
}

/** A login, up to the last @ before the path, unless its password is a reference to a secret. */
const LOGIN = /(:\/\/)(?![^\s/:@]*:(?:\$\{secret:[^}]*\})+@)[^\s/]+(?=@)/;

/** Returns a URL for display: without its login, and without its query, which may be a signature. */
export function shownUrl(url: string): string {
  return url.replace(LOGIN, '$1***').replace(/\?.*$/s, '?***');
}

/** Returns only the server of a URL: the path of a webhook is often a password. */
export function serverOf(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/]*@)?([^\s/?#]*).*$/is, '$1$2/');
}
