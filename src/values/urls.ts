import { ipv4Number } from './addresses.ts';

/** A value of the node in a text of the inventory: `${node:xname}`. */
export const NODE_VALUE = /\$\{node:([^}]*)\}/g;

/** Where a web server is. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly isHttps: boolean;
}

const SERVER = /^https?:\/\/([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::([1-9][0-9]{0,4}))?\/?$/;
const ELSEWHERE =
  /^https?:\/\/([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::([1-9][0-9]{0,4}))?(?:\/[A-Za-z0-9._~/@+-]*)?$/;

/**
 * Reads the URL of the boot server: http or https, a host, perhaps a port, no path. Gives undefined where the text is
 * none, and for hosts that no other machine reaches: loopback and 0.0.0.0.
 */
export function parseServerUrl(text: string): ServerAddress | undefined {
  const address = parse(SERVER, text);
  return address && !/^(127\.|0\.|localhost$)/.test(address.host) ? address : undefined;
}

/** Says whether a text is an http or https URL without anything that a kernel line or a script would trip over. */
export function isPlainUrl(text: string): boolean {
  return parse(ELSEWHERE, text) !== undefined;
}

/** As nginx hands it out: no part of it is hidden by a dot. */
const IMAGE_PATH = /^(?:[A-Za-z0-9_][A-Za-z0-9._@+-]*\/)*[A-Za-z0-9_][A-Za-z0-9._@+-]*$/;

/** Says whether a text is the path of a folder or file on the boot server: absolute, below the root, without `..`. */
export function isServerPath(text: string): boolean {
  return /^\/[A-Za-z0-9_](?!.*(^|\/)\.\.(\/|$))[A-Za-z0-9._/@+-]*$/.test(text);
}

/**
 * Says whether a text names a file that a machine fetches: a path below `server.images`, or a URL, in which values of the
 * node may stand (`${node:arch}`).
 */
export function isImage(text: string): boolean {
  const plain = text.replaceAll(NODE_VALUE, 'x');
  return isPlainUrl(plain) || IMAGE_PATH.test(plain);
}

function parse(form: RegExp, text: string): ServerAddress | undefined {
  const isHttps = text.startsWith('https:');
  const [, host = '', port = isHttps ? '443' : '80'] = form.exec(text) ?? [];
  // What is made of digits and dots alone is meant as an address.
  const isHost = /^[0-9.]+$/.test(host) ? ipv4Number(host) !== undefined : /^[^.]+(\.[^.]+)*$/.test(host);
  return isHost && Number(port) <= 65535
    ? { host: host.toLowerCase(), port: Number(port), isHttps }
    : undefined;
}

/** A login, to the last @ before the path; one whose password is a reference to a secret is none. */
const LOGIN = /(:\/\/)(?![^\s/:@]*:(?:\$\{secret:[^}]*\})+@)[^\s/]+(?=@)/;

/** Gives a URL as it may be shown: without the login in it, and without its query, which may be a signature. */
export function shownUrl(url: string): string {
  return url.replace(LOGIN, '$1***').replace(/\?.*$/s, '?***');
}

/** Gives the server of a URL alone: the path of what is notified often is a password. */
export function serverOf(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/]*@)?([^\s/?#]*).*$/is, '$1$2/');
}
