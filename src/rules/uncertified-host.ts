import { isPublic } from '../site/private.ts';

/** Names that are not of the public DNS: no public CA can check whose they are. */
const PRIVATE_NAME =
  /^[^.]+$|\.(local|localdomain|localhost|lan|internal|intranet|private|home|home\.arpa|corp|test|invalid)$/;

/** Says whether the host of a URL is an address, of whichever kind. */
export function isAddress(host: string): boolean {
  return host.startsWith('[') || /^[0-9.]+$/.test(host);
}

/** Says whether no public CA can vouch for a host: a private address, or a name of a private domain. */
export function isUncertified(host: string): boolean {
  return isAddress(host) ? !isPublic(host) : PRIVATE_NAME.test(host.replace(/\.$/, ''));
}
