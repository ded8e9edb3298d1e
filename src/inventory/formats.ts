import { isIPv6 } from 'node:net';
import { ipv4Number, isIpv6OrCidr, parseAddressOrCidr, parseCidr, parseRange } from '../values/addresses.ts';
import { parseMac } from '../values/identifiers.ts';
import { isImage, isPlainUrl, isServerPath, parseServerUrl } from '../values/urls.ts';

/** Formats of the schemas that a regular expression cannot check; the parser of each type checks them. */
export const FORMATS: Record<string, (text: string) => boolean> = {
  mac: (text) => parseMac(text) !== undefined,
  ipv4: (text) => ipv4Number(text) !== undefined,
  cidr: (text) => parseCidr(text) !== undefined,
  'ipv4-range': (text) => parseRange(text) !== undefined,
  'server-url': (text) => parseServerUrl(text) !== undefined,
  'https-url': (text) => parseServerUrl(text)?.isHttps === true,
  'server-path': isServerPath,
  image: (text) => isImage(text),
  'path-or-url': (text) => isServerPath(text) || isPlainUrl(text),
  'ipv4-or-cidr': (text) => parseAddressOrCidr(text) !== undefined,
  'ip-or-cidr': (text) => parseAddressOrCidr(text) !== undefined || isIpv6OrCidr(text),
  'ip-or-name': (text) =>
    (/^[\d.]+$/.test(text) ? ipv4Number(text) !== undefined : NAME.test(text)) || isIPv6(text),
};

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/;
