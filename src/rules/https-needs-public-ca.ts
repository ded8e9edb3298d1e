import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';
import { isAddress, isUncertified } from './uncertified-host.ts';

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
    const tls = server?.tls;
    if (tls?.host && isAddress(tls.host) && !isUncertified(tls.host)) {
      report({
        message: `Configurations are fetched over https from ${tls.host}, and few public CAs vouch for an address: the installer would refuse any other certificate.`,
        at: placeOf(tls, 'url'),
        help: 'use a name of the public DNS in server.tls.url; or silence this where the certificate is for the address',
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
  return isAddress(hostname) || isUncertified(hostname) ? hostname : undefined;
}
