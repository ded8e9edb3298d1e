import { createHash } from 'node:crypto';

/** A MAC address in the one form that harvgen uses inside: lower case, colons. */
export type Mac = string;

const NO_MAC = '00:00:00:00:00:00';

/** One that is in that form already, of one NIC. */
const USUAL = /^[0-9a-f][02468ace](?::[0-9a-f]{2}){5}$/;

const FORM = /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i;

/**
 * Reads a MAC address in colons or hyphens, upper or lower case. Gives undefined for anything else, and for addresses
 * that are of no one NIC: all zeros, and multicast (the lowest bit of the first octet), of which broadcast is one.
 */
export function parseMac(text: string): Mac | undefined {
  if (USUAL.test(text) && text !== NO_MAC) return text;
  if (!FORM.test(text)) return undefined;
  const lower = text.toLowerCase();
  const mac = lower.includes('-') ? lower.replaceAll('-', ':') : lower;
  if (mac === NO_MAC || '13579bdf'.includes(mac.charAt(1))) return undefined;
  return mac;
}

/** Gives a MAC address as file names carry it, and as iPXE prints `${mac:hexhyp}`: 52-54-00-aa-01-01. */
export function hyphenMac(mac: Mac): string {
  return mac.replace(/:/g, '-');
}

/** Gives a UUID that follows from a text. Source: RFC 9562, version 8. */
export function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/** The name of a node by its place: cabinet, chassis, slot, BMC, node. Source: Cray-HPE/hms-xname, xnametypes. */
const NODE = /^x([0-9]{1,4})c([0-7])s([0-9]{1,3})b([0-9]{1,3})n([0-9]{1,3})$/;

/** Gives an xname of a node as OpenCHAMI's services compare it: without zeros at the beginning of a number. */
export function plainXname(xname: string): string {
  return xname.replace(/0*([0-9]+)/g, '$1');
}

/** Gives the xname of the management controller that a node has by its own: `x1000c1s7b0` of `x1000c1s7b0n0`. */
export function bmcXname(xname: string): string {
  return plainXname(xname).replace(/n[0-9]+$/, '');
}

/** Gives the numbers of a node's xname, from the cabinet on; none for what is no such xname. */
export function xnameNumbers(xname: string): readonly string[] {
  return NODE.exec(plainXname(xname))?.slice(1) ?? [];
}

/** As the schema of inventories has it: without zeros in front, but in the cabinet. */
const SAID_NODE = /^x\d{1,4}c[0-7]s(?:0|[1-9]\d{0,2})b(?:0|[1-9]\d{0,2})n(?:0|[1-9]\d{0,2})$/;

/** Says whether an xname is that of a node, and may stand in an inventory. */
export function isNodeXname(xname: string): boolean {
  return SAID_NODE.test(xname);
}

/** Says whether an xname is that of a BMC. */
export function isBmcXname(xname: string): boolean {
  return /^x\d{1,4}c\d+s\d+b\d+$/.test(xname);
}

/** The longest name of a Service, and value of a label. Source: Kubernetes, IsDNS1035Label and IsValidLabelValue. */
const LONGEST = 63;

/**
 * Gives what a site's objects in Kubernetes are called, and its namespace unless another is said: `harvgen-<site>` with -
 * for _, and a digest where that is too long for a name.
 */
export function kubernetesName(site: string): string {
  const name = `harvgen-${site.replaceAll('_', '-')}`;
  if (name.length <= LONGEST) return name;
  const digest = createHash('sha256').update(site).digest('hex').slice(0, 8);
  return `${name.slice(0, LONGEST - digest.length - 1).replace(/-+$/, '')}-${digest}`;
}

/** What may stand between the colon and the brace of `${secret:name}`. */
const NAME = /^[a-z][a-z0-9_]*$/;

/** Says whether a text is the name of a secret. */
export function isSecretName(text: string): boolean {
  return NAME.test(text);
}

/** How the environment's variables for secrets begin. */
export const VARIABLE_PREFIX = 'HARVGEN_SECRET_';

/** Gives the environment's variable for a secret. */
export function variableOf(name: string): string {
  return `${VARIABLE_PREFIX}${name.toUpperCase()}`;
}
