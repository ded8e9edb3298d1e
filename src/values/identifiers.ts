import { createHash } from 'node:crypto';

/** A MAC address in harvgen's internal form: lower case, with colons. */
export type Mac = string;

const NO_MAC = '00:00:00:00:00:00';

/** A MAC address that already has this form, and belongs to a single NIC. */
const USUAL = /^[0-9a-f][02468ace](?::[0-9a-f]{2}){5}$/;

const FORM = /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i;

/**
 * Reads a MAC address with colons or hyphens, in upper or lower case. Returns undefined for other texts, and for addresses
 * that no single NIC has: all zeros, and multicast including broadcast (the lowest bit of the first octet is set).
 */
export function parseMac(text: string): Mac | undefined {
  if (USUAL.test(text) && text !== NO_MAC) return text;
  if (!FORM.test(text)) return undefined;
  const lower = text.toLowerCase();
  const mac = lower.includes('-') ? lower.replaceAll('-', ':') : lower;
  if (mac === NO_MAC || '13579bdf'.includes(mac.charAt(1))) return undefined;
  return mac;
}

/**
 * Reads a MAC address in any notation of other systems. Octets have colons or hyphens, and dhcpd accepts them without zeros
 * (`0:16:3e:0:0:1`), in three groups as switches print it (`5254.00aa.0101`), or as twelve digits. Returns undefined for
 * other texts, and for addresses that do not belong to one NIC.
 */
export function readMac(text: string): Mac | undefined {
  const bare = /^(?:[0-9a-f]{12}|[0-9a-f]{4}([.:-])[0-9a-f]{4}\1[0-9a-f]{4})$/i.test(text);
  const digits = bare
    ? text.replace(/[.:-]/g, '').match(/../g)
    : text.split(/[:-]/).map((octet) => octet.padStart(2, '0'));
  return parseMac(digits?.join(':') ?? '');
}

/** Returns a MAC address in the form of file names and of iPXE's `${mac:hexhyp}`: 52-54-00-aa-01-01. */
export function hyphenMac(mac: Mac): string {
  return mac.replace(/:/g, '-');
}

/** Returns a UUID derived from a text. Source: RFC 9562, version 8. */
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

/** The form of a UUID, of a serial number that firmware reports, and of the name of a NIC in Linux, as in site.schema.json. */
export const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
export const SERIAL = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/;
export const NIC_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/;

/** The name of a node by location: cabinet, chassis, slot, BMC, node. Source: Cray-HPE/hms-xname, xnametypes. */
const NODE = /^x([0-9]{1,4})c([0-7])s([0-9]{1,3})b([0-9]{1,3})n([0-9]{1,3})$/;

/** Returns an xname of a node as OpenCHAMI's services compare it: without leading zeros in its numbers. */
export function plainXname(xname: string): string {
  return xname.replace(/0*([0-9]+)/g, '$1');
}

/** Returns the xname of a node's own BMC: `x1000c1s7b0` for `x1000c1s7b0n0`. */
export function bmcXname(xname: string): string {
  return plainXname(xname).replace(/n[0-9]+$/, '');
}

/** Returns the numbers of a node's xname, starting with the cabinet; an empty list for other texts. */
export function xnameNumbers(xname: string): readonly string[] {
  return NODE.exec(plainXname(xname))?.slice(1) ?? [];
}

/** The form in the inventory schema: leading zeros in the cabinet number only. */
const INVENTORY_NODE = /^x\d{1,4}c[0-7]s(?:0|[1-9]\d{0,2})b(?:0|[1-9]\d{0,2})n(?:0|[1-9]\d{0,2})$/;

/** Whether a text is the xname of a node in the form that inventories allow. */
export function isNodeXname(xname: string): boolean {
  return INVENTORY_NODE.test(xname);
}

/** Whether an xname is that of a BMC. */
export function isBmcXname(xname: string): boolean {
  return /^x\d{1,4}c\d+s\d+b\d+$/.test(xname);
}

/** The maximum length of a Service name and of a label value. Source: Kubernetes, IsDNS1035Label and IsValidLabelValue. */
const LONGEST = 63;

/**
 * Returns the name of a site's Kubernetes objects, which is also the default namespace: `harvgen-<site>` with - for _, and
 * with a digest if the name would be too long.
 */
export function kubernetesName(site: string): string {
  const name = `harvgen-${site.replaceAll('_', '-')}`;
  if (name.length <= LONGEST) return name;
  const digest = createHash('sha256').update(site).digest('hex').slice(0, 8);
  return `${name.slice(0, LONGEST - digest.length - 1).replace(/-+$/, '')}-${digest}`;
}

/** The text allowed between the colon and the brace of `${secret:name}`. */
const NAME = /^[a-z][a-z0-9_]*$/;

/** Whether a text is a valid name of a secret. */
export function isSecretName(text: string): boolean {
  return NAME.test(text);
}

/** The prefix of environment variables with secrets. */
export const VARIABLE_PREFIX = 'HARVGEN_SECRET_';

/** Returns the name of the environment variable for a secret. */
export function variableOf(name: string): string {
  return `${VARIABLE_PREFIX}${name.toUpperCase()}`;
}
