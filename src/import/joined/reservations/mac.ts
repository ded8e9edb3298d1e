import { type Mac, parseMac } from '../../../values/mac.ts';

/**
 * Reads a MAC address as any of these files writes one: with colons or hyphens, without zeros in front as dhcpd takes them
 * (`0:16:3e:0:0:1`), in three pieces as switches print it (`5254.00aa.0101`), or in twelve digits. Gives undefined for
 * what is none, and for addresses that are of no one NIC.
 */
export function readMac(text: string): Mac | undefined {
  const bare = /^(?:[0-9a-f]{12}|[0-9a-f]{4}([.:-])[0-9a-f]{4}\1[0-9a-f]{4})$/i.test(text);
  const digits = bare
    ? text.replace(/[.:-]/g, '').match(/../g)
    : text.split(/[:-]/).map((octet) => octet.padStart(2, '0'));
  return parseMac(digits?.join(':') ?? '');
}
