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
  return mac.replaceAll(':', '-');
}
