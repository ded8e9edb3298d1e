import { placeOf } from '../origin.ts';
import type { Rule } from './rule.ts';

/** Names that are not of the public DNS: no public CA can check whose they are. */
const PRIVATE_NAME =
  /^[^.]+$|\.(local|localdomain|localhost|lan|internal|intranet|private|home|home\.arpa|corp|test|invalid)$/;

export const httpsNeedsPublicCa: Rule = {
  code: 'https-needs-public-ca',
  severity: 'warning',
  what: 'What machines fetch over https comes from a host for which a public CA can vouch.',
  why: 'The installer verifies certificates and knows the public CAs alone: with any other it stops with "certificate signed by unknown authority" (harvester/harvester#4134, #1431).',
  check({ server, nodes = [] }, report) {
    const url = server?.media?.url;
    const host = url && !server.media?.path && privateHost(url);
    if (host) {
      report({
        message: `server.media is fetched over https from ${host}, for which no public CA vouches: iPXE and the installer would refuse its certificate.`,
        at: placeOf(server, 'media'),
        help: 'use http, whose files the sums still protect; or a name of the public DNS with a certificate of a public CA',
      });
    }
    for (const node of nodes) {
      const install = node?.os === 'harvester' ? node.said?.install : undefined;
      const isoHost = install?.iso_url && privateHost(install.iso_url);
      if (!node || !install || !isoHost) continue;
      report({
        node,
        message: `The ISO is fetched over https from ${isoHost}, for which no public CA vouches: the installer would refuse its certificate.`,
        at: placeOf(install, 'iso_url'),
        help: 'use http; or a name of the public DNS with a certificate of a public CA',
      });
    }
  },
};

/** The host of an https URL, if no public CA can vouch for it: an address, or a name of a private domain. */
function privateHost(url: string): string | undefined {
  if (!/^https:/i.test(url) || !URL.canParse(url)) return undefined;
  const { hostname } = new URL(url);
  const isAddress = hostname.startsWith('[') || /^[0-9.]+$/.test(hostname);
  return isAddress || PRIVATE_NAME.test(hostname.replace(/\.$/, '')) ? hostname : undefined;
}
