import { ipv4Number } from './addresses.ts';

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

/** Whether a text is the path of a directory or file on the boot server: absolute, below the root, without `..`. */
export function isServerPath(text: string): boolean {
  return /^\/[A-Za-z0-9_](?!.*(^|\/)\.\.(\/|$))[A-Za-z0-9._/@+-]*$/.test(text);
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
  // A host of only digits and dots must be an IP address.
  const isHost = /^[0-9.]+$/.test(host) ? ipv4Number(host) !== undefined : /^[^.]+(\.[^.]+)*$/.test(host);
  return isHost && Number(port) <= 65535
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
